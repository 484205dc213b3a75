"""`tailbase select-frames`: which frames of a video to label."""

import argparse
from pathlib import Path

from tailbase.commands.numbers import frame_numbers
from tailbase.progress import add_json_option, reporter

HELP = "Choose frames of a video to label: different from each other and from those labelled already."


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("video", type=Path, metavar="VIDEO", help="the video file")
    parser.add_argument(
        "--method", choices=("kmeans", "uniform"), default="kmeans",
        help="kmeans: frames that look different; uniform: evenly spaced in time (default: %(default)s)",
    )  # fmt: skip
    parser.add_argument("-n", "--count", type=int, default=20, metavar="N", help="how many (default: %(default)s)")
    parser.add_argument("--start", type=float, default=0.0, metavar="S", help="from this second on")
    parser.add_argument("--stop", type=float, default=None, metavar="E", help="up to this second")
    parser.add_argument(
        "--exclude", type=frame_numbers, default=[], metavar="1,2,3",
        help="frames not to choose, nor any that look the same",
    )  # fmt: skip
    parser.add_argument("--seed", type=int, default=0, help="the same seed chooses the same frames (default: 0)")
    add_json_option(parser)


def run(args: argparse.Namespace) -> int:
    from tailbase.video.selection import select_frames

    report = reporter(args)
    chosen = select_frames(
        args.video,
        args.count,
        args.method,
        args.start,
        args.stop,
        args.exclude,
        args.seed,
        lambda done, total: report.step("looking", done, total),
    )
    if len(chosen) < args.count:
        report.log(f"Only {len(chosen)} frames differ from those excluded.")
    report.result(indices=chosen)
    return 0
