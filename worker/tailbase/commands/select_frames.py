"""`tailbase select-frames`: which frames of a video to label."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tailbase.commands.numbers import frame_numbers, time_ranges
from tailbase.labelling.outliers import METHODS
from tailbase.progress import add_json_option, reporter

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from tailbase.video.looks import Looks

HELP = "Choose frames of a video to label: different from each other and from those labelled already."


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("video", type=Path, metavar="VIDEO", help="the video file")
    parser.add_argument(
        "--method", choices=("kmeans", "uniform", *METHODS), default="kmeans",
        help="kmeans: frames that look different; uniform: evenly spaced in time; the others look at predictions and "
        "take where they are unsure, jump, do not follow their course, show an unusual pose, or where several networks "
        "disagree (default: %(default)s)",
    )  # fmt: skip
    parser.add_argument("-n", "--count", type=int, default=20, metavar="N", help="how many (default: %(default)s)")
    parser.add_argument("--spares", type=int, default=0, metavar="N", help="name so many more, to replace some by")
    parser.add_argument("--start", type=float, default=0.0, metavar="S", help="from this second on")
    parser.add_argument("--stop", type=float, default=None, metavar="E", help="up to this second")
    parser.add_argument(
        "--ranges", type=time_ranges, default=None, metavar="0-10,20.5-30", help="only these seconds of the video"
    )
    parser.add_argument(
        "--exclude", type=frame_numbers, default=[], metavar="1,2,3",
        help="frames not to choose, nor any that look the same",
    )  # fmt: skip
    parser.add_argument(
        "--predictions", type=Path, nargs="+", default=[], metavar="FILE.parquet",
        help="the video's predictions, of several networks for disagreement",
    )  # fmt: skip
    parser.add_argument("--pictures", type=Path, metavar="DIR", help="write the components that kmeans found as images")
    parser.add_argument("--seed", type=int, default=0, help="the same seed chooses the same frames (default: 0)")
    add_json_option(parser)


def run(args: argparse.Namespace) -> int:
    from tailbase.video.selection import Wanted, choose_frames

    report = reporter(args)
    scores = None if args.method in ("kmeans", "uniform") else _scores(args.method, args.predictions)
    wanted = Wanted(
        count=args.count,
        method=args.method if scores is None else "scores",
        ranges=args.ranges or ((args.start, args.stop),),
        exclude=args.exclude,
        seed=args.seed,
        spares=args.spares,
        scores=scores,
    )
    choice = choose_frames(args.video, wanted, lambda done, total: report.step("looking", done, total))
    if len(choice.indices) < args.count:
        report.log(f"Only {len(choice.indices)} frames differ from those excluded.")
    facts: dict[str, Any] = {"indices": choice.indices}
    if args.spares:
        facts["spares"] = choice.spares
    if scores is not None:
        facts["scores"] = {str(i): round(float(scores[i]), 4) for i in choice.indices + choice.spares}
    if choice.looks is not None:
        facts["looks"] = _shown(choice.looks, args.pictures)
    report.result(**facts)
    return 0


def _scores(method: str, files: list[Path]) -> "NDArray[np.float64]":
    from tailbase.errors import PoseError
    from tailbase.formats.predictions_parquet import read_predictions
    from tailbase.labelling.outliers import outlier_scores

    needed = 2 if method == "disagreement" else 1
    if len(files) < needed:
        message = f"This way of choosing looks at predictions: give {needed} of them. Predict the video first."
        raise PoseError("frames.no_predictions", message)
    found = [read_predictions(file) for file in files[: None if method == "disagreement" else 1]]
    if len({prediction.points.shape for prediction in found}) > 1:
        raise PoseError("frames.other_predictions", "The predictions are of different videos or keypoints.")
    points = [prediction.points.reshape(len(prediction.points), -1, 2) for prediction in found]
    likelihood = [prediction.likelihood.reshape(len(prediction.likelihood), -1) for prediction in found]
    return outlier_scores(method, points, likelihood)


def _shown(looks: "Looks", folder: Path | None) -> dict[str, Any]:
    pictures = []
    if folder is not None:
        from PIL import Image

        folder.mkdir(parents=True, exist_ok=True)
        for number, component in enumerate(looks.components):
            Image.fromarray(component).save(folder / f"component-{number}.png")
            pictures.append(f"component-{number}.png")
    named = {name: getattr(looks, name) for name in ("frames", "groups", "places", "shares")}
    return named | {"components": pictures}
