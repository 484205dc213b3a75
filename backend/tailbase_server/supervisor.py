"""Keeps services running: what dies is started again, what is stopped stays gone."""

import subprocess
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from tailbase_core.errors import TailbaseError
from tailbase_server import processes

POLL_SECONDS = 0.2
FIRST_PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 30.0
# Whoever ran this long was healthy; the next death is a new misfortune, not the same one again.
HEALTHY_SECONDS = 60.0
HOPELESS_DEATHS = 4


@dataclass
class Service:
    """`start` returns a guarded process, after waiting for it to answer where others depend on it."""

    name: str
    start: Callable[[], subprocess.Popen[bytes]]
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    deaths: int = 0
    due: float = 0.0

    @property
    def pause(self) -> float:
        """Seconds to wait before the next start: doubled at each death in a row."""
        return min(FIRST_PAUSE_SECONDS * 2.0 ** min(self.deaths - 1, 10), LONGEST_PAUSE_SECONDS)

    def run(self) -> None:
        self.process = self.start()
        self.started = time.monotonic()


class Supervisor:
    """Watches while its `with` block runs; at its end the services stop, the last started first."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._services: list[Service] = []
        self._say = say
        self._stopping = threading.Event()
        # What is started again is a child of this thread, which therefore lives until all have ended.
        self._thread = threading.Thread(target=self._watch, name="supervisor", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self._stopping.set()
        self._thread.join()

    def start(self, name: str, start: Callable[[], subprocess.Popen[bytes]]) -> None:
        """Start a service, and from then on keep it running. A first start that fails is the caller's to see."""
        service = Service(name, start)
        service.run()
        self._services.append(service)

    def hopeless(self) -> list[str]:
        """The services that die again and again."""
        return [service.name for service in self._services if service.deaths >= HOPELESS_DEATHS]

    def _watch(self) -> None:
        while not self._stopping.wait(POLL_SECONDS):
            for service in tuple(self._services):
                self._look_after(service)
        for service in reversed(self._services):
            if service.process is not None:
                processes.stop(service.process)

    def _look_after(self, service: Service) -> None:
        if service.process is not None and service.process.poll() is None:
            return
        now = time.monotonic()
        if service.process is not None:
            self._mourn(service, service.process.returncode, now)
        if now >= service.due and not self._stopping.is_set():
            self._start_again(service)

    def _mourn(self, service: Service, status: int, now: float) -> None:
        service.deaths = 1 if now - service.started > HEALTHY_SECONDS else service.deaths + 1
        service.due = now + service.pause
        service.process = None
        self._say(f"The {service.name} ended (status {status}); starting it again in {service.pause:.1f} s.")

    def _start_again(self, service: Service) -> None:
        try:
            service.run()
        except (TailbaseError, OSError) as error:
            service.deaths += 1
            service.due = time.monotonic() + service.pause
            self._say(f"The {service.name} did not start: {error}")
