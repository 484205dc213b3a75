"""Between Tailbase and the files of other programs."""

import argparse

from tailbase.errors import PoseError

HELP = "import a Lightning Pose or DeepLabCut project, or write labels and predictions for one"


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("source")


def run(args: argparse.Namespace) -> int:
    raise PoseError("project.unknown_format", f"{args.source} has no format that can be read.")
