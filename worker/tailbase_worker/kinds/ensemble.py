"""ensemble: several models' poses of a video, or of a recording's cameras, smoothed into one track.

What members have not predicted yet is made first, by jobs that this one waits for.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from tailbase import __version__
from tailbase.schema import SmoothSpec
from tailbase_core import jobs, news
from tailbase_core import predictions as core
from tailbase_core.errors import NotFound
from tailbase_core.tables import Ensemble, EnsembleMember, Job, Model, Prediction, Recording, Video, View
from tailbase_core.tables.jobs import ENDED
from tailbase_worker.child import ChildFailed
from tailbase_worker.held_out import write_held_out
from tailbase_worker.labels import safe_name
from tailbase_worker.work import Publish, Work

OF_SEVERAL_CAMERAS = ("multiview", "calibrated", "paw")
SMOOTHED = "smoothed"
PAW = ("left", "right_camera")
"""The tables of the paws: each camera at its own frames."""
_SIDE_TABLES = ("points3d.csv", "pupil.csv", "likelihood.csv", "intervals.csv")


@dataclass(frozen=True)
class Plan:
    """Rows as they are when an attempt begins; `views` holds each video's table in the library's results."""

    ensemble: Ensemble
    settings: SmoothSpec
    recording: Recording
    members: list[Model]
    videos: list[Video]
    views: list[str]
    made: dict[tuple[UUID, UUID], Prediction]

    def missing(self) -> list[tuple[Model, Video]]:
        """Members and videos without a finished prediction."""
        return [
            (model, video)
            for model in self.members
            for video in self.videos
            if (one := self.made.get((model.id, video.id))) is None or one.state != "ready"
        ]


def run(work: Work) -> Publish:
    if "prediction_ids" not in work.claim.spec:
        # The whole of several trainings and runs: its children have done everything.
        return lambda _session: jobs.Succeeded({"ensemble_id": work.claim.spec["ensemble_id"]})
    with work.transaction() as session:
        plan = _plan(session, work)
    missing = plan.missing()
    _check(plan, missing)
    if missing:
        return lambda session: _make_first(session, work, missing)
    return _smooth(work, plan)


def _plan(session: Session, work: Work) -> Plan:
    ensemble = session.get(Ensemble, work.spec_id("ensemble_id"))
    if ensemble is None or ensemble.project_id != work.claim.project_id or ensemble.deleted_at is not None:
        raise NotFound("ensemble")
    settings = SmoothSpec.model_validate(ensemble.settings)
    members = session.scalars(
        select(Model)
        .join(EnsembleMember, EnsembleMember.model_id == Model.id)
        .where(EnsembleMember.ensemble_id == ensemble.id)
        .order_by(EnsembleMember.position)
    ).all()
    videos = [work.video_row(session, UUID(str(id))) for id in work.claim.spec["video_ids"]]
    rows = select(Prediction).where(
        Prediction.model_id.in_([model.id for model in members]),
        Prediction.video_id.in_([video.id for video in videos]),
        Prediction.deleted_at.is_(None),
    )
    return Plan(
        ensemble,
        settings,
        session.get_one(Recording, videos[0].recording_id),
        list(members),
        videos,
        _tables(session, settings.method, videos),
        {(row.model_id, row.video_id): row for row in session.scalars(rows) if row.model_id is not None},
    )


def _tables(session: Session, method: str, videos: Sequence[Video]) -> list[str]:
    if method == "paw":
        return list(PAW)
    return [safe_name(_view(session, video)) for video in videos] if method in OF_SEVERAL_CAMERAS else [SMOOTHED]


def _view(session: Session, video: Video) -> str:
    view = session.get(View, video.view_id) if video.view_id else None
    if view is None:
        raise ChildFailed(
            "recording.views_incomplete", f"{video.name} has no view any more. Give it one, and run again."
        )
    return view.name


def _check(plan: Plan, missing: Sequence[tuple[Model, Video]]) -> None:
    for model in plan.members:
        if model.deleted_at is not None or model.state != "ready":
            raise ChildFailed("ensemble.not_ready", f"{model.name} is not ready or in the trash. Choose other members.")
    for model, video in missing:
        if model.artifact_key is None:
            raise ChildFailed(
                "ensemble.member_lacks_video",
                f"{model.name} was predicted by another program and has nothing of {video.name}. Import that file too.",
            )


def _make_first(session: Session, work: Work, missing: Sequence[tuple[Model, Video]]) -> None:
    """Let members predict, and wait for them and for those who do already."""
    others = _under_way(session, missing)
    # One job for all members of a video: they share its reading.
    wanted: dict[UUID, list[UUID]] = {}
    titles: dict[UUID, str] = {}
    for model, video in missing:
        reserved = core.reserve(session, work.claim.project_id, "model_id", model.id, [video.id])
        if reserved:
            titles[video.id] = f"{titles[video.id]}, {model.name}" if video.id in titles else _title(model, video)
            wanted.setdefault(video.id, []).extend(reserved.values())
    parts = [
        jobs.Part("predict", {"prediction_ids": [str(one) for one in ids]}, titles[video_id])
        for video_id, ids in wanted.items()
    ]
    children = jobs.wait_for(session, work.claim, parts, others)
    for ids, child in zip(wanted.values(), children, strict=True):
        core.set_job(session, work.claim.project_id, ids, child.id)
        for prediction_id in ids:
            news.tell(session, work.claim.project_id, "prediction", prediction_id)


def _title(model: Model, video: Video) -> str:
    return f"Predict {video.name} with {model.name}"


def _under_way(session: Session, missing: Sequence[tuple[Model, Video]]) -> list[UUID]:
    """Jobs that people asked for and that make some of the missing predictions."""
    found: list[UUID] = []
    for model, video in missing:
        stmt = (
            select(Job.id)
            .join(Prediction, Prediction.job_id == Job.id)
            .where(Prediction.model_id == model.id, Prediction.video_id == video.id, Prediction.deleted_at.is_(None))
        )
        found += session.scalars(stmt.where(Job.state.not_in(ENDED))).all()
    return found


def _smooth(work: Work, plan: Plan) -> Publish:
    out = work.scratch / "out"
    words = ["--out", out, "--blocks", *_options(work, plan), *_labels(work, plan)]
    result = work.child("smooth", *_members(work, plan), *words)
    keys = {name: work.upload(name, out / name) for name in _SIDE_TABLES if (out / name).is_file()}
    stored = {
        video.id: _store(work, out, view, number, result["tables"][view])
        for number, (video, view) in enumerate(zip(plan.videos, plan.views, strict=True))
    }
    shown = {name: result[name] for name in ("method", "frames", "parameters", "notes")}

    def publish(session: Session) -> jobs.Succeeded:
        rows = _wanted(session, work)
        work.drop_after(session, _earlier_files(session, rows))
        for row in rows:
            facts = stored[row.video_id]
            number = next(number for number, video in enumerate(plan.videos) if video.id == row.video_id)
            video, judged = plan.videos[number], result["recalibrated"].get(plan.views[number], {})
            row.state, row.frame_count, row.individuals = "ready", facts.frames, len(facts.individuals)
            row.block_key, row.variance_key, row.parquet_key = facts.block, facts.variance, facts.parquet
            row.size_bytes = facts.size_bytes
            row.summary = _summary(plan, video, facts) | shown | {"files": keys, "intervals": judged}
            row.provenance = _provenance(plan, video, facts.frames)
            news.tell(session, row.project_id, "prediction", row.id)
        return jobs.Succeeded(shown | {"ensemble_id": str(plan.ensemble.id)})

    return publish


def _members(work: Work, plan: Plan) -> list[Path]:
    """The members' files under names that tell the library the view, or people the model."""
    paths = []
    for number, model in enumerate(plan.members):
        for video, view in zip(plan.videos, plan.views, strict=True):
            key = plan.made[model.id, video.id].parquet_key
            name = f"{safe_name(model.name)}-{number + 1}" if plan.views == [SMOOTHED] else _called(view)
            paths.append(work.inputs / f"member-{number:03d}" / f"{name}.parquet")
            work.place(str(key), paths[-1])
    return paths


