"""What the label page offers beyond placing points, in a real browser."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

KEYPOINTS = ("nose", "left ear", "right ear")


def _open(page: Page, api: Any, frames: int = 3) -> tuple[str, list[dict[str, Any]]]:
    project = api.project(keypoints=KEYPOINTS)
    chosen = api.frames(project, frames)
    page.goto(f"/projects/{project}/label?frame={chosen[0]['id']}")
    expect(page.get_by_role("option", name="nose")).to_have_attribute("aria-selected", "true")
    return project, chosen


def _place(page: Page, x: int, y: int) -> None:
    box = page.get_by_test_id("label-canvas").bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] / 2 + x, box["y"] + box["height"] / 2 + y)


def _labels(api: Any, project: str, frame: dict[str, Any]) -> list[dict[str, Any]]:
    points: list[dict[str, Any]] = api.get(f"/projects/{project}/frames/{frame['id']}/labels")["points"]
    return points


def _saved(page: Page) -> None:
    expect(page.get_by_test_id("save-state")).to_have_text("Saved")


def test_a_frame_is_labelled_and_submitted_with_the_keyboard_alone(page: Page, api: Any) -> None:
    project, (frame, *_) = _open(page, api)
    for key in ("g", "ArrowRight", "Shift+ArrowDown", "g", "x", "Enter"):
        page.keyboard.press(key)
    expect(page.get_by_test_id("position")).to_have_text("2 of 3")
    _saved(page)
    assert sorted(point["state"] for point in _labels(api, project, frame)) == ["absent", "visible", "visible"]
    assert api.get(f"/projects/{project}/frames/{frame['id']}")["state"] == "submitted"


def test_a_pose_is_copied_from_the_frame_before_and_moved_as_a_whole(page: Page, api: Any) -> None:
    project, (first, second, _) = _open(page, api)
    for x in (0, 20, 40):
        _place(page, x, x)
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("position")).to_have_text("2 of 3")
    expect(page.get_by_role("option", name="nose")).to_have_attribute("aria-selected", "true")
    page.keyboard.press("c")
    page.keyboard.press("Control+ArrowLeft")
    _saved(page)
    before = {point["keypoint_id"]: point["x"] for point in _labels(api, project, first)}
    after = {point["keypoint_id"]: point["x"] for point in _labels(api, project, second)}
    assert after == {keypoint: pytest.approx(x - 1) for keypoint, x in before.items()}


def test_one_keypoint_is_placed_through_many_frames(page: Page, api: Any) -> None:
    project, frames = _open(page, api)
    page.keyboard.press("m")
    page.keyboard.press("2")
    for number, _frame in enumerate(frames):
        expect(page.get_by_test_id("position")).to_have_text(f"{number + 1} of 3")
        expect(page.get_by_role("option", name="left ear")).to_have_attribute("aria-selected", "true")
        _place(page, 10 * number, 0)
    _saved(page)
    assert [len(_labels(api, project, frame)) for frame in frames] == [1, 1, 1]
    assert len({_labels(api, project, frame)[0]["keypoint_id"] for frame in frames}) == 1


def test_a_key_can_be_changed_and_is_remembered(page: Page, api: Any) -> None:
    _open(page, api)
    page.keyboard.press("?")
    page.get_by_role("button", name="Change the key of: Next frame", exact=True).click()
    page.keyboard.press("j")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog", name="Keys")).to_be_hidden()
    page.reload()
    expect(page.get_by_test_id("position")).to_have_text("1 of 3")
    page.keyboard.press("d")
    page.keyboard.press("j")
    expect(page.get_by_test_id("position")).to_have_text("2 of 3")


def test_a_second_animal_is_added_named_and_labelled(page: Page, api: Any) -> None:
    project, (frame, *_) = _open(page, api)
    _place(page, 0, 0)
    page.get_by_role("button", name="Add an animal").click()
    page.get_by_label("Name of the new animal").fill("white")
    page.keyboard.press("Enter")
    expect(page.get_by_role("combobox", name="Animal")).to_have_value("white")
    _place(page, 30, 20)
    page.keyboard.press("w")
    expect(page.get_by_role("combobox", name="Animal")).to_have_value("animal")
    _saved(page)
    points = _labels(api, project, frame)
    assert len({point["individual_id"] for point in points}) == 2
    assert len({point["keypoint_id"] for point in points}) == 1


def test_a_skeleton_is_drawn_on_a_frame(page: Page, api: Any) -> None:
    project = api.project(keypoints=())
    page.goto(f"/projects/{project}/settings/skeleton")
    canvas = page.get_by_test_id("skeleton-canvas")
    expect(canvas).to_be_visible()
    box = canvas.bounding_box()
    assert box is not None
    middle = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.click(middle[0] - 80, middle[1])
    name = page.get_by_label("Name of the chosen keypoint")
    name.fill("left ear")
    page.get_by_role("button", name="Add right ear").click()
    expect(name).to_have_value("right ear")
    page.keyboard.press("Escape")
    page.mouse.move(middle[0] - 80, middle[1])
    page.mouse.down()
    page.mouse.move(middle[0], middle[1] + 5)
    page.mouse.move(middle[0] + 80, middle[1])
    page.mouse.up()
    page.get_by_role("button", name="Save skeleton").click()
    expect(page.get_by_text("Skeleton saved.")).to_be_visible()
    skeleton = api.get(f"/projects/{project}/skeleton")
    assert {one["name"]: one["partner"] for one in skeleton["keypoints"]} == {
        "left ear": "right ear",
        "right ear": "left ear",
    }
    assert [sorted(edge) for edge in skeleton["edges"]] == [["left ear", "right ear"]]
