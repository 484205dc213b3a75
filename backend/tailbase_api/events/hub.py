"""One Redis listener a process, fanned out to the open streams of this process."""

import asyncio
import threading
from dataclasses import dataclass, field
from uuid import UUID

import structlog
from redis import Redis
from redis.exceptions import RedisError

from tailbase_core import news
from tailbase_core.errors import TooManyRequests
from tailbase_core.news import News

MOST_STREAMS = 16
"""Open at once by one user in one process; a browser needs a single one."""
MOST_WAITING = 1000
"""News a stream may lag behind; a slower reader is cut off and resumes by Last-Event-ID."""
_BLOCK_MS = 1000
_PAUSE_SECONDS = 1.0

log = structlog.get_logger(__name__)


@dataclass(eq=False)
class Subscription:
    """What one open stream waits for; None in the queue ends it."""

    user_id: UUID
    projects: frozenset[UUID]
    waiting: "asyncio.Queue[News | None]" = field(default_factory=lambda: asyncio.Queue(MOST_WAITING + 1))


class Hub:
    """Used from the event loop only; its own thread reads Redis and hands over to the loop."""

    def __init__(self, redis_url: str) -> None:
        self._redis_url = redis_url
        self._open: set[Subscription] = set()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def check_room(self, user_id: UUID) -> None:
        if sum(subscription.user_id == user_id for subscription in self._open) >= MOST_STREAMS:
            raise TooManyRequests(f"You have {MOST_STREAMS} open streams of news. Close some of your pages.")

    def join(self, user_id: UUID, projects: frozenset[UUID], place: str | None) -> Subscription:
        """From this moment on the subscription collects news. The listener starts with the first one, at `place`."""
        self.check_room(user_id)
        if self._thread is None:
            loop = asyncio.get_running_loop()
            self._thread = threading.Thread(target=self._listen, args=(loop, place), name="news", daemon=True)
            self._thread.start()
        subscription = Subscription(user_id, projects)
        self._open.add(subscription)
        return subscription

    def leave(self, subscription: Subscription) -> None:
        self._open.discard(subscription)

    def close(self) -> None:
        """End all streams; the listener notices within a second."""
        self._stop.set()
        for subscription in self._open:
            _end(subscription)

    def _spread(self, item: News) -> None:
        for subscription in self._open:
            if item.project_id not in subscription.projects:
                continue
            if subscription.waiting.qsize() < MOST_WAITING:
                subscription.waiting.put_nowait(item)
            else:
                _end(subscription)

    def _listen(self, loop: asyncio.AbstractEventLoop, last: str | None) -> None:
        with Redis.from_url(self._redis_url, socket_timeout=10, socket_connect_timeout=2) as redis:
            while not self._stop.is_set():
                try:
                    last = last or news.latest(redis)
                    for item in news.listen(redis, last, block_ms=_BLOCK_MS):
                        if self._stop.is_set():
                            return
                        if item is not None:
                            last = item.event_id
                            loop.call_soon_threadsafe(self._spread, item)
                except RedisError as error:
                    log.warning("news_not_heard", error=type(error).__name__)
                    self._stop.wait(_PAUSE_SECONDS)


def _end(subscription: Subscription) -> None:
    if not subscription.waiting.full():
        subscription.waiting.put_nowait(None)
