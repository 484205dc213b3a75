"""`tailbase join`: predictions of a video's segments as one."""

import argparse
from pathlib import Path

from tailbase.progress import add_json_option, reporter

HELP = "Join predictions of adjoining parts of a video into one file."


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "segments", type=Path, nargs="+", metavar="SEGMENT.parquet", help="predictions of the parts, in their order"
    )
    parser.add_argument(
        "--out", type=Path, required=True, metavar="OUT.parquet", help="the file to write, and its .f32"
    )
    parser.add_argument("--width", type=int, required=True, help="of the video, in pixels; tells what a jump is")
    parser.add_argument("--height", type=int, required=True, help="of the video, in pixels")
    add_json_option(parser)


def run(args: argparse.Namespace) -> int:
    from tailbase.formats.predictions_parquet import iterate_predictions, join_segments
    from tailbase.inference.summary import Summary

    frames = join_segments(args.segments, args.out)
    report = reporter(args)
    first = next(iterate_predictions(args.out, rows=1))
    summary, done = Summary(first.skeleton.names, args.width, args.height), 0
    for part in iterate_predictions(args.out):
        summary.add(part.points[:, 0], part.likelihood[:, 0])
        done += len(part.times)
        report.step("join", done, frames)
    report.result(
        parquet=str(args.out),
        block=str(args.out.with_suffix(".f32")),
        frame_count=frames,
        individuals=list(first.individuals),
        keypoints=list(first.skeleton.names),
        summary=summary.result(),
    )
    return 0
