"""Getting in and out."""

from typing import Any

from playwright.sync_api import Browser, Page, expect


def test_a_person_signs_out_and_comes_back_to_the_page_they_asked_for(
    chromium: Browser, running: Any, signed_in: Any, console: Any
) -> None:
    console.expected.append("401")
    page = chromium.new_context(base_url=running.address).new_page()
    console.watch(page)
    page.goto("/account")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    page.get_by_label("E-mail").fill("ada@lab.example")
    page.get_by_label("Password").first.fill("correct horse battery")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Account")).to_be_visible()
    page.get_by_role("button", name="Account").click()
    page.get_by_role("menuitem", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    page.context.close()


def test_a_wrong_password_is_answered_with_a_sentence(
    chromium: Browser, running: Any, signed_in: Any, console: Any
) -> None:
    console.expected.append("401")
    page = chromium.new_context(base_url=running.address).new_page()
    console.watch(page)
    page.goto("/login")
    page.get_by_label("E-mail").fill("ada@lab.example")
    page.get_by_label("Password").first.fill("not the password")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_be_visible()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    page.context.close()


def test_a_used_link_says_so_and_offers_the_sign_in(
    chromium: Browser, running: Any, signed_in: Any, console: Any
) -> None:
    console.expected.append("40[04]|410|422")
    page = chromium.new_context(base_url=running.address).new_page()
    console.watch(page)
    page.goto(running.link)
    expect(page.get_by_role("heading", name="This link does not work")).to_be_visible()
    page.get_by_role("link", name="Sign in with e-mail and password").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    page.context.close()


def test_nothing_is_asked_of_any_other_server(page: Page, running: Any) -> None:
    elsewhere: list[str] = []
    page.on(
        "request",
        lambda request: elsewhere.append(request.url) if not request.url.startswith(running.address) else None,
    )
    page.goto("/")
    expect(page.get_by_role("heading", name="Projects")).to_be_visible()
    page.goto("/account")
    expect(page.get_by_role("heading", name="Account")).to_be_visible()
    assert [url for url in elsewhere if not url.startswith(("data:", "blob:"))] == []


def test_a_new_token_is_shown_once_and_can_be_revoked(page: Page) -> None:
    page.goto("/account")
    page.get_by_label("New token").fill("notebook")
    page.get_by_role("button", name="Make token").click()
    expect(page.get_by_text("tb_").first).to_be_visible()
    page.reload()
    row = page.get_by_role("row").filter(has_text="notebook")
    expect(row).to_be_visible()
    row.get_by_role("button", name="Revoke").click()
    expect(row).to_have_count(0)
