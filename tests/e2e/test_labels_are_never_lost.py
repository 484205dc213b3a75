"""Labels outlive networks, tabs and other people, in a real browser."""

from typing import Any

from playwright.sync_api import BrowserContext, Page, expect

KEYPOINTS = tuple(f"k{number}" for number in range(3))
FRAMES = 10


def _saved(page: Page) -> None:
    expect(page.get_by_test_id("save-state")).to_have_text("Saved")


def _place(page: Page, x: int, y: int) -> None:
    """Place the chosen keypoint somewhere inside the image, in pixels from the middle of the canvas."""
    box = page.get_by_test_id("label-canvas").bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] / 2 + x, box["y"] + box["height"] / 2 + y)


def _open(page: Page, api: Any, frames: int = 1) -> tuple[str, list[dict[str, Any]]]:
    project = api.project(keypoints=KEYPOINTS)
    chosen = api.frames(project, frames)
    page.goto(f"/projects/{project}/label?frame={chosen[0]['id']}")
    expect(page.get_by_role("option", name="k0")).to_have_attribute("aria-selected", "true")
    _saved(page)
    return project, chosen


def _history(api: Any, project: str, frame: dict[str, Any]) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = api.get(f"/projects/{project}/frames/{frame['id']}/labels/history")["items"]
    return items


def test_thirty_edits_offline_survive_a_killed_tab_and_arrive_once(
    page: Page, api: Any, context: BrowserContext, console: Any
) -> None:
    console.expected += ["ERR_INTERNET_DISCONNECTED", "ERR_NETWORK"]
    project, frames = _open(page, api, FRAMES)
    # The labels and images of the frames ahead are fetched while the first is looked at.
    page.wait_for_load_state("networkidle")
    context.set_offline(True)
    for number in range(FRAMES):
        expect(page.get_by_test_id("position")).to_have_text(f"{number + 1} of {FRAMES}")
        for keypoint in range(len(KEYPOINTS)):
            expect(page.get_by_role("option", name=f"k{keypoint}")).to_have_attribute("aria-selected", "true")
            _place(page, 20 * keypoint, number)
        page.keyboard.press("d")
    expect(page.get_by_test_id("save-state")).to_contain_text(
        f"Offline: {FRAMES * len(KEYPOINTS)} kept in this browser"
    )
    page.close()
    context.set_offline(False)

    again = context.new_page()
    console.watch(again)
    again.goto(f"/projects/{project}/videos")
    done = lambda frame: api.get(f"/projects/{project}/frames/{frame['id']}")["labelled_points"] == len(KEYPOINTS)  # noqa: E731
    api.wait(lambda: frames if all(done(frame) for frame in frames) else [])
    for frame in frames:
        points = [change["keypoint_id"] for save in _history(api, project, frame) for change in save["changes"]]
        assert len(points) == len(set(points)) == len(KEYPOINTS)


def test_a_submitted_frame_needs_no_network_and_is_submitted_once_there_is_one(
    page: Page, api: Any, context: BrowserContext, console: Any
) -> None:
    console.expected += ["ERR_INTERNET_DISCONNECTED", "ERR_NETWORK"]
    project, (frame, _) = _open(page, api, 2)
    page.wait_for_load_state("networkidle")
    context.set_offline(True)
    _place(page, 0, 0)
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("position")).to_have_text("2 of 2")
    context.set_offline(False)
    _saved(page)
    read = api.get(f"/projects/{project}/frames/{frame['id']}")
    assert (read["state"], read["labelled_points"]) == ("submitted", 1)


def test_an_earlier_state_of_a_frame_comes_back_and_can_be_undone(page: Page, api: Any) -> None:
    project, (frame,) = _open(page, api)
    _place(page, 0, 0)
    _saved(page)
    _place(page, 30, 0)
    _saved(page)
    page.keyboard.press("y")
    panel = page.get_by_role("dialog", name="History of this frame")
    expect(panel.get_by_role("listitem")).to_have_count(2)
    panel.get_by_role("button", name="Restore").click()
    expect(panel.get_by_role("listitem")).to_have_count(3)
    assert api.get(f"/projects/{project}/frames/{frame['id']}")["labelled_points"] == 1
    page.keyboard.press("Control+z")
    expect(panel.get_by_role("listitem")).to_have_count(4)
    assert api.get(f"/projects/{project}/frames/{frame['id']}")["labelled_points"] == 2


def test_what_a_frame_cost_is_told_with_its_labels(page: Page, api: Any) -> None:
    project, _ = _open(page, api, 2)
    _place(page, 0, 0)
    _place(page, 40, 0)
    page.keyboard.press("Enter")
    _saved(page)
    (row,) = api.get(f"/projects/{project}/effort")["rows"]
    assert (row["frames"], row["points"], row["model"]) == (1, 2, None)
    assert row["clicks_per_frame"] >= 3
    assert 0 < row["total_seconds"] < 60
