"""Addresses of one-time links."""

from tailbase_core.links import link_url


def test_a_link_leads_to_the_page_that_uses_it() -> None:
    assert link_url("https://poses.lab.example/", "abc") == "https://poses.lab.example/login?link=abc"
