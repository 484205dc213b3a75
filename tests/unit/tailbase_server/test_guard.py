"""Nothing that was started outlives whoever started it."""

import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from tailbase_server import processes

# A child that leaves a grandchild in a session of its own, says the grandchild's id, and then goes on.
FAMILY = (
    "import subprocess, sys, time\n"
    "g = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'], start_new_session=True)\n"
    "print(g.pid, flush=True)\n"
)


Ask = Callable[[Callable[[], bool]], bool]


def _python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def _grandchild(log: Path, eventually: Ask) -> int:
    assert eventually(lambda: log.read_text().endswith("\n"))
    return int(log.read_text())


def test_the_exit_status_of_the_command_is_handed_on(tmp_path: Path) -> None:
    assert processes.start(_python("raise SystemExit(7)"), log=tmp_path / "log").wait(20) == 7


def test_a_command_that_was_killed_is_told_as_a_shell_tells_it(tmp_path: Path) -> None:
    code = "import os, signal; os.kill(os.getpid(), signal.SIGKILL)"
    assert processes.start(_python(code), log=tmp_path / "log").wait(20) == 128 + signal.SIGKILL


def test_a_missing_program_ends_with_its_name_in_the_log(tmp_path: Path) -> None:
    log = tmp_path / "log"
    assert processes.start(["/nowhere/program"], log=log).wait(20) == 127
    assert "/nowhere/program" in processes.tail(log)


def test_grandchildren_end_with_a_command_that_ended_by_itself(tmp_path: Path, eventually: Ask) -> None:
    log = tmp_path / "log"
    assert processes.start(_python(FAMILY), log=log).wait(20) == 0
    assert not psutil.pid_exists(_grandchild(log, eventually))


def test_stop_sends_the_signal_the_command_wants(tmp_path: Path, eventually: Ask) -> None:
    log = tmp_path / "log"
    code = "import signal, sys, time; signal.signal(signal.SIGINT, lambda *_: sys.exit(5)); print(1, flush=True)\n"
    process = processes.start(_python(code + "time.sleep(60)"), log=log, stop=signal.SIGINT)
    assert eventually(lambda: log.read_text() == "1\n")
    processes.stop(process)
    assert process.returncode == 5


def test_a_command_that_does_not_stop_is_killed_after_the_grace(tmp_path: Path, eventually: Ask) -> None:
    log = tmp_path / "log"
    code = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(1, flush=True); time.sleep(60)"
    process = processes.start(_python(code), log=log, grace=0.2)
    assert eventually(lambda: log.read_text() == "1\n")
    processes.stop(process)
    assert process.returncode == 128 + signal.SIGKILL


@pytest.mark.parametrize("victim", ["parent", "guard"])
def test_a_kill_of_the_parent_or_of_the_guard_leaves_no_child(victim: str, tmp_path: Path, eventually: Ask) -> None:
    log = tmp_path / "log"
    code = "import os; print(os.getpid(), flush=True); import time; time.sleep(60)"
    program = (
        "import time; from pathlib import Path; from tailbase_server import processes\n"
        f"p = processes.start({_python(code)!r}, log=Path({str(log)!r}), grace=0.2)\n"
        "print(p.pid, flush=True); time.sleep(60)"
    )
    parent = subprocess.Popen(_python(program), stdout=subprocess.PIPE)
    assert parent.stdout is not None
    guard = int(parent.stdout.readline())
    child = _grandchild(log, eventually)
    psutil.Process(parent.pid if victim == "parent" else guard).kill()
    assert eventually(lambda: not psutil.pid_exists(child))
    parent.kill()
    parent.communicate()


def test_a_kill_of_the_parent_ends_grandchildren_too(tmp_path: Path, eventually: Ask) -> None:
    log = tmp_path / "log"
    program = (
        "import time; from pathlib import Path; from tailbase_server import processes\n"
        f"processes.start({_python(FAMILY + 'time.sleep(60)')!r}, log=Path({str(log)!r}), grace=0.2)\n"
        "print(1, flush=True); time.sleep(60)"
    )
    parent = subprocess.Popen(_python(program), stdout=subprocess.PIPE)
    assert parent.stdout is not None
    parent.stdout.readline()
    grandchild = _grandchild(log, eventually)
    parent.kill()
    parent.communicate()
    assert eventually(lambda: not psutil.pid_exists(grandchild))
