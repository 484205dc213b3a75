"""`tailbase predict-images`: poses in single images."""

import argparse
from pathlib import Path

from tailbase.commands.crop_options import read_crop_file
from tailbase.commands.spec_options import add_spec_options, read_spec
from tailbase.progress import add_json_option, reporter

HELP = "Find poses in single images, say in frames that wait to be labelled."


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("model", type=Path, metavar="MODEL_DIR", help="the model folder that training wrote")
    parser.add_argument(
        "images", type=Path, metavar="LIST.txt", help="names of image files, one a line, relative to the list's folder"
    )
    parser.add_argument(
        "--out", type=Path, required=True, metavar="FILE.f32",
        help="where the poses go: float32 x, y, likelihood of each keypoint of each image",
    )  # fmt: skip
    parser.add_argument(
        "--crops", type=Path, metavar="FILE.json",
        help='the part of an image that is looked at: {"img1.png": "x,y,width,height"}',
    )  # fmt: skip
    add_spec_options(parser, device="auto, cpu or cuda", precision="auto, float32 or bfloat16")
    add_json_option(parser)


def run(args: argparse.Namespace) -> int:
    from tailbase.errors import PoseError
    from tailbase.inference.still_images import predict_files
    from tailbase.schema import PredictSpec

    spec = read_spec(args, PredictSpec)
    try:
        names = [line for line in args.images.read_text(encoding="utf-8").splitlines() if line]
    except (OSError, UnicodeDecodeError) as error:
        raise PoseError("predict.no_list", f"{args.images.name} cannot be read as a list of names.") from error
    report = reporter(args)
    crops = read_crop_file(args.crops) if args.crops else {}
    report.result(**predict_files(args.model, args.images.parent, names, args.out, spec, report, crops))
    return 0
