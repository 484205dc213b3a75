"""What holds for every route: problems, bodies, origins, headers, the database's commit, the page."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
import structlog
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import event, text

from tailbase_api import pages
from tailbase_api.deps import SessionDep
from tailbase_api.main import create_app
from tailbase_api.telemetry import configure_logging, redact
from tailbase_core.errors import Conflict
from tailbase_core.settings import Settings
from tailbase_core.tables import Worker

RAW = {"Content-Type": "application/json"}


@pytest.fixture
def app(settings):
    """An app of the test's own, which may get further routes."""
    return create_app(settings)


def test_the_session_commits_before_the_reply_is_sent(app, client, refused):
    """The reply of a route whose commit fails is never a success."""

    @app.post("/saves")
    def save(session: SessionDep) -> dict[str, bool]:
        session.execute(text("select 1"))

        @event.listens_for(session, "before_commit")
        def fail(_: object) -> None:
            raise Conflict("commit.failed", "The commit failed.")

        return {"saved": True}

    refused(client.post("/saves"), 409, "commit.failed")


def test_a_route_that_fails_writes_nothing(app, client, sessions):
    @app.post("/half")
    def half(session: SessionDep) -> None:
        session.add(Worker(name="w", device="cpu", version="1"))
        session.flush()
        raise Conflict("half", "Half way.")

    assert client.post("/half").status_code == 409
    with sessions() as session:
        assert session.get(Worker, "w") is None


def test_what_nobody_expected_is_answered_without_its_details(app, client, refused):
    @app.post("/crash")
    def crash() -> None:
        raise RuntimeError("secret /path/in/the/traceback")

    reply = client.post("/crash")
    refused(reply, 500, "internal")
    assert "secret" not in reply.text
    assert "Traceback" not in reply.text
    assert reply.headers["x-content-type-options"] == "nosniff"


def test_a_database_that_is_down_is_said_to_be_so(settings, refused):
    down = settings.model_copy(update={"database_url": type(settings.secret_key)("postgresql://a:b@127.0.0.1:1/x")})
    with TestClient(create_app(down)) as client:
        reply = client.get("/api/v1/me", headers={"Authorization": "Bearer tb_x"})
        problem = refused(reply, 503, "unavailable")
        assert reply.headers["retry-after"]
        assert "127.0.0.1" not in json.dumps(problem)
        health = client.get("/api/v1/health")
        assert (health.status_code, health.json()["parts"]["database"]) == (503, "down")


def test_health_needs_a_worker_that_reported_lately(client, world):
    assert client.get("/api/v1/health").json() == {
        "status": "down",
        "parts": {"database": "ok", "redis": "ok", "storage": "ok", "worker": "down"},
    }
    world.add(Worker(name="w", device="cpu", version="1"))
    reply = client.get("/api/v1/health")
    assert (reply.status_code, reply.json()["status"]) == (200, "ok")


def test_metrics_are_for_the_owner_of_the_installation(world, owner, nobody, refused):
    refused(nobody.get("/metrics"), 401, "auth.required")
    refused(owner.get("/metrics"), 403, "auth.forbidden")
    reply = world.person(admin=True).get("/metrics")
    assert 'tailbase_requests_total{method="GET",route="/api/v1/metrics",status="403"} 1.0' in reply.text


def test_the_first_mistake_is_named_and_the_input_is_not_repeated(owner, refused):
    problem = refused(owner.post("/projects", {"name": "x" * 500, "colour": "secret"}), 422, "request.invalid")
    assert problem["field"] == "name"
    assert [e["field"] for e in problem["errors"]] == ["name", "colour"]
    assert "secret" not in json.dumps(problem)


def test_unknown_addresses_and_methods_are_problems_too(client, refused):
    refused(client.get("/api/v1/nothing"), 404, "not_found")
    refused(client.put("/api/v1/version"), 405, "method.not_allowed")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"{", "json.unreadable"),
        (b'{"name": "a", "name": "b"}', "json.duplicate_key"),
        (b'{"name": NaN}', "json.number"),
        (b'{"name": ' + b"9" * 100_000 + b"}", "json.unreadable"),
        (b"[" * 100_000, "json.unreadable"),
        (b'{"settings":' + b"[" * 60 + b"]" * 60 + b"}", "json.unreadable"),
        (b'{"description": "\\u0000", "name": "a"}', "json.text"),
        (b'{"description": "\\ud83d", "name": "a"}', "json.text"),
        (b'{"name": "\xff"}', "json.unreadable"),
        (b"[1]", "request.invalid"),
        (b"", "request.invalid"),
    ],
)
def test_json_that_readers_disagree_about_is_refused(owner, refused, body, code):
    refused(owner.request("POST", "/projects", content=body, headers=RAW), 422, code)


def test_escaped_backslashes_are_not_taken_for_nul(owner):
    body = b'{"name": "a", "description": "\\\\u0000"}'
    reply = owner.request("POST", "/projects", content=body, headers=RAW)
    assert reply.json()["description"] == "\\u0000"


def test_a_body_that_is_too_large_is_refused(owner, refused):
    refused(owner.post("/projects", {"name": "a", "description": "x" * 5_000_000}), 413, "too_large")


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""])
def test_only_json_is_taken(owner, refused, kind):
    reply = owner.request("POST", "/projects", content=b'{"name": "a"}', headers={"Content-Type": kind})
    refused(reply, 415, "media_type.unsupported")


