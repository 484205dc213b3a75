"""`tailbase diagnose`: how plausible predicted videos are, and how models compare on labels."""

import argparse
from pathlib import Path

from tailbase.progress import add_json_option, reporter

HELP = "Measure how plausible predicted videos are, frame by frame."


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "predictions", type=Path, nargs="+", metavar="PREDICTIONS", help="Parquet files that `tailbase predict` wrote"
    )
    parser.add_argument(
        "--labels", type=Path, metavar="LABELS",
        help="poses that people labelled, for the distances from known poses (PCA)",
    )  # fmt: skip
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="write <name>.metrics.parquet here")
    add_json_option(parser)


def run(args: argparse.Namespace) -> int:
    from tailbase.evaluation.tracks import fit_subspaces, measure_track
    from tailbase.formats.parquet_metadata import open_parquet
    from tailbase.formats.project import load_labels

    report = reporter(args)
    labels = load_labels(args.labels)[0] if args.labels else None
    results = []
    for number, path in enumerate(args.predictions):
        _, metadata = open_parquet(path)
        why = {"pose_pca": "No labels were given.", "multiview_pca": "No labels were given."}
        subspaces, missing = fit_subspaces(labels, metadata.skeleton) if labels else ({}, why)
        summary = measure_track(path, subspaces, args.out, missing)
        kept = {name: _short(values) for name, values in summary["measures"].items()}
        results.append(
            {
                "predictions": str(path),
                "parquet": str(args.out / f"{path.stem}.metrics.parquet"),
                "summary": str(args.out / f"{path.stem}.metrics.json"),
                "frame_count": summary["frame_count"],
                "measures": kept,
                "missing": missing,
            }
        )
        report.step("diagnose", number + 1, len(args.predictions))
    report.result(videos=results)
    return 0


def _short(measure: dict[str, object]) -> dict[str, object]:
    """Without the trace and the frames, which the file has."""
    return {name: value for name, value in measure.items() if name not in ("trace", "worst")}
