"""train: a network from a frozen snapshot of the project's labels."""

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from tailbase.formats.labels_parquet import write_labels
from tailbase_core import jobs, news
from tailbase_core.database import transaction
from tailbase_core.errors import NotFound
from tailbase_core.tables import Model
from tailbase_worker import rounds
from tailbase_worker.child import ChildFailed
from tailbase_worker.footage import CropRow, crop_text, place_videos
from tailbase_worker.labels import facts_of_images, in_domain, kept_together, place_images, take_snapshot
from tailbase_worker.pulse import Stopped
from tailbase_worker.work import Publish, Work

CHECKPOINTS = "checkpoints"
FILES = ("weights.safetensors", "model.json")
SUBSPACES, NEIGHBOURS = "subspaces.json", "neighbours.json"


def run(work: Work) -> Publish:
    with work.transaction() as session:
        model = _model(session, work)
    folder = work.inputs
    images = fetch_snapshot(work, _snapshot(work, model), folder)
    split = rounds.split(work, images)
    spec_file = work.scratch / "spec.json"
    spec_file.write_text(json.dumps(_spec(work, model) | split))
    videos = place_videos(work, model)
    result = _train(work, folder / "labels.parquet", spec_file, _start(work, model), videos)
    for name in (*FILES, SUBSPACES):
        work.upload(f"model/{name}", work.scratch / "out" / "model" / name)
    held_out = len(split.get("split", {}).get("validation_images", ()))
    return _publish(work, model, result, held_out)


def _model(session: Session, work: Work) -> Model:
    query = select(Model).where(Model.id == work.spec_id("model_id"), Model.project_id == work.claim.project_id)
    if (model := session.scalar(query.where(Model.deleted_at.is_(None)))) is None:
        raise NotFound("model")
    return model


def _snapshot(work: Work, model: Model) -> str:
    """The key of the frozen labels, made by the first attempt; later attempts train on the same."""
    if model.snapshot_key is not None:
        return model.snapshot_key
    with transaction(work.sessions) as session:
        session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
        snapshot = take_snapshot(session, work.claim.project_id)
        keys = {ref.path: key for ref, key in zip(snapshot.labels.images, snapshot.keys, strict=True)}
        facts = facts_of_images(session, work.claim.project_id, keys)
    learnt = in_domain(snapshot.labels, facts)
    if not learnt.images:
        raise ChildFailed("labels.none", "There are no labels to learn from. Label some frames first.")
    if apart := len(keys) - len(learnt.images):
        work.pulse.say(f"{apart} labelled frames are out of domain: the network does not learn from them.")
    images = {ref.path: keys[ref.path] for ref in learnt.images}
    labels = work.scratch / "snapshot.parquet"
    field = model.spec.get("split", {}).get("field")
    write_labels(kept_together(learnt, facts, field) if field else learnt, labels)
    key = work.upload("labels.parquet", labels)
    work.store.put_bytes(f"{work.prefix}/images.json", json.dumps(images).encode())
    if sees_neighbours(model):
        work.store.put_bytes(f"{work.prefix}/{NEIGHBOURS}", json.dumps(snapshot.neighbours).encode())
    with work.fenced() as session:
        _model(session, work).snapshot_key = key
    return key


def fetch_snapshot(work: Work, key: str, folder: Path) -> dict[str, str]:
    """Put the labels and their images into `folder`; gives the key of each image."""
    work.store.get_file(key, folder / "labels.parquet")
    prefix = key.removesuffix("labels.parquet")
    images = _read(work, prefix + "images.json")
    neighbours = _read(work, prefix + NEIGHBOURS) if work.store.exists(prefix + NEIGHBOURS) else {}
    everything = images | neighbours
    place_images(work, folder, list(everything), list(everything.values()))
    return images


def _read(work: Work, key: str) -> dict[str, str]:
    read: dict[str, str] = json.loads(b"".join(work.store.open_range(key, 0, work.store.size(key))))
    return read


def sees_neighbours(model: Model) -> bool:
    """Whether the network looks at the frames before and after the one asked for."""
    return model.spec.get("architecture") == "context"


def _start(work: Work, model: Model) -> Path | None:
    """The folder of the model that a round of pre-labels begins with."""
    with work.transaction() as session:
        parent = rounds.earlier(session, model)
    if parent is None:
        return None
    folder = work.inputs / "start"
    for name in FILES:
        work.place(f"{parent.artifact_key}/{name}", folder / name)
    return folder


