"""How often something may be tried. Counted in Redis; when Redis is down the call fails, and so does what it guards."""

import hashlib

from redis import Redis

from tailbase_core.errors import TooManyRequests


def hit(redis: Redis, name: str, *, limit: int, seconds: int) -> None:
    """Count one attempt, before it is made, and refuse the ones beyond `limit` within a window of `seconds`."""
    key = _key(name)
    with redis.pipeline() as pipe:
        pipe.set(key, 0, ex=seconds, nx=True)
        pipe.incr(key)
        pipe.ttl(key)
        _, count, left = pipe.execute()
    if count > limit:
        wait = max(int(left), 1)
        raise TooManyRequests(f"Too many attempts. Wait {wait} seconds and try again.", retry_after=wait)


def forgive(redis: Redis, name: str) -> None:
    """Take back an attempt that turned out to be right."""
    redis.decr(_key(name))


def _key(name: str) -> str:
    # Hashed, so that neither e-mail addresses lie in Redis nor long names fill it.
    return f"tailbase:limit:{hashlib.sha256(name.encode()).hexdigest()}"
