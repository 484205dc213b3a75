"""What a child may write, and what becomes of one that misbehaves."""

import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import psutil
import pytest

from tailbase_worker import child
from tailbase_worker.child import Child, ChildDied, ChildFailed


def running(code: str) -> tuple[Child, list[dict[str, Any]], list[str]]:
    """A child that runs `code`, its events and its text."""
    events: list[dict[str, Any]] = []
    texts: list[str] = []
    process = subprocess.Popen(
        [sys.executable, "-u", "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True
    )
    return Child(process, events.append, texts.append), events, texts


def test_events_come_in_order_and_the_result_is_given_back() -> None:
    one, events, texts = running(
        """import sys
print('{"event": "progress", "stage": "s", "done": 1, "total": 2}')
print('not json at all')
print('[1, 2]')
print('{"event": "result", "values": {"a": 1}}')
sys.stderr.write('a warning')"""
    )

    assert one.wait() == {"a": 1}
    assert [event["event"] for event in events] == ["progress"]
    assert sorted(texts) == ["[1, 2]", "a warning", "not json at all"]


def test_an_error_event_carries_its_code_and_sentence() -> None:
    one, _, _ = running(
        """print('{"event": "error", "code": "video.empty", "message": "It is empty."}'); raise SystemExit(2)"""
    )

    with pytest.raises(ChildFailed, match="It is empty") as failed:
        one.wait()
    assert failed.value.code == "video.empty"


@pytest.mark.parametrize("code", ["raise SystemExit(1)", "1/0", "pass"])
def test_a_child_without_a_result_has_crashed(code: str) -> None:
    with pytest.raises(ChildFailed) as failed:
        running(code)[0].wait()
    assert failed.value.code == "job.crashed"


@pytest.mark.parametrize(("number", "crashed"), [(9, False), (11, True), (6, True)])
def test_a_signal_is_told_from_a_failure(number: int, crashed: bool) -> None:
    with pytest.raises(ChildDied) as died:
        running(f"import os; os.kill(os.getpid(), {number})")[0].wait()
    assert died.value.crashed == crashed


def test_a_line_without_end_is_not_kept_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child, "LINE_BYTES", 100_000)

    with pytest.raises(ChildFailed) as failed:
        running("while True: print('x' * 10_000, end='')")[0].wait()
    assert failed.value.code == "job.bad_output"


def test_a_child_that_takes_too_long_is_ended() -> None:
    with pytest.raises(ChildFailed) as failed:
        running("import time; time.sleep(60)")[0].wait(0.5)
    assert failed.value.code == "video.too_slow"


def test_a_child_that_holds_too_much_memory_is_ended() -> None:
    one, _, _ = running("import time; held = b'x' * 100_000_000; time.sleep(60)")
    watch = threading.Timer(2, one.keep_below, [50_000_000])
    watch.start()

    with pytest.raises(ChildFailed) as failed:
        one.wait()
    assert failed.value.code == "job.out_of_memory"


def test_killing_ends_what_the_child_started_too() -> None:
    one, _, texts = running(
        """import subprocess, sys, time
p = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])
print(p.pid); time.sleep(60)"""
    )
    threading.Timer(2, one.kill).start()

    with pytest.raises(ChildDied):
        one.wait()
    deadline = time.monotonic() + 5
    while psutil.pid_exists(int(texts[0])) and psutil.Process(int(texts[0])).status() != psutil.STATUS_ZOMBIE:
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_the_environment_of_a_child_is_empty_but_for_what_it_needs(tmp_path: Path) -> None:
    assert set(child._environment(tmp_path, 2)) == {
        "PATH", "HOME", "TMPDIR", "LANG", "PYTHONUNBUFFERED", "OMP_NUM_THREADS",
    }  # fmt: skip
