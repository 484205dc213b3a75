"""How plausible a predicted video is: measured beside the prediction, and kept with it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from tailbase_core.tables import TrackMeasures
from tailbase_worker.child import ChildFailed
from tailbase_worker.work import Work


@dataclass(frozen=True)
class Measured:
    """`figures` is what the library says of the video, without its traces."""

    parquet_key: str
    summary_key: str
    figures: dict[str, Any]
    size_bytes: int


def measure(work: Work, poses: Path, snapshot_key: str | None, name: str = "poses") -> Measured | None:
    """Measure a predictions file against the poses of a label snapshot.

    None where that fails: poses are worth having without their measures, and the job's log says why there are none.
    """
    words: list[str | Path] = [poses, "--out", work.folder("measures")]
    if snapshot_key is not None:
        work.place(snapshot_key, labels := work.inputs / "measured-against" / name / "labels.parquet")
        words += ["--labels", labels]
    try:
        found = work.child("diagnose", *words)["videos"][0]
    except ChildFailed as error:
        work.pulse.say(f"The measures of this video are missing. {error.detail}")
        return None
    table, summary = (work.folder("measures") / Path(found[file]).name for file in ("parquet", "summary"))
    return Measured(
        work.upload(f"{name}.metrics.parquet", table),
        work.upload(f"{name}.metrics.json", summary),
        {"measures": found["measures"], "missing": found["missing"]},
        table.stat().st_size + summary.stat().st_size,
    )


def keep(session: Session, project_id: UUID, prediction_id: UUID, measured: Measured) -> None:
    """A prediction made again has new measures."""
    stmt = insert(TrackMeasures).values(prediction_id=prediction_id, project_id=project_id, **vars(measured))
    fresh = vars(measured) | {"created_at": stmt.excluded.created_at}
    session.execute(stmt.on_conflict_do_update(index_elements=[TrackMeasures.prediction_id], set_=fresh))