def _called(view: str) -> str:
    """The library tells the paws' cameras by left and right."""
    return "right" if view == PAW[1] else view


def _labels(work: Work, plan: Plan) -> list[str | Path]:
    """Labels that no member learnt from, where there are any, so that intervals are as wide as they say."""
    if plan.settings.method == "paw":
        return []
    paths = [work.inputs / "labels" / f"{view}.parquet" for view in plan.views]
    found = write_held_out(work, plan.members, plan.videos, paths)
    return ["--labels", *found] if found else []


def _options(work: Work, plan: Plan) -> list[str | Path | int | float]:
    spec = plan.settings
    words: list[str | Path | int | float] = ["--method", spec.method, "--quantile", spec.quantile]
    words += ["--min-likelihood", spec.min_likelihood, "--window", spec.window]
    words += ["--inflate"] if spec.inflate else []
    words += [] if spec.smoothing is None else ["--smoothing", spec.smoothing]
    words += [] if spec.longest_gap is None else ["--longest-gap", spec.longest_gap]
    views = [] if spec.method == "paw" else plan.views if spec.method in OF_SEVERAL_CAMERAS else list(spec.views)
    words += [f"--views={','.join(views)}"] if views else []
    if spec.method == "paw":
        words += ["--width", plan.videos[1].width or 0, "--times", *_times(work, plan)]
    if spec.method == "calibrated":
        words += ["--calibration", _calibration(work, plan.recording)]
    return words


