"""What the labeller's bench works on: a server of its own, Chromium, and projects as a worker would fill them."""

import io
import json
import socket
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import numpy as np
from labeller_probe import PROBE
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from sqlalchemy import insert

from tailbase.formats.project import load_labels
from tailbase_core.database import make_engine, make_sessions, transaction
from tailbase_core.links import link_url
from tailbase_core.settings import Settings
from tailbase_core.storage import BlobStore, make_store
from tailbase_core.tables import Frame, Model, Prelabel, PrelabelRound
from tailbase_server.local import Local, running

FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync"]
ACCOUNT = {"E-mail": "bench@lab.example", "Your name": "Bench", "Password": "correct horse battery"}
SCREEN = (1280, 800)
EARLY = datetime(2026, 1, 1, tzinfo=UTC)
AT_ONCE = 500


@dataclass(frozen=True)
class Mouse:
    """Mirror-mouse: where its images lie, and the person's points (image, keypoint, 2) in px; nan where absent."""

    keypoints: tuple[str, ...]
    images: list[Path]
    points: NDArray[np.float64]


def mouse(shared: Path) -> Mouse:
    """Reads the data set, its images in the order of their paths."""
    labels, folder = load_labels(shared / "datasets" / "mirror-mouse")
    order = sorted(range(len(labels.images)), key=lambda position: labels.images[position].path)
    paths = [folder / labels.images[position].path for position in order]
    return Mouse(labels.skeleton.names, paths, np.asarray(labels.points, float)[order, 0])


@dataclass(frozen=True)
class Proposed:
    """A frame to label: the keys of image and thumbnail, and pre-labels (individual, keypoint, 3): x, y, likelihood."""

    keys: tuple[str, str]
    width: int
    height: int
    points: NDArray[np.float64] | None


@dataclass(frozen=True)
class Setting:
    """A running Tailbase and a browser in which its owner is signed in."""

    local: Local
    store: BlobStore
    browser: Browser
    context: BrowserContext

    def call(self, method: str, path: str, body: object = None) -> Any:
        """What the REST API replies to the owner."""
        headers = {"Origin": self.local.url}
        data = (
            {}
            if body is None
            else {"data": json.dumps(body), "headers": headers | {"Content-Type": "application/json"}}
        )
        reply = self.context.request.fetch(f"{self.local.url}/api/v1{path}", method=method, **data)
        if not reply.ok:
            raise SystemExit(f"{method} {path}: {reply.text()}")
        return json.loads(reply.text() or "null")

    def project(self, keypoints: Sequence[str], animals: int = 1) -> str:
        """The id of an empty project in which no training begins by itself and every frame may have pre-labels."""
        skeleton = {"keypoints": [{"name": name} for name in keypoints]}
        project = str(self.call("POST", "/projects", {"name": "Bench", "skeleton": skeleton})["id"])
        self.call("PUT", f"/projects/{project}/prelabels/settings", {"on": False, "after": 10, "blind_share": 0})
        for number in range(1, animals):
            self.call("POST", f"/projects/{project}/individuals", {"name": f"animal {number + 1}"})
        return project

    def put_image(self, path: Path) -> tuple[str, str]:
        """The keys under which an image and its thumbnail are stored."""
        key = f"bench/{uuid4()}"
        self.store.put_bytes(key + path.suffix, path.read_bytes())
        small, written = Image.open(path).convert("RGB"), io.BytesIO()
        small.thumbnail((256, 1024))
        small.save(written, "JPEG", quality=82)
        self.store.put_bytes(key + ".thumb.jpg", written.getvalue())
        return key + path.suffix, key + ".thumb.jpg"

    def fill(self, project: str, frames: Sequence[Proposed]) -> list[str]:
        """Frames in the order in which the queue will show them, with what a round of pre-labels found."""
        ids = [uuid4() for _ in frames]
        model = uuid4()
        individuals = [one["id"] for one in self.call("GET", f"/projects/{project}/individuals")["items"]]
        keypoints = [one["id"] for one in self.call("GET", f"/projects/{project}/skeleton")["keypoints"]]
        rows = [_frame(UUID(project), id, n, frame) for n, (id, frame) in enumerate(zip(ids, frames, strict=True))]
        found = [
            {"frame_id": id, "model_id": model, "project_id": UUID(project), "benefit": 1 - n / (2 * len(ids)),
             "points": {} if frame.points is None else _stored(frame.points, individuals, keypoints)}
            for n, (id, frame) in enumerate(zip(ids, frames, strict=True))
        ]  # fmt: skip
        engine = make_engine(self.local.settings, pool_size=1)
        with transaction(make_sessions(engine)) as session:
            for begin in range(0, len(rows), AT_ONCE):
                session.execute(insert(Frame), rows[begin : begin + AT_ONCE])
            session.add(Model(id=model, project_id=UUID(project), name="Bench", state="ready"))
            session.flush()
            ready = datetime.now(UTC)
            session.add(PrelabelRound(project_id=UUID(project), number=1, model_id=model, labels=10, ready_at=ready))
            for begin in range(0, len(found), AT_ONCE):
                session.execute(insert(Prelabel), found[begin : begin + AT_ONCE])
        engine.dispose()
        return [str(id) for id in ids]

    def page(self) -> Page:
        """A page that the probe watches."""
        page = self.context.new_page()
        page.add_init_script(PROBE)
        return page


def _frame(project: UUID, id: UUID, number: int, frame: Proposed) -> dict[str, Any]:
    return {
        "id": id, "project_id": project, "source_path": f"frame {number:05}", "image_key": frame.keys[0],
        "thumbnail_key": frame.keys[1], "width": frame.width, "height": frame.height, "state": "todo",
        "origin": "import", "context_keys": [], "created_at": EARLY + timedelta(seconds=number),
    }  # fmt: skip


def _stored(points: NDArray[np.float64], individuals: Sequence[str], keypoints: Sequence[str]) -> dict[str, Any]:
    return {
        f"{individual}/{keypoint}": {"x": float(x), "y": float(y), "likelihood": float(likelihood)}
        for individual, pose in zip(individuals, points, strict=True)
        for keypoint, (x, y, likelihood) in zip(keypoints, pose, strict=True)
    }


@contextmanager
def setting() -> Iterator[Setting]:
    """Servers, API, a worker and Chromium for one run, in a folder that goes with it."""
    with tempfile.TemporaryDirectory(prefix="tailbase-bench-", ignore_cleanup_errors=True) as folder:
        settings = Settings(data_dir=Path(folder))
        with running(settings, "127.0.0.1", _free_port(), lambda _: None) as local, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
            context = browser.new_context(viewport={"width": SCREEN[0], "height": SCREEN[1]})
            _sign_in(context, local)
            yield Setting(local, make_store(local.settings), browser, context)
            browser.close()


def _sign_in(context: BrowserContext, local: Local) -> None:
    token, _ = local.new_link()
    page = context.new_page()
    page.goto(link_url(local.url, token))
    for label, value in ACCOUNT.items():
        page.get_by_label(label).first.fill(value)
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("heading", name="Projects").wait_for()
    page.close()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])
