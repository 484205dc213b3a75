"""How often one person may ask for work. Whether the work fits into the queue is the service's question."""

from typing import Annotated
from uuid import UUID

import structlog
from fastapi import Depends
from redis.exceptions import RedisError

from tailbase_api import limits
from tailbase_api.deps import Access, AnnotatorAccess, EditorAccess, ServicesDep
from tailbase_api.services import Services

ASKED_A_MINUTE = 300

_log = structlog.get_logger()


def _count(services: Services, user_id: UUID) -> None:
    """Jobs are accepted while Redis is down, so what cannot be counted passes."""
    try:
        limits.hit(services.redis, f"work:{user_id}", limit=ASKED_A_MINUTE, seconds=60)
    except RedisError as error:
        _log.warning("work.not_counted", error=type(error).__name__)


def _editor(access: EditorAccess, services: ServicesDep) -> Access:
    _count(services, access.user.id)
    return access


def _annotator(access: AnnotatorAccess, services: ServicesDep) -> Access:
    _count(services, access.user.id)
    return access


EditorAsks = Annotated[Access, Depends(_editor)]
AnnotatorAsks = Annotated[Access, Depends(_annotator)]
