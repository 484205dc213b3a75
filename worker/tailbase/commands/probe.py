"""`tailbase probe`: what a video file really holds."""

import argparse
from pathlib import Path

from tailbase.progress import add_json_option, reporter

HELP = "Count the frames of a video and say what it holds, or why it cannot be used."


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("video", type=Path, metavar="VIDEO", help="the video file")
    parser.add_argument("--times", type=Path, metavar="OUT.npy", help="where the frame rate varies, write seconds here")
    parser.add_argument(
        "--poster", type=Path, metavar="OUT.jpg", help="write the first frame here, at most 480 px wide"
    )
    parser.add_argument("--max-frames", type=int, default=2_000_000, help="refuse longer videos (default: %(default)s)")
    parser.add_argument("--max-side", type=int, default=16_384, help="refuse larger sides (default: %(default)s px)")
    parser.add_argument(
        "--max-pixels", type=int, default=64_000_000, help="refuse larger pictures (default: %(default)s)"
    )
    add_json_option(parser)


def run(args: argparse.Namespace) -> int:
    import numpy as np

    from tailbase.video.container import Limits
    from tailbase.video.probe import probe

    limits = Limits(max_frames=args.max_frames, max_side=args.max_side, max_pixels=args.max_pixels)
    facts = probe(args.video, limits, args.poster)
    values = {name: value for name, value in vars(facts).items() if name not in ("fps", "times")}
    values |= {"fps_num": facts.fps.numerator, "fps_den": facts.fps.denominator}
    if args.times is not None and facts.variable_rate:
        with args.times.open("wb") as file:
            np.save(file, facts.times)
        values["times"] = str(args.times)
    reporter(args).result(**values)
    return 0
