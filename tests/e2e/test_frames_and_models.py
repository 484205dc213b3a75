"""From chosen frames to a trained model and a prediction, on the pages."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect


def test_frames_chosen_by_hand_appear_by_themselves(page: Page, api: Any) -> None:
    project = api.project()
    api.ready_videos(project, 1)
    page.goto(f"/projects/{project}/frames")
    page.get_by_role("button", name="Select frames").first.click()
    page.get_by_label("2026-05-01_mouse1.mp4").check()
    page.get_by_role("button", name="Continue").click()
    page.get_by_text("By hand").click()
    page.get_by_label("Frame numbers").fill("3, 7-9")
    page.get_by_role("button", name="Add 4 frames").click()
    expect(page.get_by_role("link", name="#7")).to_be_visible(timeout=60_000)
    expect(page.get_by_role("link", name="2026-05-01_mouse1.mp4")).to_have_count(4)
    page.get_by_text("Accepted", exact=True).click()
    expect(page.get_by_text("No frame matches these filters.")).to_be_visible()


def test_a_frame_number_behind_the_end_is_refused_before_it_is_sent(page: Page, api: Any) -> None:
    project = api.project()
    video = api.ready_videos(project, 1)[0]
    page.goto(f"/projects/{project}/videos?video={video['id']}")
    page.get_by_role("button", name="Select frames").click()
    page.get_by_text("By hand").click()
    page.get_by_label("Frame numbers").fill("30")
    expect(page.get_by_text("The last frame is 29.")).to_be_visible()
    expect(page.get_by_role("button", name="Add 0 frames")).to_be_disabled()


def test_training_needs_labels_first(page: Page, api: Any) -> None:
    project = api.project()
    page.goto(f"/projects/{project}/models?train=true")
    expect(page.get_by_text("Label some frames first")).to_be_visible()
    expect(page.get_by_role("button", name="Start training")).to_be_disabled()


def _start_training(page: Page, project: str, epochs: int) -> None:
    page.goto(f"/projects/{project}/models?train=true")
    page.get_by_label("Name", exact=True).fill("first try")
    page.get_by_role("button", name="Advanced").click()
    page.get_by_role("combobox", name="Weights to begin with").click()
    page.get_by_role("option", name="None").click()
    for label, value in (("Epochs", epochs), ("Image height (px)", 64), ("Image width (px)", 64)):
        page.get_by_label(label).fill(str(value))
    page.get_by_role("button", name="Start training").click()
    expect(page.get_by_role("heading", name="first try")).to_be_visible()


@pytest.mark.slow
def test_a_model_is_trained_and_predicts_a_video(page: Page, api: Any) -> None:
    project = api.project()
    api.label(project, api.frames(project))
    _start_training(page, project, 4)
    expect(page.get_by_text("Ready", exact=True)).to_be_visible(timeout=150_000)
    expect(page.get_by_role("img", name="Loss and validation error by epoch")).to_be_visible()
    page.get_by_role("tab", name="Errors").click()
    expect(page.get_by_role("cell", name="left paw")).to_be_visible()
    page.get_by_role("link", name="Predictions").first.click()
    page.get_by_role("button", name="Run 2026-05-01_mouse1.mp4 with first try").click()
    page.get_by_role("button", name="Run 1 prediction").click()
    expect(page.get_by_role("link", name="View 2026-05-01_mouse1.mp4 with first try")).to_be_visible(timeout=120_000)
    page.get_by_role("button", name="Download").click()
    page.get_by_label("Plain CSV").check()
    page.get_by_role("button", name="Prepare download").click()
    link = page.get_by_role("dialog").get_by_role("link").first
    expect(link).to_be_visible(timeout=60_000)
    with page.expect_download() as download:
        link.click()
    assert download.value.path().stat().st_size > 0


@pytest.mark.slow
def test_a_training_is_cancelled_from_its_page(page: Page, api: Any) -> None:
    project = api.project()
    api.label(project, api.frames(project))
    _start_training(page, project, 4000)
    page.get_by_role("button", name="Cancel training").click(timeout=60_000)
    expect(page.get_by_text("Cancelled", exact=True)).to_be_visible(timeout=90_000)
    page.get_by_role("link", name="Jobs").first.click()
    page.get_by_role("row").filter(has_text="first try").click()
    expect(page.get_by_role("dialog").get_by_text("Cancelled", exact=True)).to_be_visible()
