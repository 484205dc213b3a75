"""Runs one command so that nothing it started outlives whoever asked for it.

    python guard.py SIGNAL GRACE_SECONDS -- COMMAND...

SIGNAL is how the command is asked to stop (Postgres wants SIGINT). The guard asks it when it gets SIGTERM itself or
when its own parent dies, even by SIGKILL; what is left after the grace is killed, grandchildren too. It is run as a
plain file by an isolated interpreter, so that it starts in milliseconds, and so imports the standard library only.
"""

import ctypes
import os
import signal
import sys
import time
from types import FrameType

PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36
_libc = ctypes.CDLL(None, use_errno=True)


def die_with_parent(parent: int, number: int) -> None:
    """Get signal `number` when process `parent` ends, which may already have happened."""
    _libc.prctl(PR_SET_PDEATHSIG, number, 0, 0, 0)
    if os.getppid() != parent:
        os.kill(os.getpid(), number)


def start(command: list[str]) -> int:
    """The id of a child that runs `command` in a process group of its own and is killed if the guard is."""
    guard = os.getpid()
    child = os.fork()
    if child:
        return child
    try:
        os.setpgid(0, 0)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM, signal.SIGINT, signal.SIGCHLD})
        die_with_parent(guard, signal.SIGKILL)
        os.execvp(command[0], command)  # noqa: S606
    except OSError as error:
        sys.stderr.write(f"{command[0]}: {error.strerror}\n")
    os._exit(127)


def children() -> list[int]:
    """The living children of this process, adopted orphans among them."""
    with open(f"/proc/self/task/{os.getpid()}/children") as listing:
        return [int(word) for word in listing.read().split()]


def kill_the_rest() -> None:
    """Kill children until none is left; each death hands this process the orphans of the dead."""
    while True:
        try:
            for child in children():
                os.kill(child, signal.SIGKILL)
            os.waitpid(-1, 0)
        except ChildProcessError:
            return
        except ProcessLookupError:
            continue


def wait_for(child: int, seconds: float | None) -> int | None:
    """The exit status of `child`, or None if a stop was asked for (or the time passed) first."""
    deadline = None if seconds is None else time.monotonic() + seconds
    wanted = {signal.SIGCHLD} if seconds is not None else {signal.SIGCHLD, signal.SIGTERM}
    while True:
        for pid, status in reaped():
            if pid == child:
                return os.waitstatus_to_exitcode(status)
        if deadline is None:
            if signal.sigwait(wanted) == signal.SIGTERM:
                return None
        elif (left := deadline - time.monotonic()) <= 0 or signal.sigtimedwait(wanted, left) is None:
            return None


def reaped() -> list[tuple[int, int]]:
    """The children that ended since the last call, with their wait status."""
    ended: list[tuple[int, int]] = []
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return ended
        if pid == 0:
            return ended
        ended.append((pid, status))


def guard(command: list[str], stop: signal.Signals, grace: float) -> int:
    """Run `command` to its end or until told to stop; its exit status, or 128 + signal as a shell has it."""
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM, signal.SIGINT, signal.SIGCHLD})
    # SIGCHLD that is ignored (inherited from the parent) would let the kernel reap the child unseen.
    signal.signal(signal.SIGCHLD, _do_nothing)
    _libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    die_with_parent(os.getppid(), signal.SIGTERM)
    child = start(command)
    status = wait_for(child, None)
    if status is None:
        os.kill(child, stop)
        status = wait_for(child, grace)
    kill_the_rest()
    return 128 + signal.SIGKILL if status is None else status if status >= 0 else 128 - status


def _do_nothing(_number: int, _frame: FrameType | None) -> None:
    """A handler must be set for a blocked SIGCHLD to stay pending."""


if __name__ == "__main__":
    name, seconds, _, *argv = sys.argv[1:]
    sys.exit(guard(argv, signal.Signals[name], float(seconds)))