def test_every_reply_carries_the_security_headers(client, nobody):
    for reply in (client.get("/api/v1/version"), nobody.get("/me"), client.get("/nothing")):
        policy = reply.headers["content-security-policy"]
        assert "script-src 'self';" in policy
        assert "frame-ancestors 'none'" in policy
        assert reply.headers["x-content-type-options"] == "nosniff"
        assert reply.headers["referrer-policy"] == "same-origin"
        assert "access-control-allow-origin" not in reply.headers


def test_production_asks_browsers_for_https():
    safe = {"database_url": "postgresql://d", "redis_url": "redis://r", "secret_key": "x" * 32}
    settings = Settings(environment="production", public_url="https://lab.example", **safe)
    with pytest.raises(ValueError, match="https"):
        Settings(environment="production", public_url="http://lab.example", **safe)
    app = create_app(settings)
    assert app.state.settings.public_url == "https://lab.example"
    reply = TestClient(app).get("/api/v1/version", headers={"Origin": "https://lab.example"})
    assert "max-age" in reply.headers["strict-transport-security"]


def test_the_app_does_not_start_without_a_secret(settings):
    empty = settings.model_copy(update={"secret_key": type(settings.secret_key)("")})
    with pytest.raises(ValueError, match="TAILBASE_SECRET_KEY"), TestClient(create_app(empty)):
        pass


def test_the_api_never_loads_torch_or_the_worker():
    code = (
        "import sys, tailbase_api.main, tailbase_api.openapi;"
        "bad = [m for m in ('torch', 'av', 'timm', 'tailbase_worker', 'tailbase_server') if m in sys.modules];"
        "sys.exit(', '.join(bad) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_the_openapi_document_is_made_without_servers_and_names_operations_stably():
    made = subprocess.run([sys.executable, "-m", "tailbase_api.openapi"], capture_output=True, text=True, check=True)
    document = json.loads(made.stdout)
    assert document["openapi"].startswith("3.1")
    ids = [o["operationId"] for path in document["paths"].values() for o in path.values()]
    assert len(ids) == len(set(ids))
    assert {"list_videos", "create_upload", "save_labels", "login"} <= set(ids)
    assert "HTTPValidationError" not in made.stdout
    assert all("default" in o["responses"] for path in document["paths"].values() for o in path.values())
    assert all(o["tags"] for path in document["paths"].values() for o in path.values())


@pytest.mark.parametrize(
    "text",
    [
        "token tb_abcdefgh12345678 used",
        "GET /api/v1/blobs/x?expires=1&signature=deadbeef",
        'password="hunter2"',
        "postgresql://tailbase:hunter2@db/x",
        "GET /api/v1/auth/link/abc-DEF_123",
        "https://host/login?link=abc-DEF_123",
        "X-Amz-Signature=deadbeef",
    ],
)
def test_secrets_do_not_reach_the_log(text):
    clean = redact(text)
    assert "***" in clean
    assert not any(secret in clean for secret in ("abcdefgh", "deadbeef", "hunter2", "abc-DEF"))


def test_log_lines_are_json_and_redacted(capsys):
    configured = structlog.get_config()
    try:
        configure_logging()
        structlog.get_logger().info("request", path="/api/v1/auth/link/abc-DEF", authorization="Bearer tb_x")
        line = json.loads(capsys.readouterr().err)
    finally:
        structlog.configure(**configured)
    assert (line["path"], line["authorization"]) == ("/api/v1/auth/link/***", "***")


@pytest.fixture
def site(tmp_path: Path) -> TestClient:
    (tmp_path / "assets").mkdir()
    (tmp_path / "index.html").write_text("<title>Tailbase</title>")
    (tmp_path / "favicon.svg").write_text("<svg/>")
    (tmp_path / "assets" / "main-abc.js").write_text("1")
    (tmp_path / ".env").write_text("secret")
    app = FastAPI()
    pages.install(app, tmp_path)
    return TestClient(app)


def test_hashed_assets_are_kept_for_ever_and_the_page_is_asked_for_each_time(site):
    assert "immutable" in site.get("/assets/main-abc.js").headers["cache-control"]
    page = site.get("/projects/1/videos")
    assert (page.text, page.headers["cache-control"]) == ("<title>Tailbase</title>", "no-cache")
    assert site.get("/favicon.svg").text == "<svg/>"


@pytest.mark.parametrize("path", ["/.env", "/assets/..%2f.env", "/assets/%2e%2e/.env", "/..%2fsecret", "//.env"])
def test_the_page_gives_no_other_file_away(site, path):
    assert "secret" not in site.get(path).text


def test_a_body_without_a_length_is_counted_as_it_comes(owner, refused):
    def endless():
        for _ in range(6):
            yield b" " * 1024**2

    refused(owner.request("POST", "/projects", content=endless(), headers=RAW), 413, "too_large")


def test_a_part_of_an_upload_may_be_larger_than_json(owner, nobody, place):
    data = b"x" * (5 * 1024**2)
    upload = owner.post(f"{place.path}/uploads", {"filename": "a.mp4", "size_bytes": len(data)}).json()
    assert nobody.request("PUT", upload["parts"][0]["url"], content=data).status_code == 200
