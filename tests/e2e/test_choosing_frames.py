"""Frames are looked at before they are added, and the queue tells about itself."""

import re
from typing import Any

from playwright.sync_api import Page, expect


def test_a_selection_is_previewed_changed_and_then_added(page: Page, api: Any) -> None:
    project = api.project()
    api.ready_videos(project, 1)
    page.goto(f"/projects/{project}/frames")
    page.get_by_role("button", name="Select frames").first.click()
    page.get_by_label("2026-05-01_mouse1.mp4").check()
    page.get_by_role("button", name="Continue").click()
    page.get_by_label("Frames", exact=True).fill("4")
    page.get_by_label("Only these parts").fill("0-9, 15-29")
    page.get_by_role("button", name="Preview").click()
    expect(page.get_by_role("img", name=re.compile(r"^Frame \d+$"))).to_have_count(4, timeout=60_000)
    expect(page.get_by_role("img", name="Frames by how they look")).to_be_visible()
    page.get_by_role("button", name=re.compile("^Remove frame")).first.click()
    replaced = page.get_by_role("button", name=re.compile("^Replace frame")).first
    number = str(replaced.get_attribute("aria-label")).removeprefix("Replace frame ")
    replaced.click()
    expect(page.get_by_role("button", name=f"Remove frame {number}", exact=True)).to_have_count(0)
    page.get_by_role("button", name="Add 3 frames").click()
    expect(page.get_by_role("link", name="2026-05-01_mouse1.mp4")).to_have_count(3, timeout=60_000)


def test_the_queue_tells_when_the_next_round_comes_and_who_has_what(page: Page, api: Any) -> None:
    project = api.project()
    page.goto(f"/projects/{project}/frames")
    page.get_by_role("button", name="Queue").click()
    expect(page.get_by_text("the next round comes at 10")).to_be_visible()
    page.get_by_label("Pre-label the frames that wait").click(force=True)
    expect(page.get_by_text("the next round comes at 10")).to_have_count(0)
    page.get_by_role("tab", name="People").click()
    expect(page.get_by_role("table", name="Progress by person")).to_be_visible()
    page.get_by_role("tab", name="Checks").click()
    expect(page.get_by_text("0 poses were compared, and none stands out.")).to_be_visible()