def _times(work: Work, plan: Plan) -> list[Path]:
    paths = [work.inputs / "times" / f"{_called(view)}.npy" for view in plan.views]
    for video, path in zip(plan.videos, paths, strict=True):
        if video.camera_times_key is None:
            message = f"{video.name} has no times of its camera. Add their file, and run again."
            raise ChildFailed("video.no_camera_times", message)
        work.place(video.camera_times_key, path)
    return paths


def _calibration(work: Work, recording: Recording) -> Path:
    if recording.calibration_key is None:
        raise ChildFailed("calibration.missing", f"{recording.name} has no calibration. Add its file, and run again.")
    suffix = PurePosixPath(str(recording.calibration.get("filename", ""))).suffix.lower()
    work.place(recording.calibration_key, path := work.inputs / f"calibration{suffix or '.toml'}")
    return path


@dataclass(frozen=True)
class _Stored:
    block: str
    variance: str
    parquet: str
    individuals: list[str]
    keypoints: list[str]
    frames: int
    size_bytes: int


def _earlier_files(session: Session, rows: Sequence[Prediction]) -> list[str]:
    """Where an earlier run left what these rows show; all that it made, unless another camera still shows its part."""
    folders = []
    for row in (row for row in rows if row.block_key):
        own = str(row.block_key).rpartition("/")[0]
        whole = "/".join(own.split("/")[:2])
        stmt = select(Prediction.id).where(Prediction.block_key.startswith(f"{whole}/", autoescape=True))
        others = session.scalar(stmt.where(Prediction.id.not_in([one.id for one in rows])).limit(1))
        folders.append(whole if others is None else own)
    return list(dict.fromkeys(folders))


def _store(work: Work, out: Path, view: str, number: int, axes: dict[str, Any]) -> _Stored:
    files = [out / f"{view}{suffix}" for suffix in (".f32", ".variance.f32", ".parquet")]
    names = ("poses.f32", "variance.f32", "poses.parquet")
    block, variance, parquet = (work.upload(f"{number}/{name}", file) for name, file in zip(names, files, strict=True))
    size = sum(file.stat().st_size for file in files)
    return _Stored(block, variance, parquet, axes["individuals"], axes["keypoints"], axes["frames"], size)


def _summary(plan: Plan, video: Video, facts: _Stored) -> dict[str, Any]:
    members = [{"id": str(plan.made[model.id, video.id].id), "name": model.name} for model in plan.members]
    return {"individuals": facts.individuals, "keypoints": facts.keypoints, "members": members}


def _provenance(plan: Plan, video: Video, frame_count: int) -> dict[str, Any]:
    """Where a result comes from, in words that outlive ids."""
    return {
        "ensemble": plan.ensemble.name,
        "members": [{"model": model.name, "model_sha256": model.sha256} for model in plan.members],
        "settings": plan.ensemble.settings,
        "video": video.name,
        "video_sha256": video.sha256,
        "frame_count": frame_count,
        "tailbase_version": __version__,
    }


def _wanted(session: Session, work: Work) -> Sequence[Prediction]:
    ids = [UUID(str(id)) for id in work.claim.spec["prediction_ids"]]
    stmt = select(Prediction).where(
        Prediction.id.in_(ids), Prediction.project_id == work.claim.project_id, Prediction.deleted_at.is_(None)
    )
    if not (rows := session.scalars(stmt).all()):
        raise NotFound("prediction")
    return rows
