"""Signing in, one-time links and tokens."""

import re
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from redis import Redis
from sqlalchemy import select, update

from tailbase_core.links import make_login_link, make_owner_link, make_reset_link
from tailbase_core.security import token_hash
from tailbase_core.tables import ApiToken, LoginSession, OneTimeLink, User

PASSWORD = "correct horse battery"
OWNER = {"email": "Ann@Lab.Example", "name": "Ann", "password": "a long enough one"}


def cookie_of(reply):
    return re.search(r"tailbase_session=([^;]+)", reply.headers["set-cookie"])[1]


def sign_in(nobody, caller, password=PASSWORD, **given):
    return nobody.post("/auth/login", {"email": caller.email, "password": password}, **given)


def with_cookie(cookie):
    return {"Cookie": f"tailbase_session={cookie}", "Origin": "http://127.0.0.1:8420"}


@pytest.fixture
def owner_link(sessions):
    with sessions.begin() as session:
        return make_owner_link(session)


def test_the_first_start_link_makes_the_owner_and_signs_them_in(nobody, owner_link):
    looked = nobody.get(f"/auth/link/{owner_link}").json()
    assert (looked["purpose"], looked["needs"]) == ("owner", ["email", "name", "password"])
    reply = nobody.post("/auth/link", {"token": owner_link, **OWNER})
    assert reply.status_code == 200
    assert reply.json()["user"]["is_admin"]
    assert reply.json()["user"]["email"] == "ann@lab.example"
    me = nobody.get("/me", headers=with_cookie(cookie_of(reply)))
    assert me.json()["user"]["name"] == "Ann"


def test_looking_at_a_link_does_not_use_it_up_but_posting_does(nobody, owner_link, refused):
    for _ in range(2):
        assert nobody.get(f"/auth/link/{owner_link}").status_code == 200
    assert nobody.post("/auth/link", {"token": owner_link, **OWNER}).status_code == 200
    refused(nobody.get(f"/auth/link/{owner_link}"), 400, "link.invalid")
    refused(nobody.post("/auth/link", {"token": owner_link, **OWNER}), 400, "link.invalid")


def test_a_link_whose_fields_are_missing_is_not_used_up(nobody, owner_link, refused):
    problem = refused(nobody.post("/auth/link", {"token": owner_link, "email": "a@b.c"}), 422, "link.incomplete")
    assert problem["field"] == "name"
    assert nobody.post("/auth/link", {"token": owner_link, **OWNER}).status_code == 200


def test_there_is_only_one_first_owner(nobody, world, sessions, refused):
    world.person(admin=True)
    with sessions.begin() as session:
        token = make_owner_link(session)
    refused(nobody.post("/auth/link", {"token": token, **OWNER}), 409, "owner.exists")


def test_a_login_link_signs_in_without_a_password(nobody, owner, sessions):
    with sessions.begin() as session:
        token = make_login_link(session, session.get(User, owner.id))
    assert nobody.get(f"/auth/link/{token}").json()["needs"] == []
    assert nobody.post("/auth/link", {"token": token}).json()["user"]["email"] == owner.email


def test_a_link_older_than_its_time_is_refused(nobody, owner, sessions, refused):
    with sessions.begin() as session:
        token = make_reset_link(session, session.get(User, owner.id))
    with sessions.begin() as session:
        session.execute(update(OneTimeLink).values(expires_at=datetime.now(UTC) - timedelta(seconds=1)))
    refused(nobody.post("/auth/link", {"token": token, "password": "another long one"}), 400, "link.invalid")


def test_a_reset_link_changes_the_password_and_signs_out_everywhere(nobody, owner, sessions):
    old = cookie_of(sign_in(nobody, owner))
    with sessions.begin() as session:
        token = make_reset_link(session, session.get(User, owner.id))
    assert nobody.post("/auth/link", {"token": token, "password": "another long one"}).status_code == 200
    assert nobody.get("/me", headers=with_cookie(old)).status_code == 401
    assert sign_in(nobody, owner).status_code == 401
    assert sign_in(nobody, owner, "another long one").status_code == 200


def test_the_session_cookie_is_out_of_reach_of_scripts_and_other_sites(nobody, owner):
    cookie = sign_in(nobody, owner).headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Path=/" in cookie


def test_signing_in_gives_a_fresh_session_and_ends_the_one_before(nobody, owner):
    first = cookie_of(sign_in(nobody, owner))
    second = cookie_of(sign_in(nobody, owner, headers=with_cookie(first)))
    assert first != second
    assert nobody.get("/me", headers=with_cookie(first)).status_code == 401
    assert nobody.get("/me", headers=with_cookie(second)).status_code == 200


def test_signing_out_ends_the_session(nobody, owner):
    cookie = cookie_of(sign_in(nobody, owner))
    assert nobody.post("/auth/logout", headers=with_cookie(cookie)).status_code == 204
    assert nobody.get("/me", headers=with_cookie(cookie)).status_code == 401


def test_an_unknown_email_and_a_wrong_password_get_the_same_answer(nobody, owner, refused):
    wrong = refused(sign_in(nobody, owner, "not the password"), 401, "auth.wrong")
    unknown = refused(nobody.post("/auth/login", {"email": "no@b.c", "password": "x"}), 401, "auth.wrong")
    assert wrong["detail"] == unknown["detail"]


def test_many_wrong_passwords_for_one_account_are_refused_for_a_while(nobody, owner, refused):
    for _ in range(10):
        assert sign_in(nobody, owner, "guess").status_code == 401
    reply = sign_in(nobody, owner)
    refused(reply, 429, "rate.limited")
    assert int(reply.headers["retry-after"]) > 60


