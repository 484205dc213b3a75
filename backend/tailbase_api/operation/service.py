"""Asks each part for a sign of life. Never raises: an answer is the point."""

from collections.abc import Callable

import structlog

from tailbase_api.operation import queries
from tailbase_api.operation.schemas import Health, Parts, State
from tailbase_api.services import Services

_log = structlog.get_logger()


def health(services: Services) -> Health:
    def worker() -> bool:
        with services.sessions() as session:
            return queries.worker_seen(session)

    def database() -> bool:
        with services.engine.connect():
            return True

    def storage() -> bool:
        services.store.check()
        return True

    parts = Parts(
        database=_state("database", database),
        redis=_state("redis", lambda: bool(services.redis.ping())),
        storage=_state("storage", storage),
        worker=_state("worker", worker),
    )
    every = (parts.database, parts.redis, parts.storage, parts.worker)
    return Health(status="ok" if all(part == "ok" for part in every) else "down", parts=parts)


def _state(name: str, answers: Callable[[], bool]) -> State:
    try:
        return "ok" if answers() else "down"
    except Exception as error:
        _log.warning("health.part_down", part=name, error=type(error).__name__)
        return "down"
