"""Requests no client of ours sends (attacks 10, 16 to 19, 21 to 23, 26, 33, 57, 59)."""

import re
import time
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import pytest

from tailbase_core.security import new_token, sign, token_hash
from tailbase_core.tables import LoginSession

OURS = "http://127.0.0.1:8420"


@pytest.fixture
def browser(owner, world):
    """Headers of the owner's signed-in browser."""
    token = new_token()
    expires = datetime.now(UTC) + timedelta(hours=1)
    world.add(LoginSession(user_id=owner.id, token_hash=token_hash(token), expires_at=expires))
    return {"Cookie": f"tailbase_session={token}"}


@pytest.mark.parametrize(
    "origin",
    ["https://evil.example", "null", "http://127.0.0.1:8421", "http://127.0.0.1:8420.evil.example", "file://", ""],
)
def test_another_site_cannot_use_the_cookie(nobody, browser, refused, origin):
    reply = nobody.post("/projects", {"name": "x"}, headers={**browser, "Origin": origin})
    refused(reply, 403, "auth.origin")
    assert "access-control-allow-origin" not in reply.headers


def test_a_cookie_without_an_origin_changes_nothing(nobody, browser, refused):
    refused(nobody.post("/projects", {"name": "x"}, headers=browser), 403, "auth.origin")


def test_our_own_page_may_use_the_cookie(nobody, browser):
    assert nobody.post("/projects", {"name": "x"}, headers={**browser, "Origin": OURS}).status_code == 201
    assert nobody.get("/projects", headers=browser).status_code == 200


def test_another_site_cannot_sign_a_visitor_in(nobody, refused):
    body = {"email": "a@b.c", "password": "x"}
    refused(nobody.post("/auth/login", body, headers={"Origin": "https://evil.example"}), 403, "auth.origin")


def test_a_preflight_gives_no_leave(client):
    headers = {"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"}
    reply = client.options("/api/v1/projects", headers=headers)
    assert not [name for name in reply.headers if name.startswith("access-control")]


def test_an_invitation_names_the_configured_address_whatever_host_was_asked(owner, place, settings):
    body = {"email": "new@lab.example", "role": "viewer"}
    for headers in ({"Host": "evil.example"}, {"X-Forwarded-Host": "evil.example"}):
        url = owner.post(f"{place.path}/members", body, headers=headers).json()["invite_url"]
        assert url.startswith(settings.public_url + "/")


HOSTILE = ["<img src=x onerror=alert(1)>", "javascript:alert(1)", '"><script>', "__proto__", "constructor", "=cmd()"]


@pytest.mark.parametrize("name", HOSTILE)
def test_markup_in_names_is_kept_as_text(owner, name):
    project = owner.post("/projects", {"name": name, "skeleton": {"keypoints": [{"name": name, "part": name}]}})
    assert project.json()["name"] == name
    skeleton = owner.get(f"/projects/{project.json()['id']}/skeleton")
    assert skeleton.json()["keypoints"][0]["name"] == name
    assert skeleton.headers["content-type"] == "application/json"


@pytest.mark.parametrize("name", ["a\nb", "a\tb", "a\u202eb", "a\u200bb", "\u2066a", "a\x7f", "\x1b[31m", " ", ""])
def test_names_that_hide_what_they_say_are_refused(owner, refused, name):
    refused(owner.post("/projects", {"name": name}), 422, "request.invalid")


@pytest.mark.parametrize("color", ['"><script>', "url(http://x)", "red", "#12345", "#1234567", "#12345g"])
def test_a_colour_is_six_digits(owner, place, refused, color):
    body = {"keypoints": [{"name": "nose", "color": color}]}
    refused(owner.put(f"{place.path}/skeleton", body), 422, "request.invalid")


TRAVERSALS = [
    "../secret",
    "..%2fsecret",
    "%2e%2e%2fsecret",
    "%252e%252e%252fsecret",
    "..%5csecret",
    "%00",
    "%2fetc%2fpasswd",
    "C:%5cwindows",
]


@pytest.mark.parametrize("path", TRAVERSALS)
def test_no_address_of_a_file_leads_out_of_the_store(nobody, settings, path, client):
    (settings.data_dir / "secret").write_text("secret")
    store = client.app.state.services.store
    query = store.download_url("projects/a").partition("?")[2]
    for address in (f"/blobs/{path}", f"/blobs/projects/{path}", f"/blobs/roots/x/{path}", f"/blobs/parts/{path}/1"):
        reply = nobody.get(f"{address}?{query}")
        assert reply.status_code in (400, 403, 404, 405, 422), reply.status_code
        assert "secret" not in reply.text