def test_many_wrong_sign_ins_from_one_address_are_refused_for_a_while(nobody, refused):
    for number in range(20):
        nobody.post("/auth/login", {"email": f"{number}@b.c", "password": "guess"})
    refused(nobody.post("/auth/login", {"email": "other@b.c", "password": "guess"}), 429, "rate.limited")


def test_right_passwords_do_not_count_against_the_limit(nobody, owner):
    assert [sign_in(nobody, owner).status_code for _ in range(12)] == [200] * 12


def test_nobody_signs_in_while_redis_is_down(nobody, owner, client, refused):
    services = client.app.state.services
    down = Redis.from_url("redis://127.0.0.1:1/0", socket_connect_timeout=0.2)
    client.app.state.services = type(services)(**{**services.__dict__, "redis": down})
    try:
        refused(sign_in(nobody, owner), 503, "unavailable")
    finally:
        client.app.state.services = services
        down.close()


def test_only_hashes_of_sessions_tokens_and_links_are_stored(nobody, owner, sessions, owner_link):
    cookie = cookie_of(sign_in(nobody, owner))
    token = owner.post("/me/tokens", {"name": "laptop"}).json()["token"]
    with sessions() as session:
        stored = [
            *session.scalars(select(LoginSession.token_hash)),
            *session.scalars(select(ApiToken.token_hash)),
            *session.scalars(select(OneTimeLink.token_hash)),
        ]
    assert {token_hash(cookie), token_hash(token), token_hash(owner_link)} <= set(stored)
    assert not {cookie, token, owner_link} & set(stored)


def test_the_hash_of_a_token_is_no_token(client, owner, nobody):
    reply = nobody.get("/me", headers={"Authorization": f"Bearer {token_hash(owner.token)}"})
    assert reply.status_code == 401


def test_a_token_works_until_it_is_revoked(owner, nobody):
    made = owner.post("/me/tokens", {"name": "script", "expires_in_days": 1}).json()
    bearer = {"Authorization": f"Bearer {made['token']}"}
    assert made["token"].startswith("tb_")
    assert made["token"].startswith(made["prefix"])
    assert nobody.get("/me", headers=bearer).status_code == 200
    assert owner.delete(f"/me/tokens/{made['id']}").status_code == 204
    assert nobody.get("/me", headers=bearer).status_code == 401


def test_an_expired_token_does_not_work(owner, nobody, sessions):
    made = owner.post("/me/tokens", {"name": "script", "expires_in_days": 1}).json()
    with sessions.begin() as session:
        past = datetime.now(UTC) - timedelta(seconds=1)
        session.execute(update(ApiToken).where(ApiToken.name == "script").values(expires_at=past))
    assert nobody.get("/me", headers={"Authorization": f"Bearer {made['token']}"}).status_code == 401


def test_a_list_of_tokens_shows_when_each_was_used_but_not_the_token(owner):
    owner.post("/me/tokens", {"name": "script"})
    items = owner.get("/me/tokens").json()["items"]
    assert {item["name"] for item in items} == {"script", "test"}
    assert all("token" not in item for item in items)
    assert next(item for item in items if item["name"] == "test")["last_used_at"]


def test_somebody_elses_token_cannot_be_revoked(owner, stranger, refused):
    made = owner.post("/me/tokens", {"name": "script"}).json()
    refused(stranger.delete(f"/me/tokens/{made['id']}"), 404, "not_found")
    refused(stranger.delete(f"/me/tokens/{uuid4()}"), 404, "not_found")


def test_changing_the_password_needs_the_current_one_and_ends_other_sessions(nobody, owner, refused):
    here, there = cookie_of(sign_in(nobody, owner)), cookie_of(sign_in(nobody, owner))
    body = {"current": "wrong", "new": "another long one"}
    refused(nobody.post("/me/password", body, headers=with_cookie(here)), 422, "password.wrong")
    body["current"] = PASSWORD
    assert nobody.post("/me/password", body, headers=with_cookie(here)).status_code == 204
    assert nobody.get("/me", headers=with_cookie(here)).status_code == 200
    assert nobody.get("/me", headers=with_cookie(there)).status_code == 401


def test_name_and_preferences_can_be_changed_and_nothing_else(owner, refused):
    changed = owner.patch("/me", {"name": "Bea", "preferences": {"theme": "dark"}}).json()["user"]
    assert (changed["name"], changed["preferences"]) == ("Bea", {"theme": "dark"})
    problem = refused(owner.patch("/me", {"is_admin": True}), 422, "request.invalid")
    assert problem["field"] == "is_admin"


def test_the_installation_owner_hands_out_a_link_for_a_forgotten_password(world, nobody, owner):
    admin = world.person(admin=True)
    made = admin.post("/auth/reset-links", {"email": owner.email})
    assert made.status_code == 201
    token = made.json()["url"].split("link=")[1]
    assert nobody.post("/auth/link", {"token": token, "password": "quite another password"}).status_code == 200
    assert nobody.post("/auth/login", {"email": owner.email, "password": "quite another password"}).status_code == 200


def test_nobody_else_makes_a_reset_link_and_an_unknown_person_gets_none(world, owner, stranger, refused):
    refused(stranger.post("/auth/reset-links", {"email": owner.email}), 403, "auth.forbidden")
    admin = world.person(admin=True)
    refused(admin.post("/auth/reset-links", {"email": "no@lab.example"}), 422, "user.unknown")
