"""What dies is started again; one data folder has one supervisor."""

import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from tailbase_core.errors import Conflict, Unavailable
from tailbase_server import lock, processes
from tailbase_server.local import check_free
from tailbase_server.supervisor import LONGEST_PAUSE_SECONDS, Service, Supervisor

Ask = Callable[[Callable[[], bool]], bool]


class Counted:
    """Starts a process that runs for `seconds` and remembers each start."""

    def __init__(self, folder: Path, seconds: float) -> None:
        self.started: list[subprocess.Popen[bytes]] = []
        self._log = folder / "log"
        self._code = f"import time; time.sleep({seconds})"

    def __call__(self) -> subprocess.Popen[bytes]:
        self.started.append(processes.start([sys.executable, "-S", "-c", self._code], log=self._log))
        return self.started[-1]


def test_a_service_that_dies_is_started_again_and_said_so(tmp_path: Path, eventually: Ask) -> None:
    said: list[str] = []
    sleeper = Counted(tmp_path, 60)
    with Supervisor(said.append) as supervisor:
        supervisor.start("sleeper", sleeper)
        psutil.Process(sleeper.started[0].pid).kill()
        assert eventually(lambda: len(sleeper.started) == 2)
        assert sleeper.started[1].poll() is None
    assert said == ["The sleeper ended (status -9); starting it again in 0.5 s."]


def test_all_services_have_ended_after_the_block(tmp_path: Path) -> None:
    first, second = Counted(tmp_path, 60), Counted(tmp_path, 60)
    with Supervisor(lambda _: None) as supervisor:
        supervisor.start("First", first)
        supervisor.start("Second", second)
    assert all(process.poll() is not None for process in (*first.started, *second.started))


def test_a_first_start_that_fails_is_the_callers_to_see(tmp_path: Path) -> None:
    sleeper = Counted(tmp_path, 60)

    def broken() -> subprocess.Popen[bytes]:
        raise Unavailable("no")

    with Supervisor(lambda _: None) as supervisor:
        supervisor.start("sleeper", sleeper)
        with pytest.raises(Unavailable):
            supervisor.start("Broken", broken)
    assert sleeper.started[0].poll() is not None


def test_the_pause_doubles_with_each_death_up_to_half_a_minute(tmp_path: Path) -> None:
    service = Service("x", Counted(tmp_path, 0))
    pauses = []
    for deaths in (1, 2, 3, 20):
        service.deaths = deaths
        pauses.append(service.pause)
    assert pauses == [0.5, 1.0, 2.0, LONGEST_PAUSE_SECONDS]


def test_a_second_supervisor_is_told_who_holds_the_folder(tmp_path: Path) -> None:
    with (
        lock.held(tmp_path, "process 12 serves http://127.0.0.1:8420"),
        pytest.raises(Conflict, match="process 12 serves"),
        lock.held(tmp_path, "another"),
    ):
        raise AssertionError("two held it")


def test_the_folder_can_be_held_again_afterwards(tmp_path: Path) -> None:
    for who in ("first", "second"):
        with lock.held(tmp_path, who):
            assert (tmp_path / "supervisor.lock").read_text() == who


def test_a_taken_port_is_named_with_what_to_do() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(Conflict, match=f"Port {port}.*--port"):
            check_free("127.0.0.1", port)
