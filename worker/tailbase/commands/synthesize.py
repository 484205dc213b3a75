"""`tailbase synthesize`: the sample project, drawn."""

import argparse
from collections.abc import Callable
from pathlib import Path

from tailbase.progress import add_json_option, reporter

HELP = "Draw the sample project: two films of an animal, labelled frames of the first, and the truth about both."


def _within(lowest: int, highest: int) -> Callable[[str], int]:
    def number(text: str) -> int:
        if not text.isdecimal() or not lowest <= int(text) <= highest:
            raise argparse.ArgumentTypeError(f"must be a whole number from {lowest} to {highest}")
        return int(text)

    return number


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="folder to write into")
    parser.add_argument(
        "--seed", type=_within(0, 2**31 - 1), default=0, metavar="N", help="the same seed draws the same (default: 0)"
    )
    parser.add_argument(
        "--frames", type=_within(1, 100_000), default=300, metavar="N", help="frames a film (default: 300)"
    )
    parser.add_argument(
        "--labels", type=_within(1, 100_000), default=40, metavar="N", help="labelled frames (default: 40)"
    )
    add_json_option(parser)


def run(args: argparse.Namespace) -> int:
    from tailbase.synthetic import write_sample_project

    report = reporter(args)
    project = write_sample_project(args.out, args.seed, args.frames, args.labels, report.step)
    report.result(**{name: value if isinstance(value, float) else str(value) for name, value in vars(project).items()})
    return 0
