"""`Idempotency-Key`: a POST sent twice is carried out once, and answered twice with the same reply.

The key is reserved in the request's own transaction, by a unique row: a second request with the key waits for the first
to commit, then finds its reply. If the first fails, its row is rolled back with its effects and the key is free again.
"""

import hashlib
from collections.abc import Awaitable, Callable
from uuid import UUID

from fastapi import Request, Response
from fastapi.concurrency import run_in_threadpool
from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from tailbase_core.errors import Conflict, Invalid
from tailbase_core.tables import IdempotencyKey

HEADER = "Idempotency-Key"
# Replies with a secret in them say so by this header, which is removed; they are never stored.
SECRET_REPLY = "X-Tailbase-Secret-Reply"  # noqa: S105 - the name of a header


class Replayed(Exception):
    """Carries the kept reply past the route."""

    def __init__(self, response: Response) -> None:
        super().__init__()
        self.response = response


async def request_hash(request: Request) -> str | None:
    """What makes two requests the same one, or None where no key was sent."""
    if request.method != "POST" or HEADER not in request.headers:
        return None
    if not 1 <= len(request.headers[HEADER]) <= 200:
        raise Invalid("idempotency.key", "Idempotency-Key takes 1 to 200 characters.", field=HEADER)
    target = f"{request.url.path}?{request.url.query}\n".encode()
    return hashlib.sha256(target + await request.body()).hexdigest()


def reserve(request: Request, session: Session, user_id: UUID, hashed: str | None) -> None:
    """Take the key for this request, or raise the kept reply."""
    if hashed is None:
        return
    key = request.headers[HEADER]
    day_ago = func.now() - func.make_interval(0, 0, 0, 1)
    session.execute(
        delete(IdempotencyKey).where(IdempotencyKey.user_id == user_id, IdempotencyKey.created_at < day_ago)
    )
    row = {"user_id": user_id, "key": key, "request_hash": hashed}
    taken = session.execute(insert(IdempotencyKey).values(row).on_conflict_do_nothing().returning(IdempotencyKey.key))
    if taken.first() is None:
        raise Replayed(_kept_reply(session, user_id, key, hashed))
    request.state.reserved = (session, user_id, key)


def _kept_reply(session: Session, user_id: UUID, key: str, hashed: str) -> Response:
    stmt = select(IdempotencyKey).where(IdempotencyKey.user_id == user_id, IdempotencyKey.key == key)
    kept = session.scalar(stmt)
    if kept is None or kept.request_hash != hashed:
        raise Conflict("idempotency.reused", "This Idempotency-Key was used for another request. Take a new one.")
    if "text" not in kept.body:
        raise Conflict("idempotency.secret", "This was done already, and its secret was shown once. Make another.")
    return Response(kept.body["text"] or None, kept.status or 200, media_type=kept.body["type"])


def _keep(session: Session, user_id: UUID, key: str, response: Response) -> None:
    secret = SECRET_REPLY in response.headers
    body = {} if secret else {"text": bytes(response.body).decode(), "type": response.headers.get("content-type")}
    session.execute(
        update(IdempotencyKey)
        .where(IdempotencyKey.user_id == user_id, IdempotencyKey.key == key)
        .values(status=response.status_code, body=body)
    )


async def answer(request: Request, handler: Callable[[Request], Awaitable[Response]]) -> Response:
    """Run a route's handler, which ends before the session commits, and keep its reply in the same transaction."""
    try:
        response = await handler(request)
    except Replayed as replayed:
        return replayed.response
    if (reserved := getattr(request.state, "reserved", None)) is not None:
        session, user_id, key = reserved
        await run_in_threadpool(_keep, session, user_id, key, response)
    if SECRET_REPLY in response.headers:
        del response.headers[SECRET_REPLY]
    return response
