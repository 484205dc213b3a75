"""`tailbase weights`: pretrained weights as a file, for machines without internet."""

import argparse
from pathlib import Path

from tailbase.progress import add_json_option, reporter

HELP = "Download the pretrained weights of a backbone to a file."


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("backbone", metavar="BACKBONE", help="a timm network, such as resnet50")
    parser.add_argument("--out", type=Path, required=True, metavar="OUT.safetensors", help="the file to write")
    add_json_option(parser)


def run(args: argparse.Namespace) -> int:
    from safetensors.torch import save_file

    from tailbase.formats.atomic import replacing
    from tailbase.networks.backbones import download_weights

    state = {name: value.contiguous() for name, value in download_weights(args.backbone).items()}
    with replacing(args.out) as part:
        save_file(state, part)
    reporter(args).result(backbone=args.backbone, weights=str(args.out), size_bytes=args.out.stat().st_size)
    return 0
