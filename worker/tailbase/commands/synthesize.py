"""`tailbase synthesize`: the sample project, drawn."""

import argparse
from pathlib import Path

from tailbase.progress import add_json_option, reporter

HELP = "Draw the sample project: two films of an animal, labelled frames of the first, and the truth about both."


def _positive(text: str) -> int:
    value = int(text)
    if not 1 <= value <= 100_000:
        raise argparse.ArgumentTypeError("must be from 1 to 100000")
    return value


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="folder to write into")
    parser.add_argument("--seed", type=int, default=0, help="the same seed draws the same project (default: 0)")
    parser.add_argument("--frames", type=_positive, default=300, metavar="N", help="frames a film (default: 300)")
    parser.add_argument("--labels", type=_positive, default=40, metavar="N", help="labelled frames (default: 40)")
    add_json_option(parser)


def run(args: argparse.Namespace) -> int:
    from tailbase.synthetic import write_sample_project

    report = reporter(args)
    project = write_sample_project(args.out, args.seed, args.frames, args.labels, report.step)
    report.result(**{name: value if isinstance(value, float) else str(value) for name, value in vars(project).items()})
    return 0
