"""`tailbase frames`: exact still images out of a video."""

import argparse
from dataclasses import asdict
from pathlib import Path

from tailbase.commands.numbers import frame_numbers
from tailbase.progress import add_json_option, reporter

HELP = "Write frames of a video as PNG images, with their neighbours in time and thumbnails."


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("video", type=Path, metavar="VIDEO", help="the video file")
    parser.add_argument("--indices", type=frame_numbers, required=True, metavar="3,17", help="frame numbers, from 0")
    parser.add_argument(
        "--context", type=int, choices=range(51), default=2, metavar="N", help="neighbours on each side (default: 2)"
    )
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="folder for the images")
    add_json_option(parser)


def run(args: argparse.Namespace) -> int:
    from tailbase.video.extract import extract

    report = reporter(args)
    stills = extract(
        args.video, args.indices, args.out, args.context, lambda done, total: report.step("frames", done, total)
    )
    report.result(frames=[asdict(still) for still in stills])
    return 0