def _spec(work: Work, model: Model) -> dict[str, Any]:
    """The model's spec on this device, with its weights as a file: the child that trains has no network."""
    spec = dict(model.spec) | {"device": work.device}
    if spec["weights"] == "imagenet":
        spec["weights"] = str(work.may_read(_pretrained(work, spec["backbone"])))
    elif spec["weights"] != "none":
        spec["weights"] = str(work.may_read(_weights_file(work, Path(spec["weights"]).name)))
    return spec


def _weights_file(work: Work, name: str) -> Path:
    folder = work.settings.weights_dir
    if folder is None or not (folder / name).is_file():
        raise ChildFailed("weights.unavailable", f"The server has no weights file {name}. Choose other weights.")
    return (folder / name).resolve()


def _pretrained(work: Work, backbone: str) -> Path:
    """A backbone's weights from the server's folder, from an earlier download, or downloaded once."""
    name = f"{backbone}.safetensors"
    kept = work.settings.data_dir / "weights" / name
    for path in (work.settings.weights_dir / name if work.settings.weights_dir else kept, kept):
        if path.is_file():
            return path.resolve()
    fetched = work.scratch / name
    work.child("weights", backbone, "--out", fetched, network=True)
    kept.parent.mkdir(parents=True, exist_ok=True)
    unfinished = kept.with_name(f"{name}.{work.claim.job_id}")
    shutil.copyfile(fetched, unfinished)
    return unfinished.replace(kept)


def _train(
    work: Work, labels: Path, spec_file: Path, start: Path | None, videos: dict[Path, CropRow]
) -> dict[str, Any]:
    checkpoints = Checkpoints(work)
    words: list[str | Path | int | float] = [labels, "--out", work.scratch / "out", "--spec", spec_file]
    words += ["--start", start] if start is not None else []
    words += ["--videos", *videos] if videos else []
    words += [word for video, crop in videos.items() if crop for word in ("--crop", f"{video.stem}={crop_text(crop)}")]
    resume = checkpoints.latest()
    try:
        return work.child("train", *words, *(("--resume", resume) if resume else ()), on_artifact=checkpoints.keep)
    except ChildFailed as error:
        # A checkpoint of another kind of computer or version is of no use here: begin again without it.
        if resume is None or not error.code.startswith("checkpoint."):
            raise
        work.pulse.say(f"The checkpoint cannot be used ({error.detail}) The training begins again.")
        return work.child("train", *words, on_artifact=checkpoints.keep)


@dataclass
class Checkpoints:
    """Uploads checkpoints as they come, so that whoever takes over continues where this attempt was."""

    work: Work
    _number: int = 0

    def latest(self) -> Path | None:
        """The checkpoint of an earlier attempt."""
        if (key := self.work.claim.checkpoint_key) is None or not self.work.store.exists(key):
            return None
        path = self.work.inputs / "resume.safetensors"
        self.work.store.get_file(key, path)
        return path

    def keep(self, name: str, path: Path) -> None:
        if name != "checkpoint":
            return
        # The child replaces its file while we read: a second name keeps this one as it is.
        self._number += 1
        held = self.work.scratch / f"checkpoint-{self._number}"
        held.hardlink_to(path)
        try:
            self._upload(held)
        finally:
            held.unlink()

    def _upload(self, path: Path) -> None:
        key = self.work.upload(f"{CHECKPOINTS}/{self._number % 2}.safetensors", path)
        with self.work.transaction() as session:
            jobs.set_checkpoint(session, self.work.claim, key)
            give_way = jobs.should_give_way(session, self.work.claim, self.work.queues)
        if give_way:
            self.work.pulse.stop("giving_way")
            raise Stopped("giving_way")


def _publish(work: Work, model: Model, result: dict[str, Any], held_out: int) -> Publish:
    size = sum((work.scratch / "out" / "model" / name).stat().st_size for name in (*FILES, SUBSPACES))

    def publish(session: Session) -> jobs.Succeeded:
        row = _model(session, work)
        row.state = "ready"
        row.artifact_key = f"{work.prefix}/model"
        row.sha256 = result["sha256"]
        row.size_bytes = size
        row.metrics = result["metrics"]
        rounds.trained(session, work, row, result["metrics"], held_out)
        news.tell(session, model.project_id, "model", model.id)
        attempts = range(1, work.claim.attempt + 1)
        work.drop_after(session, [f"jobs/{work.claim.job_id}/{attempt}/{CHECKPOINTS}" for attempt in attempts])
        shown = {name: value for name, value in result.items() if name != "model"}
        return jobs.Succeeded({"model_id": str(model.id), **shown})

    return publish
