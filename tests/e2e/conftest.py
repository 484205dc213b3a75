"""Servers, API, a worker and Chromium, all real. A test fails when the page writes an error to its console."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from playwright.sync_api import (
    APIResponse,
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Route,
    expect,
    sync_playwright,
)

ROOT = Path(__file__).resolve().parents[2]
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
EMAIL, PASSWORD = "ada@lab.example", "correct horse battery"

# A machine that runs other things besides is slow to start videos, jobs and pages.
expect.set_options(timeout=30_000)


@dataclass(frozen=True)
class Running:
    """Tailbase at `address`; `link` makes the first account; `videos` is the folder of its root, called `videos`."""

    address: str
    link: str
    videos: Path


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


@pytest.fixture(scope="session")
def draw_video() -> Callable[..., Path]:
    """`draw_video(path, frames=30)` draws a bright square that moves over a dark ground."""

    def draw(path: Path, frames: int = 30) -> Path:
        path.parent.mkdir(parents=True, exist_ok=True)
        with av.open(str(path), "w") as container:
            stream = container.add_stream("libx264", rate=30)
            stream.width, stream.height, stream.pix_fmt = 96, 64, "yuv420p"
            for index in range(frames):
                image = np.full((64, 96, 3), 30, np.uint8)
                image[20:36, (index * 2) % 80 : (index * 2) % 80 + 16] = (220, 200, 60)
                container.mux(stream.encode(av.VideoFrame.from_ndarray(image, format="rgb24")))
            container.mux(stream.encode())
        return path

    return draw


@pytest.fixture(scope="session")
def running(draw_video: Callable[..., Path]) -> Iterator[Running]:
    """`tailbase up` with one root, for the whole run."""
    if not (ROOT / "backend/tailbase_api/web/index.html").exists():
        pytest.skip("the page is not built here (make install builds it)")
    if CHROMIUM is None:
        pytest.skip("Chromium is not installed here (make test installs it)")
    with tempfile.TemporaryDirectory(prefix="tailbase e2e ", ignore_cleanup_errors=True) as folder:
        videos = Path(folder) / "videos"
        for name in ("2026-05-01_mouse1.mp4", "2026-05-02_mouse2.mp4"):
            draw_video(videos / "cohort A" / name)
        port = _free_port()
        command = [sys.executable, "-c", "import sys; from tailbase.cli import main; sys.exit(main())"]
        options = ["up", "--data", f"{folder}/data", "--port", str(port), "--root", str(videos)]
        environment = {**os.environ, "OMP_NUM_THREADS": "1"}
        with (Path(folder) / "said").open("w") as said:
            process = subprocess.Popen(
                [*command, *options], stdout=subprocess.PIPE, stderr=said, text=True, env=environment
            )
        yield Running(f"http://127.0.0.1:{port}", _link(process, Path(folder) / "said"), videos)
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=90)


def _link(process: subprocess.Popen[str], said: Path) -> str:
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith("Ready: "):
            return line.removeprefix("Ready: ").strip()
    raise AssertionError(said.read_text())


@pytest.fixture(scope="session")
def chromium(running: Running) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def signed_in(chromium: Browser, running: Running, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The cookies of the owner, whose account is made with the link that `tailbase up` prints."""
    context = chromium.new_context()
    page = context.new_page()
    page.goto(running.link)
    page.get_by_label("E-mail").fill(EMAIL)
    page.get_by_label("Your name").fill("Ada")
    page.get_by_label("Password").first.fill(PASSWORD)
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("heading", name="Projects")).to_be_visible()
    state = tmp_path_factory.mktemp("owner") / "state.json"
    context.storage_state(path=state)
    context.close()
    return state