def test_even_a_signed_key_cannot_leave_the_store(nobody, settings, client):
    (settings.data_dir / "secret").write_text("secret")
    until, key = 2**33, "../secret"
    signature = sign(client.app.state.services.secret, "\n".join(("download", key, str(until), "", "")))
    reply = nobody.get(f"/blobs/{quote(key, safe='')}?expires={until}&signature={signature}")
    assert reply.status_code in (403, 404, 422)
    assert "secret" not in reply.text


@pytest.fixture
def blob(client):
    store = client.app.state.services.store
    store.put_bytes("projects/a/x.png", b"0123456789")
    return store.download_url("projects/a/x.png")


@pytest.mark.parametrize(
    ("wanted", "status"),
    [
        ("bytes=0-3", 206),
        ("bytes=-4", 206),
        ("bytes=20-30", 416),
        ("bytes=5-2", 400),
        ("lines=1-2", 400),
        ("bytes=" + ",".join("0-0" for _ in range(100_000)), 416),
        ("bytes=" + "9" * 50 + "-", 416),
    ],
)
def test_ranges_are_served_or_refused_at_once(nobody, blob, wanted, status):
    start = time.perf_counter()
    reply = nobody.get(blob, headers={"Range": wanted})
    assert reply.status_code == status
    assert time.perf_counter() - start < 2


def test_an_address_works_for_its_own_file_and_time_only(nobody, blob, refused):
    assert nobody.get(blob).content == b"0123456789"
    refused(nobody.get(blob.replace("x.png", "y.png")), 403, "link.expired")
    refused(nobody.get(re.sub(r"expires=\d+", "expires=99999999999", blob)), 403, "link.expired")
    refused(nobody.get(re.sub(r"expires=\d+", "expires=1", blob)), 403, "link.expired")
    refused(nobody.get(blob + "&name=page.html"), 403, "link.expired")
    refused(nobody.get(blob + "&type=text/html"), 403, "link.expired")


def test_what_could_run_as_a_page_is_saved_and_not_shown(nobody, client):
    store = client.app.state.services.store
    for key, content in (("projects/a/x.html", b"<script>"), ("projects/a/x.svg", b"<svg onload=x>")):
        store.put_bytes(key, content)
        reply = nobody.get(store.download_url(key, content_type="text/html"))
        assert reply.headers["content-type"] == "application/octet-stream"
        assert reply.headers["content-disposition"].startswith("attachment")
        assert reply.headers["content-security-policy"] == "default-src 'none'; sandbox"
        assert reply.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("id", ["x", "1", "00000000", "%27", "-1", "9" * 1000])
def test_bad_ids_are_answered_without_details_of_the_inside(owner, place, id):
    for path in (f"/projects/{id}", f"{place.path}/videos/{id}", f"{place.path}/jobs/{id}"):
        reply = owner.get(path)
        assert reply.status_code in (404, 422), reply.status_code
        assert not re.search(r"Traceback|psycopg|sqlalchemy|/work/|site-packages", reply.text)


def test_search_text_is_never_sql(owner, place):
    path = f"{place.path}/recordings/preview-pattern"
    reply = owner.post(path, {"pattern": "{session}'; drop table users; --", "names": ["a'; drop table users; --.mp4"]})
    assert reply.status_code == 200
    assert owner.get("/me").status_code == 200


def test_hostile_json_is_answered_within_a_second(owner):
    bodies = [b"[" * 1_000_000, b'{"a":' * 500_000, b"9" * 1_000_000, b'{"name": "' + b"\\u0041" * 600_000 + b'"}']
    for body in bodies:
        start = time.perf_counter()
        reply = owner.request("POST", "/projects", content=body, headers={"Content-Type": "application/json"})
        assert reply.status_code in (413, 422)
        assert time.perf_counter() - start < 1
    assert owner.get("/me").status_code == 200


def test_settings_and_preferences_have_a_size(owner, place, refused):
    refused(owner.patch("/me", {"preferences": {"a": "x" * 30_000}}), 422, "request.invalid")
    refused(owner.patch(place.path, {"settings": {"a": "x" * 30_000}}), 422, "request.invalid")
