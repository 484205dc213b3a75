"""Reading and changing the skeleton. Labels point to keypoint ids, so a rename keeps them and a removal hides them."""

from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from tailbase_api.projects import queries
from tailbase_api.projects import skeleton_queries as sql
from tailbase_api.projects.schemas import KeypointIn, KeypointOut, SkeletonIn, SkeletonOut, ViewIn, ViewOut
from tailbase_core.errors import Conflict, Invalid
from tailbase_core.tables import Keypoint, View


def read(session: Session, project_id: UUID) -> SkeletonOut:
    keypoints, views = sql.keypoints(session, project_id), sql.views(session, project_id)
    names = {k.id: k.name for k in keypoints}
    view_names = {v.id: v.name for v in views}
    joined = [(names[e.start_id], names[e.end_id]) for e in sql.edges(session, project_id)]
    return SkeletonOut(
        keypoints=[_show(k, names, view_names) for k in keypoints],
        edges=sorted(joined),
        views=[ViewOut.model_validate(view) for view in views],
    )


def _show(keypoint: Keypoint, names: dict[UUID, str], view_names: dict[UUID, str]) -> KeypointOut:
    return KeypointOut(
        id=keypoint.id,
        name=keypoint.name,
        color=keypoint.color,
        position=keypoint.position,
        part=keypoint.part,
        partner=names.get(keypoint.partner_id) if keypoint.partner_id else None,
        view=view_names.get(keypoint.view_id) if keypoint.view_id else None,
    )


def write(session: Session, project_id: UUID, wanted: SkeletonIn) -> SkeletonOut:
    """Make the skeleton what is wanted; two who do so at once wait for each other."""
    queries.lock_project(session, project_id)
    views = _write_views(session, project_id, wanted.views)
    known = sql.keypoints(session, project_id, retired=True)
    matched = _match(wanted.keypoints, known)
    used = {keypoint.id for keypoint in matched if keypoint is not None}
    for keypoint in known:
        if keypoint.id not in used and keypoint.retired_at is None:
            keypoint.retired_at, keypoint.partner_id = datetime.now(UTC), None
    rows = [row or _new(session, project_id) for row in matched]
    for position, (row, given) in enumerate(zip(rows, wanted.keypoints, strict=True)):
        row.name, row.color, row.part, row.position = given.name, given.color, given.part, position
        row.view_id = views[given.view].id if given.view else None
        row.retired_at = None
    session.flush()
    _write_partners(rows, wanted.keypoints)
    ids = {row.name: row.id for row in rows}
    sql.replace_edges(session, project_id, {_ordered(ids[a], ids[b], rows) for a, b in wanted.edges})
    session.flush()
    return read(session, project_id)


def _new(session: Session, project_id: UUID) -> Keypoint:
    keypoint = Keypoint(id=uuid4(), project_id=project_id)
    session.add(keypoint)
    return keypoint


def _match(wanted: Sequence[KeypointIn], known: Sequence[Keypoint]) -> list[Keypoint | None]:
    """The row of each wanted keypoint: by id, else by name. A name taken out of use comes back with its labels."""
    by_id = {k.id: k for k in known}
    in_use_last = sorted(known, key=lambda k: k.retired_at is None)
    taken = {w.id for w in wanted if w.id is not None}
    by_name = {k.name: k for k in in_use_last if k.id not in taken}
    matched: list[Keypoint | None] = []
    for given in wanted:
        if given.id is not None and given.id not in by_id:
            raise Invalid("keypoint.unknown", f"{given.name}: no keypoint of this project has this id.", field="id")
        matched.append(by_id[given.id] if given.id else by_name.get(given.name))
    ids = [row.id for row in matched if row is not None]
    if len(ids) != len(set(ids)):
        raise Invalid("keypoint.twice", "Two keypoints carry the same id.", field="id")
    return matched


def _write_views(session: Session, project_id: UUID, wanted: Sequence[ViewIn]) -> dict[str, View]:
    rows = {view.name: view for view in sql.views(session, project_id)}
    for name in set(rows) - {view.name for view in wanted}:
        if sql.view_is_filmed(session, rows[name].id):
            raise Conflict("view.in_use", f"Videos come from the view {name}; give them another view first.")
        session.delete(rows.pop(name))
    for position, given in enumerate(wanted):
        row = rows.get(given.name)
        if row is None:
            row = rows[given.name] = View(id=uuid4(), project_id=project_id, name=given.name)
            session.add(row)
        row.mirrored, row.position = given.mirrored, position
    session.flush()
    return rows


def _write_partners(rows: Sequence[Keypoint], wanted: Sequence[KeypointIn]) -> None:
    """A partnership named on one side holds for both."""
    ids = {row.name: row.id for row in rows}
    partner = {given.name: given.partner for given in wanted}
    for given in wanted:
        if given.partner is not None:
            partner[given.partner] = given.name
    for row in rows:
        name = partner[row.name]
        row.partner_id = ids[name] if name else None


def _ordered(start: UUID, end: UUID, rows: Sequence[Keypoint]) -> tuple[UUID, UUID]:
    """An edge has no direction: it runs from the earlier keypoint to the later one, so that it is stored once."""
    position = {row.id: row.position for row in rows}
    return (start, end) if position[start] < position[end] else (end, start)
