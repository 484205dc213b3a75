"""`tailbase compare`: several evaluations of models side by side."""

import argparse
from pathlib import Path

from tailbase.progress import add_json_option, reporter

HELP = "Compare models that were measured on the same labels: error against spread, and over several splits."


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "evaluations", type=Path, nargs="+", metavar="ERRORS",
        help="errors.parquet files that `tailbase evaluate --out` wrote, or the folders they lie in",
    )  # fmt: skip
    parser.add_argument("--names", nargs="+", metavar="NAME", help="names of the models, in the same order")
    add_json_option(parser)


def run(args: argparse.Namespace) -> int:
    from tailbase.errors import PoseError
    from tailbase.evaluation.results import read_evaluation
    from tailbase.evaluation.spread import error_against_spread
    from tailbase.evaluation.trainings import over_trainings

    paths = [path / "errors.parquet" if path.is_dir() else path for path in args.evaluations]
    names = args.names or [str(path) for path in args.evaluations]
    if len(names) != len(paths) or len(set(names)) != len(names):
        raise PoseError("compare.names", "Give each evaluation one name, each a different one.")
    evaluations = {name: read_evaluation(path) for name, path in zip(names, paths, strict=True)}
    result = {}
    # One of the two may make no sense for these models; the other is worth having by itself.
    for key, way in (("spread", error_against_spread), ("trainings", over_trainings)):
        try:
            result[key] = way(evaluations)
        except PoseError as error:
            result[key] = {"missing": error.message}
    reporter(args).result(**result)
    return 0
