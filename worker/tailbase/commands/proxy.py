"""`tailbase proxy`: a copy of a video that browsers play and seek exactly."""

import argparse
from pathlib import Path

from tailbase.progress import add_json_option, reporter

HELP = "Make a small H.264 copy of a video, frame for frame, for playing in a browser."


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("video", type=Path, metavar="VIDEO", help="the video file")
    parser.add_argument("out", type=Path, metavar="OUT.mp4", help="where to write the copy")
    add_json_option(parser)


def run(args: argparse.Namespace) -> int:
    from tailbase.video.proxy import make_proxy

    report = reporter(args)
    facts = make_proxy(args.video, args.out, lambda done, total: report.step("proxy", done, total))
    report.artifact("proxy", str(args.out))
    report.result(
        frame_count=facts.frame_count,
        width=facts.width,
        height=facts.height,
        fps_num=facts.fps.numerator,
        fps_den=facts.fps.denominator,
        size_bytes=facts.size_bytes,
    )
    return 0
