"""Models: what a training is asked for, and what came of it."""

import re
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from pydantic import ValidationError
from sqlalchemy.orm import Session

from tailbase import presets as library
from tailbase.presets import ProjectFacts, Recommendation
from tailbase.schema import TrainSpec
from tailbase_api import audit
from tailbase_api.deps import Access
from tailbase_api.jobs import service as jobs
from tailbase_api.models import queries
from tailbase_api.models.schemas import (
    CurvePoint,
    EvaluateIn,
    FileOut,
    HeatmapIn,
    ModelFiles,
    ModelIn,
    ModelOut,
    PresetOut,
)
from tailbase_api.pagination import Page, PageQuery, page_of, select_page
from tailbase_core import news
from tailbase_core.errors import Conflict, Invalid
from tailbase_core.storage import BlobStore
from tailbase_core.tables import Job, Model

FILES = ("weights.safetensors", "model.json")
CURVE_AT_ONCE = 10_000
MOST_VIDEOS = 100
_WEIGHTS_FILE = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9_.-]{0,100}\.safetensors")


@dataclass(frozen=True)
class Preset:
    """What people read about one of the library's presets."""

    title: str
    description: str


PRESETS = {
    "fast": Preset(
        "Fast", "A small network that learns from your labels alone, in minutes on a CPU. Good for a first look."
    ),
    "standard": Preset("Standard", "A network that begins with weights learned from photographs, and is more exact."),
    "semi_supervised": Preset(
        "Semi-supervised",
        "Learns from frames without labels too: that motion is smooth, which poses are possible, and that views agree.",
    ),
    "context": Preset(
        "Context",
        "Semi-supervised, and looks at two frames before and after each: for fast motion, blur and hidden parts.",
    ),
}


def presets(session: Session, project_id: UUID) -> list[PresetOut]:
    labelled = queries.labelled(session, project_id)
    facts = _facts(session, project_id, labelled)
    best = library.recommend(facts)
    return [_preset_out(name, facts, best, labelled.individuals) for name in PRESETS]


def _preset_out(name: str, facts: ProjectFacts, best: Recommendation, animals: int) -> PresetOut:
    preset, spec = PRESETS[name], library.PRESETS[name](facts)
    return PresetOut(
        name=name,
        title=preset.title,
        description=preset.description,
        spec=spec,
        minutes=library.minutes(spec, facts.images),
        needs_video=bool(spec.losses.weights),
        recommended=name == best.preset,
        reasons=list(best.reasons) if name == best.preset else [],
        animals=animals,
    )


def _facts(session: Session, project_id: UUID, labelled: queries.Labelled) -> ProjectFacts:
    keypoints = queries.keypoint_count(session, project_id)
    aspect, animal_share = queries.seen(session, project_id)
    return ProjectFacts(
        images=labelled.frames,
        longest_side=labelled.longest_side or 640,
        keypoints=keypoints,
        several_views=keypoints > 0 and library.shows_parts_in_every_view(queries.skeleton(session, project_id)),
        videos=len(queries.footage(session, project_id, 0, 1)),
        device=queries.device(session),
        aspect=aspect or 1.0,
        animal_share=animal_share,
    )


def page(session: Session, project_id: UUID, page: PageQuery) -> Page[ModelOut]:
    rows, cursor = select_page(session, queries.models(project_id), page, key=Model.created_at, id=Model.id)
    return page_of(rows, cursor, ModelOut.model_validate)


def one(session: Session, project_id: UUID, model_id: UUID) -> ModelOut:
    return ModelOut.model_validate(queries.model(session, project_id, model_id))


def create(session: Session, access: Access, body: ModelIn) -> tuple[ModelOut, Job]:
    """A queued model and the job that trains it, once it is clear that there is something to learn from."""
    model = new_model(session, access, body)
    job = jobs.submit(session, access, "train", [training(model)], priority=jobs.BATCH)[0]
    begin(session, access, model, job)
    return ModelOut.model_validate(model), job


def new_model(session: Session, access: Access, body: ModelIn) -> Model:
    """A model to be, without a job yet; other features that train ask here for it."""
    labelled = _labelled(session, access.project_id)
    preset = _preset(body.preset)
    suited = library.PRESETS[body.preset](_facts(session, access.project_id, labelled))
    spec = _changed(suited, body.spec)
    _check_animals(labelled.individuals, spec)
    model = Model(
        project_id=access.project_id,
        name=body.name or f"{preset.title} {queries.count(session, access.project_id) + 1}",
        preset=body.preset,
        state="queued",
        spec=spec.model_dump(mode="json"),
        skeleton=queries.skeleton(session, access.project_id).model_dump(mode="json"),
        label_summary={"frames": labelled.frames, "points": labelled.points} | _footage(session, access, spec),
        created_by=access.user.id,
    )
    session.add(model)
    session.flush()
    return model


def _footage(session: Session, access: Access, spec: TrainSpec) -> dict[str, Any]:
    """The videos whose frames without labels the training looks at, where a loss wants them."""
    if not spec.losses.weights:
        return {}
    found = queries.footage(session, access.project_id, spec.seed, MOST_VIDEOS)
    if not found:
        raise Invalid(
            "videos.none",
            "Learning from unlabelled video needs a video that is ready, and this project has none. Add one, or choose "
            "a preset that learns from labels alone.",
            field="spec.losses",
        )
    return {"videos": [{"id": str(video_id), "name": name} for video_id, name in found]}


def training(model: Model) -> jobs.Work:
    return jobs.Work(f"Train {model.name}", {"model_id": str(model.id)})


def begin(session: Session, access: Access, model: Model, job: Job) -> None:
    """The job trains the model."""
    model.job_id = job.id
    session.flush()
    audit.record(session, access.user, access.project_id, "model.train", model=str(model.id), name=model.name)
    news.tell(session, access.project_id, "model", model.id)


