"""What losses on unlabelled video are worth: errors of networks trained with and without them. Prints JSON lines.

    python tests/bench/losses.py --out FOLDER [--part synthetic|mirror_mouse|films] [--seeds 0,1,2] [--smoke]

Synthetic: 75 labels of a drawn rig; the unlabelled video shows that rig and six other conditions (other light,
background, camera, blur, occlusion, distractors); tested are other films of the rig (InD) and of the conditions (OOD).
Mirror-mouse: 36 of 72 labels with the losses against all 72 without, on the same 18 test images, and how plausible the
unlabelled film is predicted. Films: a fly, by the context network, and a mouse that three cameras film, with the
multi-view loss; frames of the same films are tested, so these tell that the losses run on real films, and no more.
Real data are read from ../shared, and left out where that is missing.

All networks of a part train the same number of steps. Every finished run is one line of FOLDER/runs.jsonl, with its
spec, and is not repeated; an interrupted one continues from its checkpoint. Weights were chosen on the seeds of TUNING,
never on those of REPORTED; `--try` runs other weights, and their lines in runs.jsonl are the record of that.
After a change of the library begin with an empty FOLDER: a run is known by its spec, not by the code that did it.
Designed to take 90 minutes on two CPU cores that compute bfloat16.
"""

import argparse
import hashlib
import json
import shutil
import statistics
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from losses_films import Filmed, fly, mouse_in_tiles
from losses_real import mirror_mouse
from losses_scenes import Project, Sizes, draw

from tailbase.evaluation.tracks import fit_subspaces, measure_track
from tailbase.formats.predictions_parquet import read_predictions
from tailbase.inference.predict import engine_for, predict_video
from tailbase.inference.results import Member
from tailbase.networks.model_folder import load_model
from tailbase.progress import SilentReporter
from tailbase.schema import AugmentSpec, FramingSpec, Labels, LossSpec, PredictSpec, SplitSpec, TrainSpec
from tailbase.synthetic.conditions import IN_DISTRIBUTION
from tailbase.training.loop import train

SHARED = Path(__file__).resolve().parents[3] / "shared"
REPORTED, TUNING = (0, 1, 2), (10, 11)
STEPS = {"synthetic": 600, "mirror_mouse": 1000, "films": 300}
BATCH = 8
GOALS = {
    "synthetic.ood.all_over_supervised": "goal at most 0.85",
    "synthetic.ood.context_all_over_supervised": "goal at most 0.75",
    "mirror_mouse.half_labels_over_supervised": "goal at most 1.0",
    "mirror_mouse.error_mean_px": "goal at most 9 px",
    "mirror_mouse.temporal_norm_ratio": "goal at most 0.7",
    "mirror_mouse.pca_error_ratio": "goal at most 0.7",
}

TEMPORAL = {"temporal": 0.05, "temporal_epsilon_px": 6.0}
POSE = {"pose_pca": 0.05, "pose_pca_keep": 0.998}
VIEWS = {"multiview_pca": 0.05}
VARIANTS: dict[str, dict[str, Any]] = {
    "supervised": {},
    "temporal": TEMPORAL,
    "pose_pca": POSE,
    "multiview_pca": VIEWS,
    "all": TEMPORAL | POSE | VIEWS,
    "context_all": TEMPORAL | POSE | VIEWS,
}

Figures = dict[str, Any]


@dataclass(frozen=True)
class Bench:
    """Where the bench works, how large it is, and what is tried instead of the chosen losses."""

    out: Path
    shared: Path
    smoke: bool
    instead: dict[str, Any]

    @property
    def sizes(self) -> Sizes:
        return Sizes(training=24, test=16, labels=24) if self.smoke else Sizes()

    def steps(self, part: str) -> int:
        return 6 if self.smoke else STEPS[part]


