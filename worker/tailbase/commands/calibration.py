"""`tailbase calibration`: what a file of calibrated cameras says."""

import argparse
from pathlib import Path

from tailbase.progress import add_json_option, reporter

HELP = "Check a calibration file of several cameras and list them."


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, metavar="FILE", help="TOML of Anipose, or YAML or JSON of OpenCV")
    add_json_option(parser)


def run(args: argparse.Namespace) -> int:
    from tailbase.smoothing.calibration import read_calibration

    cameras = read_calibration(args.file)
    # A camera stands where its rotation and translation take to the origin.
    places = -(cameras.rotation.transpose(0, 2, 1) @ cameras.translation[..., None])[..., 0]
    rows = [
        {
            "name": name,
            "focal_px": [round(float(matrix[0, 0]), 2), round(float(matrix[1, 1]), 2)],
            "centre_px": [round(float(matrix[0, 2]), 2), round(float(matrix[1, 2]), 2)],
            "place": [round(float(number), 4) for number in place],
        }
        for name, matrix, place in zip(cameras.names, cameras.matrix, places, strict=True)
    ]
    reporter(args).result(cameras=rows)
    return 0
