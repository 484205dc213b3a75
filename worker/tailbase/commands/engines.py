"""`tailbase engines`: what computes a network fastest on this machine."""

import argparse
from pathlib import Path

from tailbase.commands.spec_options import add_spec_options, read_spec
from tailbase.progress import add_json_option, reporter

HELP = "Measure which way of computing a model is fastest on this machine."


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("model", type=Path, metavar="MODEL", help="a model folder or bundle (.zip)")
    parser.add_argument("video", type=Path, metavar="VIDEO", help="a video to measure on")
    parser.add_argument(
        "--frames",
        type=int,
        default=1_000_000,
        metavar="N",
        help="how many are to be predicted; a few are not measured for",
    )
    add_spec_options(
        parser,
        batch_size="frames at a time",
        device="auto, cpu or cuda",
        precision="auto, float32, bfloat16 or float16",
    )
    add_json_option(parser)


def run(args: argparse.Namespace) -> int:
    from tailbase.inference.predict import fastest_for
    from tailbase.networks.bundle import open_model
    from tailbase.schema import PredictSpec

    report = reporter(args)
    tracker, facts = open_model(args.model)
    prepared = fastest_for(tracker, facts, args.video, read_spec(args, PredictSpec), args.frames)
    for note in prepared.notes:
        report.log(note)
    way = prepared.way
    report.result(engine=way.engine, precision=way.precision, frames_per_second=prepared.rates)
    return 0
