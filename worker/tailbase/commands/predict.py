"""`tailbase predict`: poses in videos."""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from tailbase.commands.spec_options import add_spec_options, read_spec
from tailbase.progress import Reporter, add_json_option, reporter

if TYPE_CHECKING:
    from tailbase.inference.results import Member
    from tailbase.schema import PredictSpec

SCORER = "heatmap_tracker"
"""Named in CSV files, as Lightning Pose names its networks."""

HELP = "Find the points in every frame of videos."


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("model", type=Path, metavar="MODEL", help="a model folder or bundle (.zip)")
    parser.add_argument("videos", type=Path, nargs="+", metavar="VIDEO", help="video files")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="where the predictions are written")
    parser.add_argument(
        "--also", type=Path, action="append", default=[], metavar="MODEL",
        help="another model for the same videos, which are read once for all; may be given several times. Each model's "
        "predictions are then in a folder DIR/NAME of its own",
    )  # fmt: skip
    parser.add_argument("--csv", action="store_true", help="also write DeepLabCut / Lightning Pose CSV files")
    add_spec_options(
        parser,
        batch_size="frames at a time",
        device="auto, cpu or cuda",
        precision="auto (bfloat16 where it is fast and leaves the points in place), float32, bfloat16 or float16",
        engine="auto (the fastest here), torch, compiled, onnxruntime, openvino or cudagraph",
        first_frame="number of the first frame, counted from 0",
        last_frame="number of the last frame, included",
        crop="x,y,width,height: the part of every video that is looked at, in pixels",
    )
    add_json_option(parser)


def run(args: argparse.Namespace) -> int:
    from tailbase.inference.predict import predict_video
    from tailbase.schema import PredictSpec

    _refuse_doubles([video.stem for video in args.videos], "videos")
    models = [args.model, *args.also]
    _refuse_doubles([_name(model) for model in models], "models")
    spec = read_spec(args, PredictSpec)
    report = reporter(args)
    members = [_member(model, args.videos, spec, report) for model in models]
    outs = [args.out / _name(model) for model in models] if args.also else [args.out]
    done = [result for video in args.videos for result in predict_video(members, video, outs, spec, report)]
    for prediction in done:
        report.artifact("prediction", prediction["parquet"])
        if args.csv:
            report.artifact("csv", str(_write_csv(Path(prediction["parquet"]))))
    report.result(predictions=done)
    return 0


def _refuse_doubles(names: Sequence[str], what: str) -> None:
    from tailbase.errors import PoseError

    if doubles := {name for name in names if names.count(name) > 1}:
        message = (
            f"Two {what} are called {sorted(doubles)[0]}, so their results would be too. Rename one, or predict twice."
        )
        raise PoseError("predict.same_names", message)


def _name(model: Path) -> str:
    """A model's own name; the folder that training writes is always called `model`."""
    path = model.resolve()
    if path.suffix == ".zip":
        return path.stem
    return path.parent.name if path.name == "model" else path.name


def _member(model: Path, videos: Sequence[Path], spec: "PredictSpec", report: Reporter) -> "Member":
    from tailbase.inference.predict import engine_for
    from tailbase.inference.results import Member
    from tailbase.networks.bundle import open_model

    tracker, facts = open_model(model)
    return Member(engine_for(tracker, facts, videos, spec, report), facts)


def _write_csv(parquet: Path) -> Path:
    from tailbase.formats.pose_csv_writer import write_prediction_csv
    from tailbase.formats.predictions_parquet import frame_range, iterate_predictions

    path = parquet.with_suffix(".csv")
    write_prediction_csv(iterate_predictions(parquet), path, SCORER, frame_range(parquet)[0])
    return path
