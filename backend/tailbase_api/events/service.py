"""A stream of news: what was missed, then what happens, for as long as the person may hear it."""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from time import monotonic
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

RECHECK_SECONDS = 30.0
"""How long a stream may outlive a membership or a sign-in."""

Credentials = tuple[str, str]


async def stream(
    services: Services, hub: Hub, user_id: UUID, credentials: Credentials, last_event_id: str | None
) -> AsyncIterator[ServerSentEvent]:
    """No database session is held while it waits.

    An event named `missed` says that some news are no longer kept: the page loads everything again.
    """
    projects = await _allowed(services, credentials)
    if projects is None:
        return
    try:
        subscription = hub.join(user_id, projects)
    except TooManyRequests:
        return
    try:
        sent = ""
        async for event in _resumed(services, projects, last_event_id):
            sent = event.id or sent
            yield event
        async for item in _live(services, credentials, subscription):
            if _after(item.event_id, sent):
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
    services: Services, projects: frozenset[UUID], last_event_id: str | None
) -> AsyncIterator[ServerSentEvent]:
    """What was missed, then the present place in the news, so that even a stream that heard nothing can resume."""
    try:
        latest = await run_in_threadpool(news.latest, services.redis)
        missed: list[News] | None = []
        if last_event_id is not None:
            known = re.fullmatch(r"[0-9]{1,20}-[0-9]{1,20}", last_event_id)
            missed = await run_in_threadpool(news.since, services.redis, last_event_id) if known else None
    except RedisError:
        return
    for item in missed or []:
        if item.project_id in projects:
            yield _event(item)
    place = missed[-1].event_id if missed else latest
    yield ServerSentEvent(data="{}", event="connected" if missed is not None else "missed", id=place, retry=2000)


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


def _after(event_id: str, sent: str) -> bool:
    """Redis orders ids as two numbers."""
    return _order(event_id) > _order(sent or "0-0")


def _order(event_id: str) -> tuple[int, int]:
    first, second = event_id.split("-")
    return int(first), int(second)
