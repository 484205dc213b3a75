"""`tailbase smooth`: several networks' predictions into one track with its uncertainty."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tailbase.progress import add_json_option, reporter

if TYPE_CHECKING:
    from tailbase.smoothing.options import Outcome

HELP = "Smooth the predictions of several networks into one track with its uncertainty."


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "files", type=Path, nargs="+", metavar="FILE",
        help="predictions of one video, a file a network (Parquet, CSV, .h5); of several cameras also a file a camera",
    )  # fmt: skip
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="where the results are written")
    parser.add_argument(
        "--method", default="single",
        choices=("single", "mirrored", "multiview", "calibrated", "pupil", "paw", "median"),
        help="single: one camera; mirrored: several views in one image; multiview: several cameras; calibrated: "
        "cameras with a calibration, in space; pupil: a circle; paw: two cameras without a common clock; "
        "median: no model, a median filter (default: %(default)s)",
    )  # fmt: skip
    _add_views(parser)
    _add_smoothing(parser)
    _add_intervals(parser)
    parser.add_argument("--plot", action="store_true", help="also draw every keypoint over time as PNG")
    parser.add_argument("--blocks", action="store_true", help="also write the float32 blocks that the viewer reads")
    parser.add_argument("--fps", type=float, metavar="F", help="frames per second, where the files have no times")
    add_json_option(parser)


def _add_views(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--views", type=_words, default=(), metavar="A,B", help="views, as files or keypoints name them"
    )
    parser.add_argument(
        "--calibration", type=Path, metavar="FILE",
        help="the cameras' calibration (TOML of Anipose, YAML or JSON of OpenCV)",
    )  # fmt: skip
    parser.add_argument("--keypoints", type=_words, default=(), metavar="A,B", help="only these keypoints")
    parser.add_argument(
        "--times", type=Path, nargs=2, metavar=("LEFT", "RIGHT"), help="seconds of both cameras' frames (.npy), for paw"
    )
    parser.add_argument("--width", type=float, metavar="PX", help="width of the images, for paw")


def _add_smoothing(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--smoothing", type=_numbers, metavar="S",
        help="smoothing parameter, one or one a keypoint; larger smooths less (default: the most likely one)",
    )  # fmt: skip
    parser.add_argument(
        "--groups", type=_groups, default=(), metavar="A,B;C,D", help="keypoints that share a smoothing parameter"
    )
    parser.add_argument(
        "--quantile", type=float, default=50.0, metavar="PERCENT",
        help="share of frames, those where networks agree most, that relate the views (default: %(default)s)",
    )  # fmt: skip
    parser.add_argument(
        "--inflate", action=argparse.BooleanOptionalAction, default=False,
        help="trust a view less where it contradicts the others (default: %(default)s)",
    )  # fmt: skip
    parser.add_argument(
        "--min-likelihood", type=float, default=0.0, metavar="P", help="points with less are taken as missing"
    )
    parser.add_argument(
        "--longest-gap", type=int, metavar="FRAMES",
        help="points that are missing for longer come out empty (default: all are bridged; with median none)",
    )  # fmt: skip
    parser.add_argument("--window", type=int, default=5, metavar="FRAMES", help="of the median (default: %(default)s)")


def _add_intervals(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--labels", type=Path, nargs="+", default=(), metavar="LABELS",
        help="labels of frames of this video, not trained on, that widen intervals where they are too narrow; of "
        "several cameras a file a camera, named after it",
    )  # fmt: skip
    parser.add_argument("--labels-video", metavar="NAME", help="the video among those that are labelled")


def run(args: argparse.Namespace) -> int:
    from tailbase.smoothing.methods import smooth_files
    from tailbase.smoothing.options import Options
    from tailbase.smoothing.results import INTERVALS, write_outcome, write_recalibration

    options = Options(
        args.method, args.views, args.calibration, args.keypoints, args.smoothing, args.quantile, args.inflate,
        args.groups, args.min_likelihood, args.longest_gap, args.window, tuple(args.times) if args.times else None,
        args.width, args.fps,
    )  # fmt: skip
    report = reporter(args)
    outcome = smooth_files(args.files, options, report)
    recalibrated = _recalibrate(outcome, args)
    provenance = {"members": ", ".join(path.name for path in args.files)}
    if any(said["variance_factor"] > 1 for view in recalibrated.values() for said in view.values()):
        provenance["intervals"] = "recalibrated on labels"
    files = write_outcome(outcome, args.out, options, provenance, args.plot, args.blocks)
    if recalibrated:
        files[INTERVALS] = str(write_recalibration(recalibrated, args.out / INTERVALS))
    for note in outcome.notes:
        report.log(note)
    for name, path in files.items():
        report.artifact(name, path)
    first = next(iter(outcome.tables.values()))
    report.result(
        method=options.method, frames=first.axis.frames, keypoints=list(first.names), parameters=outcome.parameters,
        files=files, notes=outcome.notes, recalibrated=recalibrated, tables=_names(outcome),
    )  # fmt: skip
    return 0


def _names(outcome: "Outcome") -> dict[str, Any]:
    """Both axes of every block and its frames, by the name of its file."""
    return {
        name: {
            "individuals": (axes := table.axes())[0],
            "keypoints": axes[1],
            "frames": table.axis.of or table.axis.frames,
        }
        for name, table in outcome.tables.items()
        if "likelihood" in table.columns
    }


def _recalibrate(outcome: "Outcome", args: argparse.Namespace) -> dict[str, Any]:
    """What was widened, by view and keypoint; nothing without labels."""
    from tailbase.smoothing.methods import SMOOTHED
    from tailbase.smoothing.validation import recalibrate_table
    from tailbase.smoothing.views import view_of

    if not args.labels:
        return {}
    tables = {name: table for name, table in outcome.tables.items() if "likelihood" in table.columns}
    views = tuple(tables)
    sources = {SMOOTHED if SMOOTHED in tables else view_of(path, views): path for path in args.labels}
    told: dict[str, Any] = {}
    for name, source in sources.items():
        table = tables[name]
        found = recalibrate_table(table, source, args.labels_video)
        rows = zip(table.names, found.scale, found.labelled, found.before, found.after, strict=True)
        told[name] = {
            keypoint: {
                "variance_factor": float(scale), "labelled": int(labelled),
                "coverage_90_before": _known(before), "coverage_90_after": _known(after),
            }
            for keypoint, scale, labelled, before, after in rows
        }  # fmt: skip
    return told


def _known(share: float) -> float | None:
    return float(share) if share == share else None


def _words(text: str) -> tuple[str, ...]:
    return tuple(word for part in text.split(",") if (word := part.strip()))


def _groups(text: str) -> tuple[tuple[str, ...], ...]:
    return tuple(group for part in text.split(";") if (group := _words(part)))


def _numbers(text: str) -> tuple[float, ...] | None:
    """``10`` or ``0.99,0.98``; `auto` leaves the choice open."""
    if text == "auto":
        return None
    try:
        return tuple(float(word) for word in _words(text)) or None
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no number and not auto") from None
