"""Sums of what people told with their saves."""

from uuid import UUID

from sqlalchemy.orm import Session

from tailbase_api.effort import queries
from tailbase_api.effort.schemas import EffortOut, EffortRow


def of_project(session: Session, project_id: UUID) -> EffortOut:
    return EffortOut(rows=[_row(row) for row in queries.by_person_and_model(session, project_id)])


def _row(row: queries.Sums) -> EffortRow:
    shown = row.confirmed + row.corrected
    return EffortRow(
        user_id=row.user_id,
        user=row.user,
        model_id=row.model_id,
        model=row.model,
        frames=row.frames,
        points=row.points,
        seconds_per_frame=row.seconds,
        clicks_per_frame=row.clicks,
        total_seconds=row.total_seconds,
        corrected_share=row.corrected / shown if shown else None,
        correction_px=row.correction_px / row.corrected if row.corrected else None,
    )
