"""Projects, their skeleton, members and trash."""

import re
from typing import Any

from playwright.sync_api import Page, expect

HOSTILE = "<img src=x onerror=\"document.title='hacked'\">"


def test_a_project_is_made_from_pasted_keypoints_and_opens(page: Page) -> None:
    page.goto("/")
    page.get_by_role("link", name="New project").first.click()
    page.get_by_label("Name", exact=False).first.fill("Open field")
    page.get_by_label("Keypoints").fill("nose\nleft ear, right ear\ntail base\nnose")
    expect(page.get_by_text("4 keypoints, 1 left-right pair found from the names")).to_be_visible()
    page.get_by_role("button", name="Create project").click()
    expect(page.get_by_role("heading", name="Videos")).to_be_visible()
    expect(page.get_by_text("Drop videos anywhere on this page")).to_be_visible()
    page.goto("/")
    expect(page.get_by_text("Open field").first).to_be_visible()


def test_names_of_projects_and_keypoints_are_only_ever_text(page: Page, api: Any) -> None:
    project = api.project(HOSTILE, (HOSTILE, "tail"))
    page.goto("/")
    expect(page.get_by_text(HOSTILE)).to_be_visible()
    page.goto(f"/projects/{project}/settings/skeleton")
    expect(page.get_by_label("Name of keypoint 1")).to_have_value(HOSTILE)
    page.get_by_role("button", name="switch project").click()
    expect(page.get_by_role("menuitem", name=HOSTILE)).to_be_visible()
    assert page.title() == "Tailbase"
    assert page.locator("img[src='x']").count() == 0


def test_an_edited_skeleton_is_there_after_a_reload(page: Page, api: Any) -> None:
    project = api.project(keypoints=("nose", "left ear", "right ear"))
    page.goto(f"/projects/{project}/settings/skeleton")
    page.get_by_label("Name of keypoint 1").fill("snout")
    for side in ("left ear", "right ear"):
        page.get_by_role("combobox", name="Edge from").fill("snout")
        page.get_by_role("option", name="snout", exact=True).click()
        page.get_by_role("combobox", name="Edge to").fill(side)
        page.get_by_role("option", name=side, exact=True).click()
        page.get_by_role("button", name="Add edge").click()
    page.get_by_label("Name of the view").fill("bottom")
    page.get_by_role("button", name="Add view").click()
    page.get_by_label("mirror within one image").check()
    page.get_by_role("button", name="Save skeleton").click()
    expect(page.get_by_text("Skeleton saved.")).to_be_visible()
    page.reload()
    expect(page.get_by_label("Name of keypoint 1")).to_have_value("snout")
    expect(page.get_by_text("3 keypoints, 2 edges")).to_be_visible()
    expect(page.get_by_label("mirror within one image")).to_be_checked()


def test_two_keypoints_of_one_name_cannot_be_saved(page: Page, api: Any) -> None:
    project = api.project(keypoints=("nose", "tail"))
    page.goto(f"/projects/{project}/settings/skeleton")
    page.get_by_label("Name of keypoint 2").fill("nose")
    expect(page.get_by_text("Two keypoints are called nose.")).to_be_visible()
    expect(page.get_by_role("button", name="Save skeleton")).to_be_disabled()


def test_an_unknown_person_is_invited_by_a_link(page: Page, api: Any, running: Any) -> None:
    project = api.project()
    page.goto(f"/projects/{project}/settings/members")
    page.get_by_label("Add a person").fill("grace@lab.example")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_text(re.compile(re.escape(running.address) + ".*link="))).to_be_visible()


def test_a_deleted_project_can_be_brought_back(page: Page, api: Any) -> None:
    project = api.project("Short-lived")
    page.goto(f"/projects/{project}/settings/general")
    page.get_by_role("button", name="Delete project").click()
    page.get_by_role("button", name="Move to trash").click()
    expect(page.get_by_text("Deleted, kept for 30 days")).to_be_visible()
    page.get_by_role("button", name="Bring back").first.click()
    expect(page.get_by_role("link", name=re.compile("Short-lived"))).to_be_visible()


def test_a_strangers_project_is_not_found(page: Page, console: Any) -> None:
    console.expected.append("404")
    page.goto("/projects/00000000-0000-4000-8000-000000000000/videos")
    expect(page.get_by_text("Not found").first).to_be_visible()
