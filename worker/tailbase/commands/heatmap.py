"""`tailbase heatmap`: a network's maps over one frame of a video, as a picture."""

import argparse
from pathlib import Path

from tailbase.progress import add_json_option, reporter

HELP = "Draw what a network sees in one frame of a video."


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("model", type=Path, metavar="MODEL_DIR", help="the model folder that training wrote")
    parser.add_argument("video", type=Path, metavar="VIDEO")
    parser.add_argument("frame", type=int, metavar="FRAME", help="the frame's number, counted from 0")
    parser.add_argument("--out", type=Path, required=True, metavar="PNG", help="the picture to write")
    parser.add_argument("--keypoint", metavar="NAME", help="draw this keypoint's map only")
    add_json_option(parser)


def run(args: argparse.Namespace) -> int:
    from tailbase.evaluation.heatmap import draw_heatmap

    report = reporter(args)
    report.result(**draw_heatmap(args.model, args.video, args.frame, args.out, args.keypoint), picture=str(args.out))
    return 0
