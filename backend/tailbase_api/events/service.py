"""A stream of news: what was missed, then what happens, for as long as the person may hear it."""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Callable
from time import monotonic
from typing import Any, TypeVar
from uuid import UUID

from fastapi.concurrency import run_in_threadpool
from redis.exceptions import RedisError
from sse_starlette import ServerSentEvent

from tailbase_api.access import find_user
from tailbase_api.events import queries
from tailbase_api.events.hub import Hub, Subscription
from tailbase_api.services import Services
from tailbase_core import news
from tailbase_core.errors import TooManyRequests
from tailbase_core.news import News

RECHECK_SECONDS = 10.0
"""How long a stream may outlive a membership or a sign-in, and how late a new project may be heard of."""

_EVENT_ID = re.compile(r"[0-9]{1,18}-[0-9]{1,18}")

Credentials = tuple[str, str]
Answer = TypeVar("Answer")


async def stream(
    services: Services, hub: Hub, user_id: UUID, credentials: Credentials, last_event_id: str | None
) -> AsyncIterator[ServerSentEvent]:
    """No database session is held while it waits.

    An event named `missed` says that some news are no longer kept: the page loads everything again.
    """
    projects = await _allowed(services, credentials)
    if projects is None:
        return
    place = await _asked(news.latest, services.redis)
    try:
        subscription = hub.join(user_id, projects, place)
    except TooManyRequests:
        return
    try:
        sent = place or news.BEGINNING
        if place is not None:
            for event in await _resumed(services, projects, place, last_event_id):
                sent = event.id or sent
                yield event
        async for item in _live(services, credentials, subscription):
            if _order(item.event_id) > _order(sent):
                yield _event(item)
    finally:
        hub.leave(subscription)


async def _live(services: Services, credentials: Credentials, subscription: Subscription) -> AsyncIterator[News]:
    recheck_at = monotonic() + RECHECK_SECONDS
    while True:
        if monotonic() >= recheck_at:
            allowed = await _allowed(services, credentials)
            if allowed is None:
                return
            subscription.projects = allowed
            recheck_at = monotonic() + RECHECK_SECONDS
        try:
            item = await asyncio.wait_for(subscription.waiting.get(), max(recheck_at - monotonic(), 0.01))
        except TimeoutError:
            continue
        if item is None:
            return
        if item.project_id in subscription.projects:
            yield item


async def _resumed(
    services: Services, projects: frozenset[UUID], place: str, last_event_id: str | None
) -> list[ServerSentEvent]:
    """What was missed, then the present place in the news, so that even a stream that heard nothing can resume.

    News may have come between asking for the place and joining the hub; they count as missed too.
    """
    known = last_event_id is None or _EVENT_ID.fullmatch(last_event_id)
    missed = await _asked(news.since, services.redis, last_event_id or place) if known else None
    name = "missed" if missed is None else "connected"
    present = missed[-1].event_id if missed else place
    events = [_event(item) for item in missed or [] if item.project_id in projects]
    return [*events, ServerSentEvent(data="{}", event=name, id=present, retry=2000)]


async def _asked(question: Callable[..., Answer], *about: Any) -> Answer | None:
    """What Redis answers, or None while it does not."""
    try:
        return await run_in_threadpool(question, *about)
    except RedisError:
        return None


async def _allowed(services: Services, credentials: Credentials) -> frozenset[UUID] | None:
    """The person's projects, or None once they are no longer signed in."""

    def look() -> frozenset[UUID] | None:
        with services.sessions.begin() as session:
            user = find_user(session, *credentials)
            return None if user is None else queries.projects_of(session, user.id)

    async with services.seats:
        return await run_in_threadpool(look)


def _event(item: News) -> ServerSentEvent:
    data = {"project_id": str(item.project_id), "topic": item.topic, "id": item.id}
    return ServerSentEvent(data=json.dumps(data), id=item.event_id)


def _order(event_id: str) -> tuple[int, int]:
    """Redis orders ids as two numbers."""
    first, second = event_id.split("-")
    return int(first), int(second)
