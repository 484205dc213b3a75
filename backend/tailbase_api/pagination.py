"""Keyset pages: a page begins after the last row of the one before, so that it costs the same at any depth."""

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Generic, TypeVar
from uuid import UUID

from fastapi import Depends, Query
from pydantic import BaseModel
from sqlalchemy import Select, tuple_
from sqlalchemy.orm import InstrumentedAttribute, Session

from tailbase_core.errors import Invalid

Item = TypeVar("Item")
Row = TypeVar("Row", bound=Any)


class Page(BaseModel, Generic[Item]):
    items: list[Item]
    next_cursor: str | None


@dataclass(frozen=True)
class PageQuery:
    limit: int
    cursor: str | None


async def _page_query(
    limit: Annotated[int, Query(ge=1, le=200)] = 50, cursor: Annotated[str | None, Query(max_length=1000)] = None
) -> PageQuery:
    return PageQuery(limit, cursor)


PageDep = Annotated[PageQuery, Depends(_page_query)]


def encode_cursor(key: Any, id: Any) -> str:
    plain = [key.isoformat() if isinstance(key, datetime) else key, str(id)]
    return base64.urlsafe_b64encode(json.dumps(plain).encode()).decode().rstrip("=")


def encode_text(name: str) -> str:
    """A cursor of lists that are ordered by a name alone."""
    return encode_cursor(name, "")


def decode_text(cursor: str) -> str:
    return str(_parts(cursor)[0])


def _parts(cursor: str) -> tuple[Any, Any]:
    try:
        key, id = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, TypeError, RecursionError) as wrong:
        raise _invalid() from wrong
    return key, id


def _invalid() -> Invalid:
    return Invalid("cursor.invalid", "This cursor is not one of ours. Start from the first page.", field="cursor")


def decode_cursor(cursor: str, key: InstrumentedAttribute[Any], id: InstrumentedAttribute[Any]) -> tuple[Any, Any]:
    """The position a cursor names. Its parts are converted to the columns' types, so that nothing else passes."""
    key_text, id_text = _parts(cursor)
    try:
        return _converted(key_text, key.type.python_type), _converted(id_text, id.type.python_type)
    except (ValueError, TypeError) as wrong:
        raise _invalid() from wrong


def _converted(value: Any, kind: type) -> Any:
    if kind is datetime:
        return datetime.fromisoformat(value)
    if kind is UUID:
        return UUID(value)
    return kind(value)


def select_page(
    session: Session,
    stmt: Select[*tuple[Any, ...]],
    page: PageQuery,
    *,
    key: InstrumentedAttribute[Any],
    id: InstrumentedAttribute[Any],
    descending: bool = True,
) -> tuple[list[Any], str | None]:
    """One page of rows and the cursor of the next. `stmt` selects the entity that owns `key` and `id` first.

    Rows are the entity alone where `stmt` selects nothing else, else tuples that begin with it.
    """
    position = tuple_(key, id)
    if page.cursor is not None:
        after = tuple_(*decode_cursor(page.cursor, key, id))
        stmt = stmt.where(position < after if descending else position > after)
    order = (key.desc(), id.desc()) if descending else (key.asc(), id.asc())
    rows: list[Any] = list(session.execute(stmt.order_by(*order).limit(page.limit + 1)).all())
    more = len(rows) > page.limit
    rows = rows[: page.limit]
    last = rows[-1][0] if rows else None
    cursor = encode_cursor(getattr(last, key.key), getattr(last, id.key)) if more else None
    alone = len(stmt.column_descriptions) == 1
    return ([row[0] for row in rows] if alone else rows), cursor


def page_of(rows: list[Row], cursor: str | None, show: Callable[[Row], Item]) -> Page[Item]:
    return Page[Any](items=[show(row) for row in rows], next_cursor=cursor)