def rename(session: Session, project_id: UUID, model_id: UUID, name: str) -> ModelOut:
    model = queries.model(session, project_id, model_id)
    model.name = name
    news.tell(session, project_id, "model", model_id)
    return ModelOut.model_validate(model)


def curves(session: Session, project_id: UUID, model_id: UUID, after: int) -> list[CurvePoint]:
    """Each epoch once: an attempt that began again from a checkpoint tells some of them a second time."""
    model = queries.model(session, project_id, model_id)
    if model.job_id is None:
        return []
    rows = queries.curve(session, model.job_id, after, CURVE_AT_ONCE)
    points = [CurvePoint.model_validate({**data, "id": event_id, "others": _others(data)}) for event_id, data in rows]
    return sorted({point.epoch: point for point in points}.values(), key=lambda point: point.epoch)


def _others(data: dict[str, Any]) -> dict[str, float]:
    numbers = {name: value for name, value in data.items() if isinstance(value, int | float)}
    return {name: float(value) for name, value in numbers.items() if name not in CurvePoint.model_fields}


def evaluate(session: Session, access: Access, model_id: UUID, body: EvaluateIn) -> Job:
    model = trained(session, access.project_id, model_id)
    work = jobs.Work(f"Evaluate {model.name}", {"model_id": str(model.id), "split": body.split})
    return jobs.submit(session, access, "evaluate", [work], priority=jobs.INTERACTIVE)[0]


def heatmap(session: Session, access: Access, model_id: UUID, body: HeatmapIn) -> Job:
    model = trained(session, access.project_id, model_id)
    video = queries.video(session, access.project_id, body.video_id)
    if video.state != "ready":
        raise Conflict("video.not_ready", f"This video is {video.state}; it cannot be looked at yet.")
    if body.frame >= (video.frame_count or 0):
        last = (video.frame_count or 0) - 1
        raise Invalid("frames.beyond_video", f"{video.name} has the frames 0 to {last}.", field="frame")
    spec = {"model_id": str(model.id)} | body.model_dump(mode="json")
    work = jobs.Work(f"Heatmap of {model.name} in {video.name}, frame {body.frame}", spec)
    return jobs.submit(session, access, "heatmap", [work], priority=jobs.INTERACTIVE)[0]


def files(session: Session, store: BlobStore, project_id: UUID, model_id: UUID) -> ModelFiles:
    prefix = str(trained(session, project_id, model_id).artifact_key).rstrip("/")
    return ModelFiles(
        files=[FileOut(name=name, url=store.download_url(f"{prefix}/{name}", filename=name)) for name in FILES]
    )


def ready(session: Session, project_id: UUID, model_id: UUID) -> Model:
    """A model that can be used; other features ask here for one too."""
    model = queries.model(session, project_id, model_id)
    if model.state != "ready":
        raise Conflict("model.not_ready", f"{model.name} is {model.state}. Only a model that is ready can do this.")
    return model


def trained(session: Session, project_id: UUID, model_id: UUID) -> Model:
    """A model that is ready and is a network of ours."""
    model = ready(session, project_id, model_id)
    if model.artifact_key is None:
        raise Conflict("model.imported", f"{model.name} was predicted by another program: its network is not here.")
    return model


def to_trash(session: Session, access: Access, model_id: UUID) -> int:
    """Model and predictions go to the trash, a training under way is cancelled; gives the bytes emptying frees."""
    model = queries.model(session, access.project_id, model_id)
    jobs.cancel_unfinished(session, access.project_id, [model.job_id])
    freed = queries.to_trash(session, access.project_id, model_id)
    audit.record(session, access.user, access.project_id, "model.delete", model=str(model_id), name=model.name)
    news.tell(session, access.project_id, "model", model_id)
    return freed


def _labelled(session: Session, project_id: UUID) -> queries.Labelled:
    labelled = queries.labelled(session, project_id)
    if labelled.points == 0:
        raise Invalid("labels.none", "There are no labels to learn from. Label some frames first.")
    return labelled


def _check_animals(animals: int, spec: TrainSpec) -> None:
    if animals > 1 and spec.individuals == "refuse":
        raise Invalid(
            "labels.several_animals",
            f"The labels are of {animals} animals. Where these can be told apart by looks or place, choose to train "
            "them as separate sets of keypoints; otherwise train in a project where a single animal is labelled.",
            field="spec.individuals",
        )


def _preset(name: str) -> Preset:
    if name not in PRESETS:
        known = ", ".join(PRESETS)
        raise Invalid("preset.unknown", f"There is no preset {name}. There are: {known}.", field="preset")
    return PRESETS[name]


def _changed(spec: TrainSpec, changes: dict[str, Any]) -> TrainSpec:
    """The spec with the changes; `split` and `augment` are changed field by field too."""
    merged = spec.model_dump()
    for name, value in changes.items():
        inner = merged.get(name)
        merged[name] = {**inner, **value} if isinstance(inner, dict) and isinstance(value, dict) else value
    try:
        changed = TrainSpec.model_validate(merged)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(["spec", *(str(part) for part in first["loc"])])
        raise Invalid("spec.invalid", f"{field}: {first['msg']}", field=field) from error
    _check_weights(changed.weights)
    return changed


def _check_weights(weights: str) -> None:
    # A path would let anybody ask the server which files it has.
    if weights not in ("none", "imagenet") and not _WEIGHTS_FILE.fullmatch(weights):
        raise Invalid(
            "weights.not_a_name",
            "weights is none, imagenet, or the name of a .safetensors file in the server's folder of weights.",
            field="spec.weights",
        )
