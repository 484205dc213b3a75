"""More requests at once than there are connections and threads."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text

from tailbase_api.deps import SessionDep
from tailbase_api.main import create_app


@pytest.fixture
def settings(settings):
    return settings.model_copy(update={"database_pool": 2})


@pytest.fixture
def app(settings):
    """An app of the test's own, with a route that keeps its connection for a while."""
    app = create_app(settings)

    @app.post("/slow")
    def slow(session: SessionDep) -> int:
        session.execute(text("select pg_sleep(0.05)"))
        return 1

    return app


def test_requests_wait_for_a_seat_and_none_is_lost(client):
    with ThreadPoolExecutor(30) as pool:
        replies = list(pool.map(lambda _: client.post("/slow").status_code, range(60)))
    assert replies == [200] * 60


def test_those_that_fail_give_their_seat_back(client, owner):
    for _ in range(6):
        assert owner.get("/projects/00000000-0000-0000-0000-000000000000").status_code == 404
    assert owner.get("/projects").status_code == 200
