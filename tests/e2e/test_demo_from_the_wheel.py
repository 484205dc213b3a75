"""The wheel alone, without Node and without a checkout, takes a person from nothing to poses."""

import re
import signal
import socket
import subprocess
import sys
import sysconfig
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

ROOT = Path(__file__).resolve().parents[2]
# The aim is 5; the network reaches 5.1 (README, Figures). This bound catches a fall back.
MOST_OF_BODY_PERCENT = 6
SECOND_START_SECONDS = 30
pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, wheel_file: Path) -> Path:
    """A folder with a virtual environment that holds the wheel, and a `node` that tells when somebody runs it."""
    if not (ROOT / "backend/tailbase_api/web/index.html").exists():
        pytest.skip("the page is not built here (make install builds it)")
    place = tmp_path_factory.mktemp("a place")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", place / "venv"], check=True)
    # The requirements come from here; what lies in the folder itself, the wheel, is found first.
    packages = next((place / "venv").glob("lib/python*/site-packages"))
    (packages / "requirements.pth").write_text(sysconfig.get_path("purelib") + "\n")
    pip = [
        sys.executable,
        "-m",
        "pip",
        "--python",
        str(place / "venv/bin/python"),
        "install",
        "--no-deps",
        "--no-index",
    ]
    subprocess.run([*pip, str(wheel_file)], check=True)
    (place / "bin").mkdir()
    node = place / "bin" / "node"
    node.write_text(f"#!/bin/sh\ntouch '{place}/node-was-run'\nexit 1\n")
    node.chmod(0o755)
    return place


@contextmanager
def _demo(place: Path) -> Iterator[tuple[str, str]]:
    """The address after `Ready: ` and all that was said before."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    command = [place / "venv/bin/tailbase", "demo", "--data", place / "data", "--port", port]
    environment = {"PATH": f"{place}/bin:/usr/local/bin:/usr/bin:/bin", "HOME": str(place)}
    with (place / "said").open("w") as said:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=said, text=True, env=environment, cwd=place)
    assert process.stdout is not None
    try:
        line = process.stdout.readline()
        assert line.startswith("Ready: "), (place / "said").read_text()
        yield line.removeprefix("Ready: ").strip(), (place / "said").read_text()
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=90)
    assert process.returncode == 0


def test_the_demo_of_the_wheel_predicts_the_unseen_recording_and_starts_again_quickly(place: Path) -> None:
    with _demo(place) as (address, said):
        found = re.search(r"mean error ([\d.]+) px, ([\d.]+)% of the body's length, ([\d.]+) times", said)
        assert found is not None, said
        assert float(found[2]) <= MOST_OF_BODY_PERCENT
        assert float(found[3]) <= 0.3
        page = httpx.get(address)
        assert (page.status_code, "<div id=" in page.text) == (200, True)
    began = time.monotonic()
    with _demo(place):
        assert time.monotonic() - began < SECOND_START_SECONDS
    assert not (place / "node-was-run").exists()