@dataclass
class Console:
    """What the pages of a test complained about; `expected` are patterns of what the test provokes."""

    complaints: list[str] = field(default_factory=list)
    expected: list[str] = field(default_factory=list)

    def watch(self, page: Page) -> None:
        page.on("console", self._said)
        page.on("pageerror", lambda error: self.complaints.append(f"exception: {error}"))

    def _said(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(f"{message.type}: {message.text} ({message.location.get('url', '')})")

    def surprises(self) -> list[str]:
        return [text for text in self.complaints if not any(re.search(pattern, text) for pattern in self.expected)]


@pytest.fixture
def console() -> Iterator[Console]:
    kept = Console()
    yield kept
    assert kept.surprises() == []


@pytest.fixture
def context(chromium: Browser, running: Running, signed_in: Path) -> Iterator[BrowserContext]:
    """A browser in which the owner is signed in."""
    made = chromium.new_context(
        base_url=running.address, storage_state=signed_in, viewport={"width": 1280, "height": 800}
    )
    yield made
    made.close()


@pytest.fixture
def page(context: BrowserContext, console: Console) -> Page:
    made = context.new_page()
    console.watch(made)
    return made


@pytest.fixture
def hold(page: Page) -> Callable[[str], Callable[[], None]]:
    """`release = hold(pattern)` keeps requests of that address waiting until `release()`."""

    def begin(pattern: str) -> Callable[[], None]:
        waiting: list[Route] = []
        released: list[bool] = []
        page.route(pattern, lambda route: route.continue_() if released else waiting.append(route))

        def release() -> None:
            released.append(True)
            for route in waiting:
                route.continue_()

        return release

    return begin


@dataclass(frozen=True)
class Api:
    """The REST API as the signed-in owner, to set up what a test does not look at."""

    context: BrowserContext
    address: str

    def _reply(self, reply: APIResponse) -> Any:
        assert reply.ok, reply.text()
        return json.loads(reply.text() or "null")

    def get(self, path: str) -> Any:
        return self._reply(self.context.request.get(f"/api/v1{path}"))

    def post(self, path: str, body: object) -> Any:
        return self._reply(self.context.request.post(f"/api/v1{path}", data=body, headers={"Origin": self.address}))

    def patch(self, path: str, body: object, **headers: str) -> Any:
        given = {"Origin": self.address, **headers}
        return self._reply(self.context.request.patch(f"/api/v1{path}", data=body, headers=given))

    def project(self, name: str = "Reaching", keypoints: tuple[str, ...] = ("nose", "left paw", "right paw")) -> str:
        """The id of a new project."""
        skeleton = {"keypoints": [{"name": one} for one in keypoints]}
        return str(self.post("/projects", {"name": name, "skeleton": skeleton})["id"])

    def ready_videos(self, project: str, count: int = 1) -> list[dict[str, Any]]:
        """Videos of the root, registered and read."""
        paths = ["cohort A/2026-05-01_mouse1.mp4", "cohort A/2026-05-02_mouse2.mp4"][:count]
        self.post(f"/projects/{project}/videos/register", {"root": "videos", "paths": paths})
        return self.wait(lambda: self._all(project, "videos", "ready", count))

    def frames(self, project: str, count: int = 6) -> list[dict[str, Any]]:
        """Frames of one video, evenly spaced."""
        video = self.ready_videos(project)[0]
        body = {"video_ids": [video["id"]], "method": "uniform", "count": count}
        self.post(f"/projects/{project}/frames/select", body)
        return self.wait(lambda: self._all(project, "frames", "todo", count))

    def label(self, project: str, frames: list[dict[str, Any]]) -> None:
        """Put every keypoint somewhere on the square."""
        keypoints = self.get(f"/projects/{project}/skeleton")["keypoints"]
        animal = self.get(f"/projects/{project}/individuals")["items"][0]["id"]
        for frame in frames:
            x = (frame["frame_index"] * 2) % 80
            points = [
                {"individual_id": animal, "keypoint_id": one["id"], "x": x + 5 * i, "y": 24 + i, "state": "visible"}
                for i, one in enumerate(keypoints)
            ]
            path = f"/projects/{project}/frames/{frame['id']}/labels"
            self.patch(path, {"changes": points, "frame_state": "submitted"}, **{"If-Match": '"v0"'})

    def _all(self, project: str, noun: str, state: str, count: int) -> list[dict[str, Any]]:
        items = self.get(f"/projects/{project}/{noun}?limit=200")["items"]
        return items if [item["state"] for item in items] == [state] * count else []

    def wait(self, question: Callable[[], list[dict[str, Any]]], seconds: float = 90) -> list[dict[str, Any]]:
        deadline = time.monotonic() + seconds
        while not (answer := question()):
            assert time.monotonic() < deadline, "it took too long"
            time.sleep(0.2)
        return answer


@pytest.fixture
def api(context: BrowserContext, running: Running) -> Api:
    return Api(context, running.address)
