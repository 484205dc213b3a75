"""A child that reads a stranger's file has nothing to steal and nobody to call."""

import json
import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tailbase_worker.child import ChildDied, ChildFailed, Limits, start
from tailbase_worker.sandbox.landlock import restrict

PROBE = """
import json, os, socket, sys, urllib.request
from pathlib import Path

def tried(call):
    try:
        call()
    except OSError as error:
        return type(error).__name__
    return "worked"

def connect(address):
    with socket.socket(socket.AF_UNIX if isinstance(address, str) else socket.AF_INET) as line:
        line.settimeout(2)
        line.connect(tuple(address) if isinstance(address, list) else address)

port, secret, scratch, parent = int(sys.argv[1]), sys.argv[2], sys.argv[3], sys.argv[4]
print(json.dumps({"event": "result", "values": {
    "environment": sorted(os.environ),
    "database": tried(lambda: connect(["127.0.0.1", port])),
    "metadata": tried(lambda: connect(["169.254.169.254", 80])),
    "secret": tried(lambda: Path(secret).read_text()),
    "overwrite": tried(lambda: Path(secret).write_text("x")),
    "parent": tried(lambda: Path(f"/proc/{parent}/environ").read_bytes()),
    "signal": tried(lambda: os.kill(int(parent), 0)),
    "own": tried(lambda: Path(scratch, "file").write_text("mine")),
}}), flush=True)
"""


def landlock_works() -> bool:
    """Whether this kernel has Landlock, tried in a process of its own."""
    code = "from tailbase_worker.sandbox.landlock import restrict; import sys; sys.exit(not restrict([], [], False))"
    return subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.fixture
def locked_in(tmp_path: Path) -> Any:
    """Run a piece of Python where a verb would run."""
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    (scratch / "verb.py").write_text(PROBE)
    secret = tmp_path / "secrets"
    secret.write_text("password")
    with socket.create_server(("127.0.0.1", 0)) as database:
        limits = scratch / "limits.json"
        limits.write_text(
            json.dumps(
                {
                    "readable": [], "writable": [str(scratch)], "memory_bytes": 0,
                    "network": False, "parent": os.getpid(),
                }
            )
        )  # fmt: skip
        program = (
            "import sys, runpy; from tailbase_worker.sandbox import launcher; "
            "import json; from pathlib import Path; "
            "facts = json.loads(Path(sys.argv[1]).read_text()); launcher._lock_in(facts); "
            "launcher._die_with(facts['parent']); sys.argv = sys.argv[1:]; runpy.run_path('verb.py')"
        )
        words = [str(limits), str(database.getsockname()[1]), str(secret), str(scratch), str(os.getpid())]
        done = subprocess.run(
            [sys.executable, "-c", program, *words],
            cwd=scratch,
            env={"PATH": os.defpath, "HOME": str(scratch)},
            capture_output=True,
            text=True,
            check=True,
        )
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    return lines[-1]["values"] | {"log": lines[0]["message"], "secret_is": secret.read_text()}


def test_it_knows_no_secret_of_ours(locked_in: Any) -> None:
    assert [name for name in locked_in["environment"] if "TAILBASE" in name or "AWS" in name] == []
    assert set(locked_in["environment"]) <= {"HOME", "LC_CTYPE", "PATH"}


def test_it_reaches_neither_servers_nor_the_clouds_metadata(locked_in: Any) -> None:
    if "NOT restricted" in locked_in["log"].partition(";")[0]:
        pytest.skip("this kernel gives us neither namespaces nor Landlock")
    assert locked_in["database"] != "worked"
    assert locked_in["metadata"] != "worked"


def test_it_reads_and_writes_its_own_files_only(locked_in: Any) -> None:
    if not landlock_works():
        pytest.skip("this kernel has no Landlock")
    assert (locked_in["secret"], locked_in["overwrite"]) == ("PermissionError", "PermissionError")
    assert (locked_in["parent"], locked_in["signal"]) == ("PermissionError", "PermissionError")
    assert (locked_in["own"], locked_in["secret_is"]) == ("worked", "password")


def test_a_kernel_without_landlock_is_said_to_have_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")

    assert restrict([], [], network=False) is False


def run(arguments: list[str], scratch: Path, limits: Limits | None = None) -> Any:
    told: list[str] = []
    child = start(arguments, scratch, limits or Limits(), lambda event: told.append(str(event)), told.append)
    return child.wait(60), told


def test_a_file_name_is_never_an_option_or_a_command(tmp_path: Path) -> None:
    for name in ("-i x.mp4", "--help", ";touch pwned", "a\nb.mp4", "$(touch pwned)"):
        file = tmp_path / name
        file.write_text("no video")
        with pytest.raises(ChildFailed) as failed:
            run(["probe", str(file), "--json"], tmp_path, Limits(readable=[file]))
        assert failed.value.code.startswith("video.")
    assert not (tmp_path / "pwned").exists()


def test_a_child_that_takes_too_much_memory_is_refused_it(tmp_path: Path) -> None:
    file = tmp_path / "x"
    file.write_text("no video")
    with pytest.raises((ChildFailed, ChildDied)) as failed:
        run(["probe", str(file), "--json"], tmp_path, Limits(readable=[file], memory_bytes=8 * 1024**2))
    assert getattr(failed.value, "code", "job.crashed") == "job.crashed"
