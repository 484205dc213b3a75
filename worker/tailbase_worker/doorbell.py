"""The bell: a Celery worker in a process of its own that hears rings and wakes the supervisor through a pipe.

It does no work, so nothing of Celery's delivery matters to a job: not its acknowledgements, not its visibility
time-out, not a Redis that forgets.
"""

import ctypes
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Sequence

import structlog
from celery import Celery

from tailbase_core.bell import TASK, broker_url
from tailbase_core.settings import settings

_DEATH_SIGNAL = 1
_RESTART_SECONDS = 5.0

log = structlog.get_logger(__name__)


class Doorbell:
    """Waits for rings; works without Redis too, when waiting simply takes its time-out."""

    def __init__(self, queues: Sequence[str]) -> None:
        self._queues = queues
        self._read, self._write = os.pipe()
        os.set_blocking(self._read, False)
        os.set_blocking(self._write, False)
        self._process: subprocess.Popen[bytes] | None = None
        self._started = 0.0

    def wait(self, seconds: float) -> None:
        """Return when it rings, or after `seconds`."""
        self._keep_running()
        if select.select([self._read], [], [], seconds)[0]:
            os.read(self._read, 65_536)

    def push(self) -> None:
        """Ring from here; safe in a signal handler."""
        try:
            os.write(self._write, b".")
        except BlockingIOError:
            return  # it rings already

    def close(self) -> None:
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(5)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()

    def _keep_running(self) -> None:
        """Start the listener, or start it again; from the main thread, whose death ends it."""
        if self._process is not None and self._process.poll() is None:
            return
        if time.monotonic() - self._started < _RESTART_SECONDS and self._process is not None:
            return
        self._started = time.monotonic()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tailbase_worker.doorbell", str(self._write), str(os.getpid()), *self._queues],
            pass_fds=[self._write],
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )


def make_app(redis_url: str, pipe: int) -> Celery:
    app = Celery("tailbase", broker=broker_url(redis_url))
    app.conf.update(
        accept_content=["json"],
        task_serializer="json",
        task_ignore_result=True,
        task_acks_late=False,
        worker_prefetch_multiplier=1,
        worker_hijack_root_logger=False,
        worker_enable_remote_control=False,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        broker_transport_options={"socket_connect_timeout": 5, "health_check_interval": 10},
    )

    @app.task(name=TASK)
    def ring(queue: str) -> None:  # noqa: ARG001 - every queue of this worker is looked through
        try:
            os.write(pipe, b".")
        except BlockingIOError:
            return  # the supervisor has not yet read the last one

    return app


def main(arguments: Sequence[str]) -> None:
    pipe, parent, queues = int(arguments[0]), int(arguments[1]), arguments[2:]
    if sys.platform.startswith("linux"):
        ctypes.CDLL(None).prctl(_DEATH_SIGNAL, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        return
    app = make_app(settings().redis_url.get_secret_value(), pipe)
    options = ["--pool=solo", "--without-gossip", "--without-mingle", "--without-heartbeat", "--loglevel=WARNING"]
    app.worker_main(["--quiet", "worker", f"--queues={','.join(queues)}", *options])


if __name__ == "__main__":
    main(sys.argv[1:])
