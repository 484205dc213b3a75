"""Postgres and Redis run by us: the same programs as on a cluster, with no installation and no administrator."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tailbase_server import processes
from tailbase_server.embedded import postgres, redis


@dataclass(frozen=True)
class Servers:
    """Two running servers; `stop` ends both and is safe to call twice."""

    database_url: str
    redis_url: str
    stop: Callable[[], None]


def start_servers(data_dir: Path) -> Servers:
    """Start both servers with their data under `data_dir`; they end with this process however it ends."""
    database = postgres.start(data_dir)
    try:
        broker = redis.start(data_dir)
    except BaseException:
        processes.stop(database)
        raise

    def stop() -> None:
        processes.stop(broker)
        processes.stop(database)

    return Servers(postgres.url(data_dir), redis.url(data_dir), stop)
