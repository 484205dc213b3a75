"""How the client asks: retries, pages, errors, against a small server of real sockets."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tailbase_client.errors import TailbaseApiError
from tailbase_client.transfers import download
from tailbase_client.transport import Transport


class Script(ThreadingHTTPServer):
    """Answers the next of `replies` to each request, and remembers what was asked."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answer)
        self.replies: list[tuple[int, dict[str, str], bytes]] = []
        self.asked: list[tuple[str, str, dict[str, str]]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def answers(self, status: int, body: Any = None, **headers: str) -> None:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.replies.append((status, {name.replace("_", "-"): value for name, value in headers.items()}, data))


class Answer(BaseHTTPRequestHandler):
    server: Script

    def answer(self) -> None:
        self.rfile.read(int(self.headers.get("content-length", 0)))
        self.server.asked.append((self.command, self.path, {k.lower(): v for k, v in self.headers.items()}))
        status, headers, data = self.server.replies.pop(0)
        self.send_response(status)
        for name, value in ({"content-length": str(len(data))} | headers).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)

    do_GET = do_POST = do_PATCH = answer

    def log_message(self, *_: Any) -> None:
        """Stay silent."""


@pytest.fixture
def server() -> Iterator[Script]:
    script = Script()
    thread = threading.Thread(target=script.serve_forever, args=(0.01,))
    thread.start()
    yield script
    script.shutdown()
    thread.join()
    script.server_close()


@pytest.fixture
def transport(server: Script) -> Iterator[Transport]:
    made = Transport(server.url, "tb_secret", pause=0.01)
    yield made
    made.close()


PROBLEM = {"status": 412, "code": "labels.stale", "detail": "Someone saved this frame.", "current": {"version": 2}}


def test_an_error_carries_status_code_sentence_and_extras(server: Script, transport: Transport) -> None:
    server.answers(412, PROBLEM)
    with pytest.raises(TailbaseApiError, match="Someone saved this frame") as caught:
        transport.patch("/frames/1/labels", {})
    assert (caught.value.status, caught.value.code) == (412, "labels.stale")
    assert caught.value.problem["current"] == {"version": 2}


def test_an_answer_that_is_not_ours_is_still_an_error_with_its_status(server: Script, transport: Transport) -> None:
    server.answers(500, b"<html>proxy</html>")
    with pytest.raises(TailbaseApiError) as caught:
        transport.get("/me")
    assert (caught.value.status, caught.value.code) == (500, "http")


def test_a_server_that_is_away_for_a_moment_is_asked_again(server: Script, transport: Transport) -> None:
    server.answers(503, PROBLEM, retry_after="0")
    server.answers(200, {"status": "ok"})
    assert transport.get("/health") == {"status": "ok"}


def test_a_repeated_post_carries_the_same_key_so_that_nothing_is_done_twice(
    server: Script, transport: Transport
) -> None:
    server.answers(503, PROBLEM)
    server.answers(201, {"id": "1"})
    assert transport.post("/projects", {"name": "Reaching"}) == {"id": "1"}
    keys = [headers["idempotency-key"] for _, _, headers in server.asked]
    assert len(set(keys)) == 1


def test_a_patch_is_never_repeated(server: Script, transport: Transport) -> None:
    server.answers(503, PROBLEM)
    with pytest.raises(TailbaseApiError):
        transport.patch("/me", {})
    assert len(server.asked) == 1


def test_refusals_are_not_repeated(server: Script, transport: Transport) -> None:
    server.answers(403, PROBLEM)
    with pytest.raises(TailbaseApiError):
        transport.get("/me")
    assert len(server.asked) == 1


def test_a_server_that_is_not_there_is_said_to_be_unreachable() -> None:
    transport = Transport("http://127.0.0.1:1", "", pause=0.001)
    with pytest.raises(TailbaseApiError) as caught:
        transport.get("/health")
    transport.close()
    assert (caught.value.status, caught.value.code) == (0, "server.unreachable")


def test_pages_are_followed_to_the_end(server: Script, transport: Transport) -> None:
    server.answers(200, {"items": [{"n": 1}], "next_cursor": "abc"})
    server.answers(200, {"items": [{"n": 2}], "next_cursor": None})
    assert [item["n"] for item in transport.pages("/projects", state=None)] == [1, 2]
    assert [path for _, path, _ in server.asked] == [
        "/api/v1/projects?limit=200",
        "/api/v1/projects?limit=200&cursor=abc",
    ]


def test_a_download_that_is_cut_goes_on_where_it_stopped(server: Script, transport: Transport, tmp_path: Path) -> None:
    server.answers(200, b"first ", content_length="12")
    server.answers(206, b"second")
    path = download(transport, "/files/1", tmp_path / "a.bin")
    assert path.read_bytes() == b"first second"
    assert server.asked[1][2]["range"] == "bytes=6-"
    assert list(tmp_path.iterdir()) == [path]


def test_the_token_is_not_shown_to_the_storage(server: Script, transport: Transport, tmp_path: Path) -> None:
    server.answers(200, b"x")
    download(transport, server.url + "/files/1", tmp_path / "a.bin")
    assert "authorization" not in server.asked[0][2]


def test_a_download_that_is_refused_leaves_no_file(server: Script, transport: Transport, tmp_path: Path) -> None:
    server.answers(404, {"code": "not_found", "detail": "There is no such file."})
    with pytest.raises(TailbaseApiError):
        download(transport, "/files/1", tmp_path / "a.bin")
    assert list(tmp_path.iterdir()) == []
