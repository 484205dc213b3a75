"""`tailbase bundle`: a model with its labels in one file."""

import argparse
import tempfile
from pathlib import Path

from tailbase.progress import add_json_option, reporter

HELP = "Pack a model and the labels it learnt from into one file that predicts elsewhere."


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("model", type=Path, metavar="MODEL_DIR", help="the model folder that training wrote")
    parser.add_argument(
        "--labels", type=Path, required=True, metavar="LABELS", help="what it was trained on: project, CSV or Parquet"
    )
    parser.add_argument("--out", type=Path, required=True, metavar="FILE.zip", help="the file to write")
    add_json_option(parser)


def run(args: argparse.Namespace) -> int:
    from tailbase.errors import PoseError
    from tailbase.formats.labels_parquet import write_labels
    from tailbase.formats.project import load_labels
    from tailbase.framing.individuals import chosen_animals
    from tailbase.networks.bundle import write_bundle
    from tailbase.networks.model_folder import load_model, sha256
    from tailbase.training.run import labels_sha256

    labels, _ = load_labels(args.labels)
    _, facts = load_model(args.model)
    if labels_sha256(chosen_animals(labels, facts.spec.individuals)) != facts.labels_sha256:
        message = "These are not the labels that the model was trained on. Give those, as they were then."
        raise PoseError("bundle.other_labels", message)
    with tempfile.TemporaryDirectory() as folder:
        snapshot = Path(folder) / "labels.parquet"
        write_labels(labels, snapshot)
        write_bundle(args.model, snapshot, args.out)
    reporter(args).result(bundle=str(args.out), sha256=sha256(args.out), size_bytes=args.out.stat().st_size)
    return 0
