"""`tailbase up` under kill -9 of each of its parts, of itself, and under Ctrl-C."""

import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil
import pytest

Ask = Callable[..., bool]
READY_SECONDS = 120


@dataclass(frozen=True)
class Up:
    process: subprocess.Popen[str]
    data: Path
    url: str
    token: str

    def healthy(self) -> bool:
        try:
            return httpx.get(f"{self.url}/api/v1/health", timeout=10).status_code == httpx.codes.OK
        except httpx.TransportError:
            return False

    def all_processes(self) -> list[psutil.Process]:
        return psutil.Process(self.process.pid).children(recursive=True)

    def running(self, *words: str) -> psutil.Process:
        """The guarded process whose command holds all the words; its guard's command holds them too."""
        commands = [(p, _command_of(p)) for p in self.all_processes()]
        return next(p for p, said in commands if "guard.py" not in said and all(w in said for w in words))


def _command_of(process: psutil.Process) -> str:
    try:
        return " ".join(process.cmdline())
    except psutil.Error:
        return ""


def _command(data: Path, port: int, *options: str) -> list[str]:
    return [sys.executable, "-m", "tailbase.cli", "up", "--data", str(data), "--port", str(port), *options]


def _start(data: Path, *options: str) -> Up:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    log = (data.parent / f"{data.name}.log").open("w")
    process = subprocess.Popen(_command(data, port, *options), stdout=subprocess.PIPE, stderr=log, text=True)
    log.close()
    assert process.stdout is not None
    line = process.stdout.readline()
    assert line.startswith("Ready: http://127.0.0.1:"), (data.parent / f"{data.name}.log").read_text()
    url, token = line.removeprefix("Ready: ").strip().split("/login?link=")
    return Up(process, data, url, token)


def _end(up: Up, number: signal.Signals) -> None:
    up.process.send_signal(number)
    up.process.communicate(timeout=60)


@pytest.fixture(scope="module")
def up(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Up]:
    place = tmp_path_factory.mktemp("up")
    (place / "films of mine").mkdir()
    started = _start(place / "data with spaces", "--root", str(place / "films of mine"))
    yield started
    _end(started, signal.SIGTERM)


def test_health_is_good_once_the_ready_line_is_printed(up: Up) -> None:
    assert up.healthy()


def test_the_printed_link_asks_a_fresh_installation_for_its_owner(up: Up) -> None:
    reply = httpx.get(f"{up.url}/api/v1/auth/link/{up.token}")
    assert (reply.status_code, reply.json()["purpose"]) == (200, "owner")


def test_the_owner_signs_in_and_finds_the_folder_given_as_root(up: Up) -> None:
    owner = {"token": up.token, "email": "a@b.example", "name": "A", "password": "a long enough password"}
    with httpx.Client(base_url=up.url, headers={"Origin": up.url}) as http:
        assert http.post("/api/v1/auth/link", json=owner).status_code == 200
        assert "films" in http.get("/api/v1/roots").text


def test_a_second_start_on_the_same_folder_says_who_has_it(up: Up) -> None:
    done = subprocess.run(_command(up.data, 1), capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stdout) == (2, "")
    assert f"process {up.process.pid} serves {up.url}" in done.stderr


def test_a_second_start_on_the_same_port_says_so(up: Up, tmp_path: Path) -> None:
    port = int(up.url.rpartition(":")[2])
    done = subprocess.run(_command(tmp_path, port), capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 2
    assert f"Port {port}" in done.stderr


@pytest.mark.parametrize(
    "words", [["tailbase_api"], ["tailbase_worker"], ["redis-server"], ["postgres", "-D"]], ids=lambda w: w[0]
)
def test_what_is_killed_comes_back(words: list[str], up: Up, eventually: Ask) -> None:
    victim = up.running(*words)
    victim.kill()
    assert eventually(lambda: not psutil.pid_exists(victim.pid))
    assert eventually(lambda: any(words[0] in _command_of(p) for p in up.all_processes()))
    assert eventually(up.healthy, 60)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL], ids=lambda n: n.name)
def test_nothing_is_left_running(number: signal.Signals, tmp_path: Path, eventually: Ask) -> None:
    up = _start(tmp_path / "data")
    family = up.all_processes()
    assert len(family) >= 8
    _end(up, number)
    assert up.process.returncode == (-number if number == signal.SIGKILL else 0)
    assert eventually(lambda: not any(p.is_running() and p.status() != psutil.STATUS_ZOMBIE for p in family), 40)