class Quiet(SilentReporter):
    """Tells on stderr how far a training is, and nothing else."""

    def step(self, stage: str, done: int, total: int) -> None:
        if done == total or done % 100 == 0:
            sys.stderr.write(f"  {stage} {done}/{total}\n")

    def log(self, message: str) -> None:
        sys.stderr.write(f"  {message}\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True, help="finished runs and drawn films are kept here")
    parser.add_argument("--part", choices=list(STEPS), help="only this one")
    parser.add_argument("--variants", type=_names, default=tuple(VARIANTS), help="only these, separated by commas")
    parser.add_argument("--seeds", type=_seeds, default=REPORTED, help=f"tune with {','.join(map(str, TUNING))}")
    parser.add_argument("--try", dest="instead", type=json.loads, default={}, help='losses, as {"temporal": 0.1}')
    parser.add_argument("--shared", type=Path, default=SHARED)
    parser.add_argument("--smoke", action="store_true", help="few frames and steps: does it run?")
    args = parser.parse_args()
    bench = Bench(args.out.resolve(), args.shared.resolve(), args.smoke, args.instead)
    if args.part in (None, "synthetic"):
        report_synthetic([synthetic(bench, v, seed) for seed in args.seeds for v in args.variants])
    if not (bench.shared / "datasets").is_dir():
        sys.stderr.write(f"{bench.shared} is not there: real animals are left out.\n")
        return
    if args.part in (None, "mirror_mouse"):
        report_mirror_mouse({name: mouse(bench, *kind) for name, kind in MICE.items()})
    if args.part in (None, "films"):
        report_films({(name, variant): film(bench, name, variant) for name, one in FILMS.items() for variant in one})


def synthetic(bench: Bench, variant: str, seed: int) -> Figures:
    """Errors of one network on films of the labelled rig and of other conditions."""
    spec = TrainSpec(
        architecture="context" if variant == "context_all" else "heatmap",
        backbone="compact", weights="none", image_height=128, image_width=128, head_width=48, batch_size=BATCH,
        learning_rate=3e-3, backbone_rate=1.0, averaging=0.98, seed=seed,
        epochs=_epochs(bench.steps("synthetic"), bench.sizes.labels), validate_every=10,
        augment=AugmentSpec(brightness=0.5, contrast=0.5, color=0.4, blur_probability=0.3, noise=0.05, scale=0.25),
        split=SplitSpec(method="random", validation=0.0), losses=_losses(bench, variant), framing=FILLED,
    )  # fmt: skip

    def work(folder: Path) -> Figures:
        project = draw(bench.out / ("smoke" if bench.smoke else "scenes") / f"seed-{seed}", seed, bench.sizes)
        trained = _train(project.labels, project.images, spec, folder, project.videos)
        return trained | _synthetic_errors(folder / "model", project, folder)

    return _once(bench, "synthetic", variant, spec, work)


def _synthetic_errors(model: Path, project: Project, folder: Path) -> Figures:
    predicted = _predict(model, [film.video for film in project.tested], folder, None)
    errors: dict[str, list[float]] = {}
    for film, path in zip(project.tested, predicted, strict=True):
        off = np.linalg.norm(read_predictions(path).points[:, 0] - film.points, axis=-1)
        errors.setdefault(film.condition, []).extend(off[np.isfinite(off)].tolist())
    inside = errors.pop(IN_DISTRIBUTION.name)
    outside = [error for values in errors.values() for error in values]
    return {
        "ind": _mean_and_p90(inside),
        "ood": _mean_and_p90(outside),
        "conditions": {name: _mean_and_p90(values) for name, values in errors.items()},
    }


FILLED = FramingSpec(fit="stretch")
"""Inputs without borders, at which the losses were tuned."""

MOUSE_CLIP = 8
"""Frames; twice as many would halve the steps that the time allows."""

MICE: dict[str, tuple[str, int | None]] = {
    "supervised": ("supervised", None), "half_all": ("all", 36), "all": ("all", None),
}  # fmt: skip


def mouse(bench: Bench, variant: str, labels: int | None) -> Figures:
    """Test error of one network, and how plausible it finds the unlabelled film."""
    real = mirror_mouse(bench.shared, labels)
    training = len(real.labels.images) - len(real.split.test_images) - len(real.split.validation_images)
    spec = TrainSpec(
        backbone="mobilenetv2_100", weights=str(real.weights), batch_size=BATCH, learning_rate=3e-3,
        epochs=_epochs(bench.steps("mirror_mouse"), training), validate_every=max(1, 400 // training),
        split=real.split, losses=_losses(bench, variant).model_copy(update={"clip_length": MOUSE_CLIP}), framing=FILLED,
    )  # fmt: skip

    def work(folder: Path) -> Figures:
        trained = _train(real.labels, real.images, spec, folder, (real.video,))
        track = _predict(folder / "model", [real.video], folder, 31 if bench.smoke else None)[0]
        everything = mirror_mouse(bench.shared, None).labels
        subspaces, _ = fit_subspaces(everything, everything.skeleton)
        measures = measure_track(track, subspaces, folder)["measures"]
        return trained | {name: values["mean_px"] for name, values in measures.items()}

    named = spec.model_copy(update={"weights": real.weights.name})
    return _once(bench, "mirror_mouse", f"{variant} {labels or 'all'}", named, work)


FILMS: dict[str, dict[str, dict[str, Any]]] = {
    "flies": {"supervised": {}, "context_temporal": {"architecture": "context", "losses": LossSpec(**TEMPORAL)}},
    "anipose": {"supervised": {}, "temporal_multiview": {"losses": LossSpec(**TEMPORAL, **VIEWS)}},
}


def film(bench: Bench, name: str, variant: str) -> Figures:
    """Test error of one network on a real film."""
    count = 16 if bench.smoke else 40
    filmed = _filmed(bench, name, count)
    wide = 384 if name == "anipose" else 128
    spec = TrainSpec(
        backbone="compact", weights="none", image_height=128, image_width=wide, head_width=48, batch_size=BATCH,
        learning_rate=3e-3, backbone_rate=1.0, averaging=0.98, epochs=_epochs(bench.steps("films"), count),
        split=filmed.split, validate_every=10, framing=FILLED, **FILMS[name][variant],
    )  # fmt: skip

    def work(folder: Path) -> Figures:
        return _train(filmed.labels, filmed.images, spec, folder, (filmed.video,))

    return _once(bench, name, variant, spec, work)


def _filmed(bench: Bench, name: str, count: int) -> Filmed:
    folder = bench.out / "films" / f"{name}-{count}"
    return fly(bench.shared, folder, count) if name == "flies" else mouse_in_tiles(bench.shared, folder, count)


def _losses(bench: Bench, variant: str) -> LossSpec:
    return LossSpec(**(bench.instead or VARIANTS[variant])) if variant != "supervised" else LossSpec()


def _epochs(steps: int, images: int) -> int:
    return max(1, round(steps / (images // BATCH)))


def _train(labels: Labels, images: Path, spec: TrainSpec, folder: Path, videos: Sequence[Path]) -> Figures:
    checkpoint = folder / "checkpoint" / "checkpoint.safetensors"
    resume = checkpoint if checkpoint.is_file() else None
    done = train(labels, images, spec, folder, Quiet(), resume, videos=videos)
    return {"test": done["metrics"].get("test"), "seconds_per_step": done["seconds_per_step"]}


def _predict(model: Path, videos: Sequence[Path], folder: Path, last_frame: int | None) -> list[Path]:
    tracker, facts = load_model(model)
    spec = PredictSpec(engine="torch", precision="float32", last_frame=last_frame)
    member = Member(engine_for(tracker, facts, videos, spec, Quiet()), facts)
    done = [predict_video([member], video, [folder / "predictions"], spec, Quiet())[0] for video in videos]
    return [Path(one["parquet"]) for one in done]


def _once(bench: Bench, part: str, variant: str, spec: TrainSpec, work: Callable[[Path], Figures]) -> Figures:
    """The figures of a run, taken from the record where it is finished."""
    record = bench.out / ("smoke.jsonl" if bench.smoke else "runs.jsonl")
    given = json.dumps([part, variant, spec.model_dump(mode="json"), vars(bench.sizes)], sort_keys=True)
    key = hashlib.sha256(given.encode()).hexdigest()[:16]
    known = [json.loads(line) for line in record.read_text().splitlines()] if record.is_file() else []
    for row in known:
        if row["key"] == key:
            return dict(row)
    sys.stderr.write(f"{part} {variant} seed {spec.seed}\n")
    folder, began = bench.out / "work" / key, time.monotonic()
    figures = work(folder)
    row = {"key": key, "part": part, "variant": variant, "seed": spec.seed, "seconds": time.monotonic() - began}
    row |= figures | {"spec": spec.model_dump(mode="json")}
    with record.open("a") as file:
        file.write(json.dumps(row) + "\n")
    shutil.rmtree(folder)
    return row


def report_synthetic(rows: Iterable[Figures]) -> None:
    """Means over seeds with the smallest and the largest, and ratios of means."""
    found: dict[str, list[Figures]] = {}
    for row in rows:
        found.setdefault(row["variant"], []).append(row)
    for variant, runs in found.items():
        for part in ("ind", "ood"):
            for figure in ("mean_px", "p90_px"):
                values = [run[part][figure] for run in runs]
                _say(f"synthetic.{part}.{variant}.{figure}", values, "px", f"75 labels, {len(runs)} seeds")
    for variant in ("all", "context_all"):
        if {variant, "supervised"} <= found.keys():
            pairs = zip(found[variant], found["supervised"], strict=True)
            ratios = [run["ood"]["mean_px"] / plain["ood"]["mean_px"] for run, plain in pairs]
            _say(f"synthetic.ood.{variant}_over_supervised", ratios, "ratio", "mean OOD error, seed by seed")


def report_mirror_mouse(runs: dict[str, Figures]) -> None:
    """Half the labels with losses over all without, and with all labels the film's plausibility."""
    plain, half, whole = runs["supervised"], runs["half_all"], runs["all"]
    error = {name: run["test"]["mean_px"] for name, run in runs.items()}
    _say("mirror_mouse.supervised.error_mean_px", [error["supervised"]], "px", "72 labels, no losses")
    _say("mirror_mouse.half_labels.error_mean_px", [error["half_all"]], "px", "36 labels, all losses")
    _say("mirror_mouse.error_mean_px", [error["all"]], "px", "72 labels, all losses")
    compared = "36 labels with all losses over 72 without"
    _say("mirror_mouse.half_labels_over_supervised", [error["half_all"] / error["supervised"]], "ratio", compared)
    for name, measure in (("temporal_norm_ratio", "temporal_norm"), ("pca_error_ratio", "pose_pca")):
        compared = (
            f"test_vid.mp4, 72 labels: {whole[measure]:.3f} over {plain[measure]:.3f} px; 36: {half[measure]:.3f}"
        )
        _say(f"mirror_mouse.{name}", [whole[measure] / plain[measure]], "ratio", compared)


def report_films(runs: dict[tuple[str, str], Figures]) -> None:
    """Errors on frames between the labelled ones."""
    for (name, variant), run in runs.items():
        said = (
            f"{run['test']['points']} points of frames between the labelled ones; median {run['test']['median_px']:.2f}"
        )
        _say(f"{name}.{variant}.error_mean_px", [run["test"]["mean_px"]], "px", said)


def _mean_and_p90(errors: Sequence[float]) -> dict[str, float]:
    return {"mean_px": float(np.mean(errors)), "p90_px": float(np.percentile(errors, 90))}


def _say(name: str, values: Sequence[float], unit: str, compared_with: str) -> None:
    line = {"name": name, "value": round(statistics.fmean(values), 4), "unit": unit}
    line |= {"compared_with": "; ".join(filter(None, (compared_with, GOALS.get(name))))}
    line |= {"each": [round(value, 4) for value in values]} if len(values) > 1 else {}
    print(json.dumps(line), flush=True)


def _names(text: str) -> tuple[str, ...]:
    names = tuple(text.split(","))
    if unknown := sorted(set(names) - set(VARIANTS)):
        raise argparse.ArgumentTypeError(f"{unknown[0]} is none of {', '.join(VARIANTS)}")
    return names


def _seeds(text: str) -> tuple[int, ...]:
    return tuple(int(seed) for seed in text.split(","))


if __name__ == "__main__":
    main()
