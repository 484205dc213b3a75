"""`tailbase heatmap`: a network's maps over one frame of a video, as a picture."""

import argparse
from pathlib import Path

from tailbase.commands.crop_options import read_crops
from tailbase.progress import add_json_option, reporter

HELP = "Draw what a network sees in one frame of a video."


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("model", type=Path, metavar="MODEL_DIR", help="the model folder that training wrote")
    parser.add_argument("video", type=Path, metavar="VIDEO")
    parser.add_argument("frame", type=int, metavar="FRAME", help="the frame's number, counted from 0")
    parser.add_argument("--out", type=Path, required=True, metavar="PNG", help="the picture to write")
    parser.add_argument("--keypoint", metavar="NAME", help="draw this keypoint's map only")
    parser.add_argument("--crop", metavar="X,Y,WIDTH,HEIGHT", help="the part of the video that is looked at")
    parser.add_argument("--overlay", action="store_true", help="the maps alone, to be laid over the frame")
    add_json_option(parser)


def run(args: argparse.Namespace) -> int:
    from tailbase.evaluation.heatmap import draw_heatmap

    report = reporter(args)
    crop = next(iter(read_crops([f"{args.video.stem}={args.crop}"]).values())) if args.crop else None
    drawn = draw_heatmap(args.model, args.video, args.frame, args.out, args.keypoint, crop, args.overlay)
    report.result(**drawn, picture=str(args.out))
    return 0
