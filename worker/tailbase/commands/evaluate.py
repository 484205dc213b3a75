"""`tailbase evaluate`: a model's error on labelled images."""

import argparse
from pathlib import Path

from tailbase.progress import add_json_option, reporter

HELP = "Measure a model's error on labelled images."


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("model", type=Path, metavar="MODEL_DIR", help="the model folder that training wrote")
    parser.add_argument(
        "labels", type=Path, metavar="LABELS", help="a project's folder, a labels CSV, or a labels.parquet"
    )
    parser.add_argument(
        "--split", choices=("test", "validation", "all"), default="all",
        help="the images the model was not trained on (test, validation), or all (default: %(default)s)",
    )  # fmt: skip
    parser.add_argument(
        "--out", type=Path, metavar="DIR", help="write predictions.csv, errors.parquet and summary.json here"
    )
    parser.add_argument(
        "--images", type=Path, metavar="FILE.json",
        help='what is known of the images: {"img1.png": {"id": "7", "fields": {"rig": "A", "domain": "OOD"}}}',
    )  # fmt: skip
    parser.add_argument("--ood", action="store_true", help="all images are out of domain (as those of a _new.csv)")
    add_json_option(parser)


def run(args: argparse.Namespace) -> int:
    from tailbase.evaluation.errors import summarize
    from tailbase.evaluation.model import evaluate, write_results
    from tailbase.evaluation.results import known_images
    from tailbase.formats.project import load_labels

    labels, folder = load_labels(args.labels)
    known = known_images(args.images) if args.images else {}
    # Lightning Pose keeps labels of other animals and rigs than the network was trained on in files of this ending.
    ood = args.ood or (args.labels.is_file() and args.labels.stem.endswith("_new"))
    evaluation = evaluate(args.model, labels, folder, args.split, known, ood)
    if args.out is not None:
        write_results(evaluation, args.out)
    reporter(args).result(**summarize(evaluation.errors_px, evaluation.skeleton.names))
    return 0
