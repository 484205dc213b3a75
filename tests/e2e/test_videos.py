"""Videos: two ways in, what is told about them, and what can be done with many."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, Route, expect


def test_an_upload_goes_on_while_other_pages_are_looked_at(
    page: Page, api: Any, hold: Any, draw_video: Callable[..., Path], tmp_path: Path
) -> None:
    project = api.project()
    release = hold("**/api/v1/blobs/parts/**")
    page.goto(f"/projects/{project}/videos")
    with page.expect_request("**/api/v1/blobs/parts/**"):
        page.get_by_test_id("video-files").first.set_input_files(draw_video(tmp_path / "monday.mp4"))
    expect(page.get_by_role("region", name="Uploads")).to_contain_text("monday.mp4")
    page.get_by_role("link", name="Jobs").first.click()
    expect(page.get_by_role("heading", name="Jobs")).to_be_visible()
    expect(page.get_by_role("region", name="Uploads")).to_contain_text("Uploading 1 file")
    release()
    page.get_by_role("link", name="Videos").first.click()
    row = page.get_by_role("row").filter(has_text="monday.mp4")
    expect(row).to_contain_text("Ready", timeout=60_000)
    expect(row).to_contain_text("96 × 64")


def test_a_broken_connection_only_delays_an_upload(
    page: Page, api: Any, console: Any, draw_video: Callable[..., Path], tmp_path: Path
) -> None:
    console.expected.append("ERR_FAILED|net::")
    project = api.project()
    tries: list[str] = []

    def first_time_broken(route: Route) -> None:
        tries.append(route.request.url)
        if len(tries) == 1:
            route.abort()
        else:
            route.continue_()

    page.route("**/api/v1/blobs/parts/**", first_time_broken)
    page.goto(f"/projects/{project}/videos")
    page.get_by_test_id("video-files").first.set_input_files(draw_video(tmp_path / "tuesday.mp4"))
    expect(page.get_by_role("row").filter(has_text="tuesday.mp4")).to_contain_text("Ready", timeout=60_000)
    assert len(tries) == 2


def test_a_file_that_is_no_video_is_rejected_with_the_reason(page: Page, api: Any, tmp_path: Path) -> None:
    project = api.project()
    (tmp_path / "notes.mp4").write_text("not a video")
    page.goto(f"/projects/{project}/videos")
    page.get_by_test_id("video-files").first.set_input_files(tmp_path / "notes.mp4")
    row = page.get_by_role("row").filter(has_text="notes.mp4")
    expect(row).to_contain_text("Rejected", timeout=60_000)
    row.click()
    expect(page.get_by_text("This video cannot be used")).to_be_visible()


def test_videos_of_a_folder_are_registered_in_place(page: Page, api: Any) -> None:
    project = api.project()
    page.goto(f"/projects/{project}/videos")
    page.get_by_role("button", name="Add videos").first.click()
    page.get_by_role("menuitem", name="From a folder of the server").click()
    page.get_by_role("button", name="cohort A").click()
    page.get_by_label("All 2 files here").check()
    page.get_by_role("button", name="Register 2 videos").click()
    expect(page.get_by_role("row").filter(has_text="Ready")).to_have_count(2, timeout=60_000)
    expect(page.get_by_role("row").filter(has_text="in place")).to_have_count(2)


def test_a_pattern_for_file_names_is_tried_while_it_is_typed(page: Page, api: Any) -> None:
    project = api.project()
    api.ready_videos(project, 2)
    page.goto(f"/projects/{project}/videos?open=pattern")
    page.get_by_label("Pattern", exact=True).fill("{session}_{animal}")
    expect(page.get_by_role("cell", name="mouse1", exact=True)).to_be_visible()
    expect(page.get_by_role("cell", name="2026-05-02", exact=True)).to_be_visible()
    page.get_by_label("Pattern", exact=True).fill("{session}-without-match")
    expect(page.get_by_text("does not match: named by its file")).to_have_count(2)


def test_the_filter_of_the_list_stands_in_the_address(page: Page, api: Any) -> None:
    project = api.project()
    api.ready_videos(project, 1)
    page.goto(f"/projects/{project}/videos")
    page.get_by_text("Rejected", exact=True).click()
    expect(page.get_by_text("No video matches these filters.")).to_be_visible()
    assert "state=rejected" in page.url
    page.reload()
    expect(page.get_by_text("No video matches these filters.")).to_be_visible()


def test_deleted_videos_lie_in_the_trash_and_come_back(page: Page, api: Any) -> None:
    project = api.project()
    api.ready_videos(project, 2)
    page.goto(f"/projects/{project}/videos")
    page.get_by_label("Select all rows").check()
    page.get_by_role("button", name="Delete").click()
    page.get_by_role("button", name="Move to trash").click()
    expect(page.get_by_text("Drop videos anywhere on this page")).to_be_visible()
    page.goto(f"/projects/{project}/settings/trash")
    page.get_by_role("button", name="Bring back").first.click()
    expect(page.get_by_role("button", name="Bring back")).to_have_count(1)
    page.goto(f"/projects/{project}/videos")
    expect(page.get_by_role("row").filter(has_text="Ready")).to_have_count(1)


def test_a_ready_video_plays_in_its_drawer(page: Page, api: Any) -> None:
    project = api.project()
    video = api.ready_videos(project, 1)[0]
    page.goto(f"/projects/{project}/videos?video={video['id']}")
    player = page.locator("video")
    expect(player).to_be_visible(timeout=60_000)
    page.wait_for_function("() => document.querySelector('video').readyState >= 1")
    assert player.evaluate("video => Math.round(video.duration * 30)") == 30


def test_a_crop_is_drawn_on_the_video_changed_by_numbers_and_keys_and_cleared(page: Page, api: Any) -> None:
    project = api.project()
    video = api.ready_videos(project, 1)[0]
    page.goto(f"/projects/{project}/videos?video={video['id']}")
    page.get_by_role("button", name="Crop").click()
    dialog = page.get_by_role("dialog", name="Crop of this video")
    canvas = dialog.get_by_test_id("crop-canvas")
    expect(canvas).to_be_visible(timeout=60_000)
    box = canvas.bounding_box()
    assert box is not None
    # The 96 x 64 frame is fitted into the canvas; from one place of it to another.
    scale = min((box["width"] - 24) / 96, (box["height"] - 24) / 64)
    left, top = box["x"] + (box["width"] - 96 * scale) / 2, box["y"] + (box["height"] - 64 * scale) / 2
    page.mouse.move(left + 10 * scale, top + 8 * scale)
    page.mouse.down()
    page.mouse.move(left + 70 * scale, top + 56 * scale, steps=5)
    page.mouse.up()
    expect(dialog.get_by_label("Left")).to_have_value("10 px")
    expect(dialog.get_by_label("Height")).to_have_value("48 px")
    dialog.get_by_label("Width").fill("20")
    expect(dialog.get_by_role("alert")).to_have_text("The crop is at least 32 × 32 pixels.")
    expect(dialog.get_by_role("button", name="Save crop")).to_be_disabled()
    dialog.get_by_label("Width").fill("50")
    canvas.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Shift+ArrowUp")
    dialog.get_by_role("button", name="Save crop").click()
    expect(dialog).to_be_hidden()
    expect(page.get_by_text("50 × 48 px from left 11, top 0")).to_be_visible()
    page.get_by_role("button", name="Change crop").click()
    dialog.get_by_role("button", name="Whole frame").click()
    dialog.get_by_role("button", name="Save crop").click()
    expect(dialog).to_be_hidden()
    assert api.get(f"/projects/{project}/videos/{video['id']}")["crop"] is None
