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


def _state(api: Any, project: str, frame: dict[str, Any]) -> Any:
    return api.get(f"/projects/{project}/frames/{frame['id']}")


def test_a_frame_is_skipped_with_a_reason_by_two_keys(page: Page, api: Any) -> None:
    project, (frame, *_) = _open(page, api)
    page.keyboard.press("s")
    expect(page.get_by_role("dialog", name="Skip this frame")).to_be_visible()
    page.keyboard.press("1")
    expect(page.get_by_test_id("position")).to_have_text("2 of 3")
    expect(page.get_by_role("navigation", name="Frames").get_by_text("skipped")).to_be_visible()
    api.wait(lambda: [frame] if _state(api, project, frame)["skipped"] == "It is blurred." else [])
    page.keyboard.press("a")
    expect(page.get_by_role("alert")).to_contain_text("It is blurred.")


def test_a_reviewer_accepts_and_returns_frames_by_keys(page: Page, api: Any) -> None:
    project, (good, bad, _) = _open(page, api)
    for number in (2, 3):
        _place(page, 0, 0)
        page.keyboard.press("Enter")
        expect(page.get_by_test_id("position")).to_have_text(f"{number} of 3")
    _saved(page)
    page.goto(f"/projects/{project}/label?frame={good['id']}")
    expect(page.get_by_role("group", name="Review")).to_be_visible()
    page.keyboard.press("Shift+Enter")
    expect(page.get_by_test_id("position")).to_have_text("2 of 3")
    page.keyboard.press("Shift+Backspace")
    page.get_by_label("What should be done?").fill("The ear is the other one.")
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("position")).to_have_text("3 of 3")
    _saved(page)
    api.wait(lambda: [good] if _state(api, project, good)["state"] == "accepted" else [])
    returned = api.wait(lambda: [one] if (one := _state(api, project, bad))["note"] else [])
    assert (returned[0]["state"], returned[0]["note"]) == ("draft", "The ear is the other one.")


def test_a_second_persons_points_are_their_own_and_are_compared(page: Page, api: Any) -> None:
    project, (frame, *_) = _open(page, api)
    _place(page, 0, 0)
    _saved(page)
    me = api.get("/me")["user"]["id"]
    api.post(f"/projects/{project}/frames/assign", {"assignee": me, "frame_ids": [frame["id"]], "second": True})
    page.goto(f"/projects/{project}/label?frame={frame['id']}")
    page.get_by_role("button", name="Label as second person").click()
    expect(page.get_by_test_id("position")).to_have_text("1 of 1")
    expect(page.get_by_role("option", name="nose")).to_have_attribute("data-state", "empty")
    _place(page, 30, 0)
    _saved(page)
    assert len(_labels(api, project, frame)) == 1
    page.get_by_role("button", name="My own points, as second person").click()
    page.get_by_role("button", name="Compare with the second person").click()
    expect(page.get_by_role("option", name="nose")).to_contain_text("px")


LIT = """([x, y]) => {
  const canvas = document.querySelector('[data-testid=label-canvas] canvas');
  const zoom = Math.min((canvas.clientWidth - 24) / 96, (canvas.clientHeight - 24) / 64);
  const at = (value, size, screen) => Math.round((screen - size * zoom) / 2 + (value + 0.5) * zoom);
  const place = [at(x, 96, canvas.clientWidth), at(y, 64, canvas.clientHeight)];
  return canvas.getContext('2d').getImageData(...place, 1, 1).data[0] > 120;
}"""


def test_the_film_is_looked_at_beyond_the_frames_that_are_stored(page: Page, api: Any, console: Any) -> None:
    # What this test itself does to see the picture.
    console.expected.append("Canvas2D: Multiple readback operations")
    _, (frame, *_) = _open(page, api)
    # The square moves 2 px a frame; this place is dark until the ninth frame after.
    place = [frame["frame_index"] * 2 + 16 + 16, 28]
    assert not page.evaluate(LIT, place)
    for _ in range(12):
        page.keyboard.press(".")
    expect(page.get_by_role("group", name="Neighbouring frames").get_by_role("status")).to_have_text("+12")
    page.wait_for_function(LIT, arg=place)
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("position")).to_have_text("2 of 3")


def test_what_labels_bring_is_shown_on_the_page(page: Page, api: Any) -> None:
    _open(page, api)
    page.keyboard.press("i")
    expect(page.get_by_role("dialog", name="What the labels bring")).to_contain_text("The first round tells")


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
