"""Labelling in a real browser: what is clicked and typed is what the server keeps."""

from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

WIDTH, HEIGHT, MARGIN = 96, 64, 12


def _open(page: Page, api: Any, frames: int = 2) -> tuple[str, list[dict[str, Any]]]:
    project = api.project()
    chosen = api.frames(project, frames)
    page.goto(f"/projects/{project}/label?frame={chosen[0]['id']}")
    expect(page.get_by_test_id("position")).to_have_text(f"1 of {frames}")
    expect(page.get_by_role("option", name="nose")).to_have_attribute("aria-selected", "true")
    return project, chosen


def _on_screen(page: Page, x: float, y: float) -> tuple[float, float]:
    """Where an image point lies on the screen while the whole image is shown."""
    box = page.get_by_test_id("label-canvas").bounding_box()
    assert box is not None
    zoom = min((box["width"] - 2 * MARGIN) / WIDTH, (box["height"] - 2 * MARGIN) / HEIGHT)
    left, top = (box["width"] - WIDTH * zoom) / 2, (box["height"] - HEIGHT * zoom) / 2
    return box["x"] + left + (x + 0.5) * zoom, box["y"] + top + (y + 0.5) * zoom


def _click(page: Page, x: float, y: float) -> None:
    page.mouse.click(*_on_screen(page, x, y))


def _saved(page: Page) -> None:
    expect(page.get_by_test_id("save-state")).to_have_text("Saved")


def _labels(api: Any, project: str, frame: dict[str, Any]) -> dict[str, tuple[Any, Any, str]]:
    """By the keypoint's name: x, y and state, as the server has them."""
    names = {one["id"]: one["name"] for one in api.get(f"/projects/{project}/skeleton")["keypoints"]}
    points = api.get(f"/projects/{project}/frames/{frame['id']}/labels")["points"]
    return {names[p["keypoint_id"]]: (p["x"], p["y"], p["state"]) for p in points}


def test_clicks_place_one_keypoint_after_the_other_and_keys_give_states(page: Page, api: Any) -> None:
    project, (frame, _) = _open(page, api)
    _click(page, 20, 28)
    _click(page, 30.5, 31.25)
    page.keyboard.press("x")
    page.keyboard.press("2")
    page.keyboard.press("o")
    page.keyboard.press("ArrowRight")
    _saved(page)
    labels = _labels(api, project, frame)
    assert labels["nose"] == (pytest.approx(20, abs=0.2), pytest.approx(28, abs=0.2), "visible")
    assert labels["left paw"] == (pytest.approx(31.5, abs=0.2), pytest.approx(31.25, abs=0.2), "occluded")
    assert labels["right paw"] == (None, None, "absent")
    page.reload()
    expect(page.get_by_role("option", name="right paw")).to_contain_text("absent")
    expect(page.get_by_role("option", name="left paw")).to_contain_text("occluded")


def test_a_drag_moves_a_point_and_undo_brings_it_back(page: Page, api: Any) -> None:
    project, (frame, _) = _open(page, api)
    _click(page, 20, 28)
    page.mouse.move(*_on_screen(page, 20, 28))
    page.mouse.down()
    page.mouse.move(*_on_screen(page, 40, 20), steps=5)
    page.mouse.up()
    _saved(page)
    assert _labels(api, project, frame)["nose"][:2] == (pytest.approx(40, abs=0.2), pytest.approx(20, abs=0.2))
    page.keyboard.press("Control+z")
    _saved(page)
    assert _labels(api, project, frame)["nose"][:2] == (pytest.approx(20, abs=0.2), pytest.approx(28, abs=0.2))
    page.keyboard.press("Control+z")
    page.keyboard.press("Control+Shift+z")
    _saved(page)
    assert list(_labels(api, project, frame)) == ["nose"]


def test_enter_submits_the_frame_and_opens_the_next(page: Page, api: Any) -> None:
    project, (frame, _) = _open(page, api)
    _click(page, 20, 28)
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("position")).to_have_text("2 of 2")
    expect(page.get_by_role("navigation", name="Frames").get_by_text("submitted")).to_be_visible()
    state = lambda: api.get(f"/projects/{project}/frames/{frame['id']}")["state"]  # noqa: E731
    api.wait(lambda: [state()] if state() == "submitted" else [])
    assert list(_labels(api, project, frame)) == ["nose"]


def test_edits_made_offline_are_kept_and_saved_once_the_network_is_back(
    page: Page, api: Any, context: BrowserContext, console: Any
) -> None:
    console.expected += ["net::ERR_INTERNET_DISCONNECTED", "ERR_NETWORK"]
    project, (frame, _) = _open(page, api)
    context.set_offline(True)
    _click(page, 20, 28)
    _click(page, 50, 30)
    expect(page.get_by_test_id("save-state")).to_contain_text("Offline: 2 kept in this browser")
    context.set_offline(False)
    _saved(page)
    assert set(_labels(api, project, frame)) == {"nose", "left paw"}


def _someone_else(api: Any, project: str, frame: dict[str, Any], keypoint: str) -> None:
    ids = {one["name"]: one["id"] for one in api.get(f"/projects/{project}/skeleton")["keypoints"]}
    animal = api.get(f"/projects/{project}/individuals")["items"][0]["id"]
    point = {"individual_id": animal, "keypoint_id": ids[keypoint], "x": 5.0, "y": 6.0, "state": "visible"}
    api.patch(f"/projects/{project}/frames/{frame['id']}/labels", {"changes": [point]}, **{"If-Match": '"v0"'})


def test_two_people_on_different_keypoints_of_a_frame_keep_both(page: Page, api: Any, console: Any) -> None:
    console.expected += ["412"]
    project, (frame, _) = _open(page, api)
    _someone_else(api, project, frame, "right paw")
    _click(page, 20, 28)
    _saved(page)
    assert set(_labels(api, project, frame)) == {"nose", "right paw"}


def test_two_people_on_one_keypoint_are_asked(page: Page, api: Any, console: Any) -> None:
    console.expected += ["412"]
    project, (frame, _) = _open(page, api)
    _someone_else(api, project, frame, "nose")
    _click(page, 20, 28)
    page.get_by_role("button", name="Take theirs").click()
    _saved(page)
    assert _labels(api, project, frame)["nose"] == (5.0, 6.0, "visible")


def test_the_key_sheet_lists_every_action(page: Page, api: Any) -> None:
    _open(page, api)
    page.keyboard.press("?")
    sheet = page.get_by_role("dialog", name="Keys")
    expect(sheet.get_by_text("Undo, across frames")).to_be_visible()
    page.keyboard.press("Escape")
    expect(sheet).to_be_hidden()


def test_a_project_without_frames_says_what_to_do(page: Page, api: Any) -> None:
    project = api.project()
    page.goto(f"/projects/{project}/label")
    expect(page.get_by_text("Nothing to label here")).to_be_visible()
    page.get_by_role("button", name="Choose frames").click()
    expect(page).to_have_url(f"{page.url.split('/projects')[0]}/projects/{project}/frames")
