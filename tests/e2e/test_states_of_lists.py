"""What a list shows while it loads, when it fails, and how news reach it."""

import json
from typing import Any

from playwright.sync_api import BrowserContext, Page, Route, expect

PROBLEM = {
    "code": "internal",
    "title": "Something went wrong",
    "detail": "This is our mistake.",
    "request_id": "abc12345",
}


def test_a_failed_list_says_what_failed_and_can_be_tried_again(page: Page, api: Any, console: Any) -> None:
    console.expected.append("500")
    project = api.project()
    broken = True

    def answer(route: Route) -> None:
        if broken:
            route.fulfill(status=500, content_type="application/problem+json", body=json.dumps(PROBLEM))
        else:
            route.continue_()

    page.route("**/models?*", answer)
    page.goto(f"/projects/{project}/models")
    expect(page.get_by_text("This is our mistake.")).to_be_visible()
    expect(page.get_by_role("button", name="Copy request id")).to_contain_text("abc12345")
    broken = False
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_text("A model learns from your labelled frames")).to_be_visible()


def test_a_slow_list_shows_rows_to_come(page: Page, api: Any, hold: Any) -> None:
    project = api.project()
    release = hold("**/videos?*")
    page.goto(f"/projects/{project}/videos")
    expect(page.get_by_test_id("skeleton").first).to_be_visible()
    release()
    expect(page.get_by_text("Drop videos anywhere on this page")).to_be_visible()


def test_a_browser_opens_one_stream_of_news_for_all_its_tabs(context: BrowserContext, console: Any, api: Any) -> None:
    project = api.project()
    streams: list[str] = []
    context.on("request", lambda request: streams.append(request.url) if request.url.endswith("/events") else None)
    tabs = [context.new_page() for _ in range(2)]
    for tab in tabs:
        console.watch(tab)
        tab.goto(f"/projects/{project}/videos")
        expect(tab.get_by_text("Drop videos anywhere on this page")).to_be_visible()
    api.ready_videos(project, 1)
    for tab in tabs:
        expect(tab.get_by_role("row").filter(has_text="Ready")).to_have_count(1)
    assert len(streams) == 1


def test_without_news_a_list_asks_by_itself(page: Page, api: Any, console: Any) -> None:
    console.expected.append("ERR_FAILED|net::")
    project = api.project()
    page.route("**/api/v1/events", lambda route: route.abort())
    page.goto(f"/projects/{project}/videos")
    expect(page.get_by_text("Drop videos anywhere on this page")).to_be_visible()
    api.ready_videos(project, 1)
    expect(page.get_by_role("row").filter(has_text="Ready")).to_have_count(1, timeout=15_000)


def test_the_theme_follows_the_choice_and_is_remembered(page: Page) -> None:
    page.goto("/")
    page.get_by_role("button", name="Theme").click()
    page.get_by_role("menuitem", name="Dark").click()
    expect(page.locator("html")).to_have_attribute("data-mantine-color-scheme", "dark")
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-mantine-color-scheme", "dark")
