"""A POST sent twice under one key is carried out once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select, update

from tailbase_core.tables import IdempotencyKey, Project

KEY = {"Idempotency-Key": "one"}
BODY = {"name": "Mice"}


@pytest.fixture
def projects(sessions):
    def count():
        with sessions() as session:
            return session.scalar(select(func.count()).select_from(Project))

    return count


def test_the_same_request_gets_the_same_reply_and_happens_once(owner, projects):
    first, second = (owner.post("/projects", BODY, headers=KEY) for _ in range(2))
    assert (first.status_code, first.text) == (second.status_code, second.text)
    assert second.headers["content-type"] == "application/json"
    assert projects() == 1


def test_the_same_key_for_another_request_is_refused(owner, projects, refused):
    owner.post("/projects", BODY, headers=KEY)
    refused(owner.post("/projects", {"name": "Rats"}, headers=KEY), 409, "idempotency.reused")
    refused(owner.post("/me/tokens", BODY, headers=KEY), 409, "idempotency.reused")
    assert projects() == 1


def test_two_at_the_same_moment_happen_once(owner, projects):
    with ThreadPoolExecutor(8) as pool:
        replies = list(pool.map(lambda _: owner.client.post(
            "/api/v1/projects", json=BODY, headers={**KEY, "Authorization": f"Bearer {owner.token}"}
        ), range(8)))  # fmt: skip
    assert {reply.status_code for reply in replies} == {201}
    assert len({reply.text for reply in replies}) == 1
    assert projects() == 1


def test_a_request_that_failed_may_be_sent_again(owner, projects, refused):
    refused(owner.post("/projects", {"name": ""}, headers=KEY), 422, "request.invalid")
    assert owner.post("/projects", BODY, headers=KEY).status_code == 201


def test_keys_of_two_people_are_two_keys(owner, stranger, projects):
    before = projects()
    assert owner.post("/projects", BODY, headers=KEY).json() != stranger.post("/projects", BODY, headers=KEY).json()
    assert projects() == before + 2


def test_a_reply_with_a_secret_is_neither_kept_nor_repeated(owner, sessions, refused):
    token = owner.post("/me/tokens", {"name": "t"}, headers=KEY)
    assert "x-tailbase-secret-reply" not in token.headers
    refused(owner.post("/me/tokens", {"name": "t"}, headers=KEY), 409, "idempotency.secret")
    with sessions() as session:
        assert session.scalar(select(IdempotencyKey.body)) == {}


def test_a_reply_is_not_shown_to_somebody_who_left_the_project(owner, world, place, refused):
    editor = world.member(place, "editor")
    path = f"{place.path}/individuals"
    assert editor.post(path, {"name": "two"}, headers=KEY).status_code == 201
    owner.delete(f"{place.path}/members/{editor.id}")
    refused(editor.post(path, {"name": "two"}, headers=KEY), 404, "not_found")


def test_a_key_is_forgotten_after_a_day(owner, projects, sessions):
    owner.post("/projects", BODY, headers=KEY)
    with sessions.begin() as session:
        session.execute(update(IdempotencyKey).values(created_at=datetime.now(UTC) - timedelta(days=1, seconds=1)))
    owner.post("/projects", BODY, headers=KEY)
    assert projects() == 2


@pytest.mark.parametrize("key", ["", "x" * 201])
def test_a_key_has_a_sensible_length(owner, refused, key):
    refused(owner.post("/projects", BODY, headers={"Idempotency-Key": key}), 422, "idempotency.key")
