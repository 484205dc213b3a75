"""One-time links: the first one of an installation, and their addresses."""

from sqlalchemy.orm import Session, sessionmaker

from tailbase_core.links import link_url, make_first_link
from tailbase_core.tables import User


def test_the_first_link_is_made_until_there_is_an_owner(sessions: sessionmaker[Session]) -> None:
    with sessions.begin() as session:
        assert make_first_link(session) != make_first_link(session)
        session.add(User(email="a@b.example", name="A", is_admin=True, preferences={}))
        session.flush()
        assert make_first_link(session) is None


def test_a_link_leads_to_the_page_that_uses_it() -> None:
    assert link_url("https://poses.lab.example/", "abc") == "https://poses.lab.example/login?link=abc"
