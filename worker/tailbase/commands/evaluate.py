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
    parser.add_argument("--out", type=Path, metavar="DIR", help="write predictions.csv here")
    add_json_option(parser)


def run(args: argparse.Namespace) -> int:
    from tailbase.evaluation.model import evaluate_model
    from tailbase.formats.project import load_labels

    labels, folder = load_labels(args.labels)
    report = reporter(args)
    report.result(**evaluate_model(args.model, labels, folder, args.split, args.out))
    return 0
