"""Between Tailbase and the files of other programs."""

import argparse
import shutil
import tempfile
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tailbase.errors import PoseError
from tailbase.progress import Reporter, add_json_option, reporter

if TYPE_CHECKING:
    from tailbase.formats.project_files import Project

HELP = "Import a Lightning Pose or DeepLabCut project, or write labels and predictions for one."
DESCRIPTION = """\
SOURCE is a Lightning Pose or DeepLabCut project (a folder or a .zip of it), one of their CSV or .h5 files with labels
or predictions, predictions of SLEAP (.slp, analysis .h5 or .csv), a labels.parquet or a predictions .parquet.

  --to tailbase        what Tailbase imports: labels, skeleton, images, and a report of what was found
  --to lightning-pose  a project with CollectedData.csv, or the CSV of predictions
  --to deeplabcut      a project with config.yaml, or the CSV of predictions
  --to parquet         labels.parquet, or the .parquet and .f32 of predictions
  --to csv             labels, one row a point; or predictions with the time of each frame in seconds

Smoothed predictions are written for both programs with the columns of an ensemble: x, y, likelihood, x_ens_median, ...,
x_posterior_var, y_posterior_var.

Each labelled image is looked for in the project's videos by its pixels, so that it is tied to its true frame number.
"""


def configure(parser: argparse.ArgumentParser) -> None:
    parser.description = DESCRIPTION
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("source", type=Path, metavar="SOURCE")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="folder to write to; made if needed")
    parser.add_argument(
        "--to", required=True, choices=["tailbase", "lightning-pose", "deeplabcut", "parquet", "csv"], metavar="FORMAT"
    )
    parser.add_argument("--dry-run", action="store_true", help="report what is in SOURCE and write nothing")
    parser.add_argument("--scorer", help="whose labels count where several people labelled an image")
    parser.add_argument("--no-match", action="store_true", help="do not look for the images in the videos")
    parser.add_argument(
        "--frames", type=int, metavar="N", help="frames of the video, for files that name only frames with animals"
    )
    parser.add_argument("--fps", type=float, help="frames per second of predictions that come without times")
    add_json_option(parser)


def run(args: argparse.Namespace) -> int:
    from tailbase.formats.project import holds_predictions

    if args.fps is not None and not 0 < args.fps < 1e6:
        raise PoseError("convert.bad_fps", "--fps must be a positive number of frames per second.")
    told = reporter(args)
    with ExitStack() as stack:
        source = _unpacked(args, told, stack)
        if source.is_file() and holds_predictions(source):
            told.result(**_convert_predictions(args, source))
        else:
            told.result(**_convert_labels(args, source, told))
    return 0


def _unpacked(args: argparse.Namespace, told: Reporter, stack: ExitStack) -> Path:
    """The source, or the folder its zip file was unpacked to: in the output, for its videos are needed later."""
    from tailbase.formats.archive import extract_zip

    source: Path = args.source
    if not source.exists():
        raise PoseError("project.not_found", f"{source} does not exist.")
    if args.to == "tailbase" and not args.dry_run and args.out.is_dir() and any(args.out.iterdir()):
        raise PoseError("convert.not_empty", f"{args.out} is not empty; give another --out.")
    if source.is_dir() or source.suffix.lower() != ".zip":
        return source
    keep = args.to == "tailbase" and not args.dry_run
    folder = args.out / "source" if keep else Path(stack.enter_context(tempfile.TemporaryDirectory())) / "source"
    unpacked = extract_zip(source, folder, progress=lambda done, total: told.step("unpacking", done, total))
    if unpacked.ignored:
        told.log(f"Left packed: {len(unpacked.ignored)} files that no project needs, such as {unpacked.ignored[0]}")
    return folder


def _convert_labels(args: argparse.Namespace, source: Path, told: Reporter) -> dict[str, Any]:
    from tailbase.formats.bundle import check_project, report, write_bundle
    from tailbase.formats.project import open_project, with_out_of_domain

    project = open_project(source, args.scorer)
    if args.to != "tailbase" and not args.dry_run:
        return _export_labels(args, project, told)
    project = with_out_of_domain(project)
    checked = check_project(project, told.step, match=not args.no_match)
    if not args.dry_run:
        write_bundle(project, checked, args.out, told.step)
    return {"report": report(project, checked), "source_root": str(project.root), "dry_run": args.dry_run}


def _export_labels(args: argparse.Namespace, project: "Project", told: Reporter) -> dict[str, Any]:
    from tailbase.formats.deeplabcut_export import export_deeplabcut
    from tailbase.formats.labels_parquet import write_labels
    from tailbase.formats.lightning_pose_export import export_lightning_pose
    from tailbase.formats.pose_csv_writer import write_long_csv

    labels = project.labels
    counts = {"frames": len(labels.images), "points": int((labels.states != 0).sum())}
    if args.to in ("parquet", "csv"):
        write_table = write_labels if args.to == "parquet" else write_long_csv
        write_table(labels, args.out / f"labels.{args.to}")
        return {"files": [f"labels.{args.to}"], **counts, "warnings": list(project.warnings)}
    write = export_deeplabcut if args.to == "deeplabcut" else export_lightning_pose
    exported = asdict(write(labels, project.image_files, args.out, told.step))
    return {**exported, **counts, "warnings": [*project.warnings, *exported["warnings"]]}


def _convert_predictions(args: argparse.Namespace, source: Path) -> dict[str, Any]:
    from tailbase.formats.lengthen import lengthened
    from tailbase.formats.pose_csv_writer import write_prediction_csv, write_tidy_csv
    from tailbase.formats.predictions_parquet import frame_range, write_block, write_predictions
    from tailbase.formats.project import open_predictions
    from tailbase.smoothing.tables import holds_smoothed, write_csv_of

    predictions = lengthened(open_predictions(source, args.fps), args.frames or 0)
    first = frame_range(source)[0] if source.suffix.lower() == ".parquet" else 0
    counts = {
        "frames": len(predictions.times),
        "individuals": list(predictions.individuals),
        "keypoints": list(predictions.skeleton.names),
    }
    if args.to == "tailbase":
        raise PoseError("convert.predictions", "Predictions are no project; use --to parquet.")
    if args.dry_run:
        return {"files": [], **counts}
    if args.to == "parquet" and holds_smoothed(source):
        # Their further columns would be lost in an ordinary file of predictions.
        args.out.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, args.out / f"{source.stem}.parquet")
        write_block(predictions, args.out / f"{source.stem}.f32")
        return {"files": [f"{source.stem}.parquet", f"{source.stem}.f32"], **counts}
    if args.to == "parquet":
        write_predictions(predictions, args.out / f"{source.stem}.parquet", first)
        write_block(predictions, args.out / f"{source.stem}.f32")
        return {"files": [f"{source.stem}.parquet", f"{source.stem}.f32"], **counts}
    if args.to == "lightning-pose" and len(predictions.individuals) > 1:
        raise PoseError("labels.several_animals", "Lightning Pose takes one animal; use --to deeplabcut.")
    path = args.out / f"{source.stem}.csv"
    if args.to != "csv" and holds_smoothed(source):
        write_csv_of(source, path)
    elif args.to == "csv":
        write_tidy_csv([predictions], path, first)
    else:
        write_prediction_csv([predictions], path, predictions.provenance.get("scorer", "tailbase"), first)
    return {"files": [path.name], **counts}
