"""What every request may use: settings, database, storage, Redis. Made once when the app starts."""

from dataclasses import dataclass

from anyio import CapacityLimiter, Semaphore
from redis import Redis
from sqlalchemy import Engine
from sqlalchemy.orm import Session, sessionmaker

from tailbase_core.database import make_engine, make_sessions
from tailbase_core.settings import Settings
from tailbase_core.storage import BlobStore, make_store

# Parts being written to the local store; slow senders take none of the threads that serve everybody.
UPLOADS_AT_ONCE = 32


@dataclass(frozen=True)
class Services:
    """`seats` lets at most as many requests hold a database session as there are connections and threads.

    Without it, requests that hold a connection could wait for a thread while all threads wait for a connection.
    """

    settings: Settings
    engine: Engine
    sessions: sessionmaker[Session]
    store: BlobStore
    redis: Redis
    seats: Semaphore
    upload_threads: CapacityLimiter

    @property
    def secret(self) -> str:
        return self.settings.secret_key.get_secret_value()

    def close(self) -> None:
        self.engine.dispose()
        self.redis.close()


def make_services(settings: Settings) -> Services:
    if not settings.secret_key.get_secret_value():
        raise ValueError("TAILBASE_SECRET_KEY is empty; `tailbase up` makes one, a cluster must set it")
    engine = make_engine(settings)
    redis_url = settings.redis_url.get_secret_value()
    redis = Redis.from_url(redis_url, socket_timeout=2, socket_connect_timeout=2)
    return Services(
        settings=settings,
        engine=engine,
        sessions=make_sessions(engine, settings.redis_url.get_secret_value()),
        store=make_store(settings),
        redis=redis,
        seats=Semaphore(settings.database_pool),
        upload_threads=CapacityLimiter(UPLOADS_AT_ONCE),
    )
