"""`tailbase export`: a network for programs that know nothing of Tailbase."""

import argparse
from pathlib import Path

from tailbase.progress import add_json_option, reporter

HELP = "Write a trained network as an ONNX file."


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("model", type=Path, metavar="MODEL", help="a model folder or bundle (.zip)")
    parser.add_argument("--to", choices=("onnx",), default="onnx", help="the format")
    parser.add_argument("--out", type=Path, metavar="FILE.onnx", help="the file to write; by default beside the model")
    parser.add_argument(
        "--frames", type=int, metavar="N", help="how many frames a context network answers for at a time (16)"
    )
    add_json_option(parser)


def run(args: argparse.Namespace) -> int:
    from tailbase.inference.export import export_onnx
    from tailbase.networks.bundle import open_model

    tracker, facts = open_model(args.model)
    out = args.out or args.model.with_name(f"{args.model.stem}.onnx")
    facts_of_file = export_onnx(tracker, facts, out, args.frames or 16)
    reporter(args).result(file=str(out), **facts_of_file)
    return 0
