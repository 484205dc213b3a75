"""The Diagnostics page: from a trained model to its errors, its predicted videos, and how models compare."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

SPEC = {
    "backbone": "compact", "weights": "none", "image_height": 64, "image_width": 64, "head_width": 8, "epochs": 3,
    "batch_size": 4, "validate_every": 1, "split": {"method": "random", "validation": 0.2, "test": 0.3},
}  # fmt: skip


def _train(api: Any, project: str, name: str, seed: int) -> dict[str, Any]:
    spec = SPEC | {"seed": seed}
    model = api.post(f"/projects/{project}/models", {"name": name, "preset": "fast", "spec": spec})["model"]

    def ready() -> list[dict[str, Any]]:
        now = api.get(f"/projects/{project}/models/{model['id']}")
        assert now["state"] not in ("failed", "cancelled"), now
        return [now] if now["state"] == "ready" else []

    return api.wait(ready, 240)[0]


def test_a_project_without_a_model_says_what_the_page_is_for(page: Page, api: Any) -> None:
    page.goto(f"/projects/{api.project()}/diagnostics")
    expect(page.get_by_text("When a model is trained, this page tells where it is right")).to_be_visible()
    expect(page.get_by_role("link", name="Go to models")).to_be_visible()


def test_the_page_shows_that_it_waits_and_what_failed(
    page: Page, api: Any, console: Any, hold: Callable[[str], Callable[[], None]]
) -> None:
    console.expected = ["500"]
    project = api.project()
    release = hold("**/models?*")
    page.goto(f"/projects/{project}/diagnostics")
    expect(page.get_by_test_id("skeleton")).to_be_attached()
    release()
    expect(page.get_by_role("link", name="Go to models")).to_be_visible()
    page.route("**/models?*", lambda route: route.fulfill(status=500, body="{}"))
    page.reload()
    expect(page.get_by_role("button", name="Try again")).to_be_visible()


@pytest.mark.slow
def test_errors_of_a_model_are_measured_shown_and_lead_to_the_frames(page: Page, api: Any) -> None:
    project = api.project()
    # With one more the worker would first train a network for pre-labels.
    frames = api.frames(project, 9)
    api.label(project, frames)
    first, second = _train(api, project, "first", 0), _train(api, project, "second", 1)
    video = frames[0]["video"]["id"]
    api.post(f"/projects/{project}/predictions", {"model_id": first["id"], "video_ids": [video]})

    page.goto(f"/projects/{project}/diagnostics?model={first['id']}")
    page.get_by_role("button", name="Measure errors").click()
    errors = page.get_by_role("region", name="Errors on labelled frames")
    expect(errors).to_be_visible(timeout=120_000)
    expect(errors.get_by_text("points in 3 frames")).to_be_visible()
    plot = errors.get_by_role("img", name="Errors by keypoint")
    expect(plot.get_by_text("left paw", exact=True)).to_be_visible()
    expect(plot.get_by_text("Euclidean error (px)")).to_be_visible()
    errors.get_by_text("% of body length", exact=True).click()
    expect(plot.get_by_text("Euclidean error (% of body length)")).to_be_visible()
    errors.get_by_text("All", exact=True).click()
    expect(errors.get_by_text("points in 9 frames")).to_be_visible()
    expect(page).to_have_url(re.compile(r"set=all.*unit=percent|unit=percent.*set=all"))
    expect(errors.get_by_role("table", name="Errors by Recording")).to_be_visible()
    expect(errors.get_by_role("img", name="Share of close points by likelihood")).to_be_visible()

    videos = page.get_by_role("region", name="Predicted videos")
    expect(videos.get_by_role("button", name="2026-05-01_mouse1.mp4")).to_be_visible(timeout=120_000)
    expect(videos.get_by_role("img", name="Temporal norm by frame")).to_be_visible()
    expect(videos.get_by_role("table", name="Worst frames of the video").get_by_role("link").first).to_be_visible()

    api.post(f"/projects/{project}/models/{second['id']}/evaluate", {"split": "current"})
    _wait_until_measured(api, project, second["id"])
    compared = page.get_by_role("region", name="Models compared")
    compared.get_by_role("combobox", name="Models to compare").click()
    for name in ("first", "second"):
        page.get_by_role("option", name=name).click()
    page.keyboard.press("Escape")
    compared.get_by_role("button", name="Compare").click()
    expect(compared.get_by_role("img", name="Error against spread of the models")).to_be_visible(timeout=60_000)
    expect(compared.get_by_text("Fewer than five trainings")).to_be_visible()

    errors.get_by_role("table", name="Worst frames").get_by_role("link").first.click()
    expect(page).to_have_url(re.compile(r"/label\?.*frame="))
    expect(page.get_by_text("left paw").first).to_be_visible()


def _wait_until_measured(api: Any, project: str, model: str) -> None:
    path = f"/projects/{project}/models/{model}/evaluation"
    api.wait(lambda: [found] if (found := api.get(path)["evaluation"]) else [], 120)
