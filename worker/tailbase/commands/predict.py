"""`tailbase predict`: poses in videos."""

import argparse
from pathlib import Path

from tailbase.commands.spec_options import add_spec_options, read_spec
from tailbase.progress import add_json_option, reporter

SCORER = "heatmap_tracker"
"""Named in CSV files, as Lightning Pose names its networks."""

HELP = "Find the points in every frame of videos."


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("model", type=Path, metavar="MODEL_DIR", help="the model folder that training wrote")
    parser.add_argument("videos", type=Path, nargs="+", metavar="VIDEO", help="video files")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="where the predictions are written")
    parser.add_argument("--csv", action="store_true", help="also write DeepLabCut / Lightning Pose CSV files")
    add_spec_options(
        parser,
        batch_size="frames at a time",
        device="auto, cpu or cuda",
        precision="auto (bfloat16 where it is fast and leaves the points in place), float32 or bfloat16",
        compile="never, always, or auto (where it should save more time than it takes)",
        first_frame="number of the first frame, counted from 0",
        last_frame="number of the last frame, included",
    )
    add_json_option(parser)


def run(args: argparse.Namespace) -> int:
    from tailbase.errors import PoseError
    from tailbase.inference.predict import engine_for, predict_video
    from tailbase.networks.model_folder import load_model
    from tailbase.schema import PredictSpec

    if doubles := {v.stem for v in args.videos if sum(v.stem == other.stem for other in args.videos) > 1}:
        message = f"Two videos are called {sorted(doubles)[0]}, so their results would too. Use two folders."
        raise PoseError("predict.same_names", message)
    spec = read_spec(args, PredictSpec)
    report = reporter(args)
    tracker, facts = load_model(args.model)
    engine = engine_for(tracker, facts, args.videos, spec, report)
    done = [predict_video(engine, facts, video, args.out, spec, report) for video in args.videos]
    for prediction in done:
        report.artifact("prediction", prediction["parquet"])
        if args.csv:
            report.artifact("csv", str(_write_csv(Path(prediction["parquet"]))))
    report.result(predictions=done)
    return 0


def _write_csv(parquet: Path) -> Path:
    from tailbase.formats.pose_csv_writer import write_prediction_csv
    from tailbase.formats.predictions_parquet import frame_range, iterate_predictions

    path = parquet.with_suffix(".csv")
    write_prediction_csv(iterate_predictions(parquet), path, SCORER, frame_range(parquet)[0])
    return path
