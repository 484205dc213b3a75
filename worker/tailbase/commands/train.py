"""`tailbase train`: a network from labelled images and unlabelled video."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from tailbase.commands.crop_options import cropped, read_crops
from tailbase.commands.spec_options import add_spec_options, read_spec
from tailbase.progress import add_json_option, reporter

if TYPE_CHECKING:
    from tailbase.schema import Labels, TrainSpec

HELP = "Train a network on labelled images, and on videos without labels."


_PRESETS = ("fast", "standard", "semi_supervised", "context")


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "labels", type=Path, metavar="LABELS", help="a project's folder, a labels CSV, or a labels.parquet"
    )
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="where model and checkpoint are written")
    parser.add_argument("--preset", choices=_PRESETS, help="start from a preset (without --spec: standard)")
    parser.add_argument(
        "--resume", type=Path, metavar="CHECKPOINT", help="continue from this checkpoint (a file, or its folder)"
    )
    parser.add_argument(
        "--videos",
        type=Path,
        nargs="+",
        default=(),
        metavar="VIDEO",
        help="videos, or folders of them, whose frames without labels teach too, as the settings' losses say",
    )
    parser.add_argument(
        "--crop", action="append", default=[], metavar="NAME=X,Y,WIDTH,HEIGHT",
        help="the part of the video of this name (without folder and ending) that is looked at, in clips and in "
        "labelled images of it; may be given several times",
    )  # fmt: skip
    parser.add_argument("--start", type=Path, metavar="MODEL_DIR", help="begin with the weights of this model")
    add_spec_options(
        parser,
        backbone="compact, or a timm network with features, e.g. resnet18, resnet50, mobilenetv2_100",
        weights="where the backbone starts: none, imagenet (downloaded once), a safetensors file, a model folder of "
        "ours, or a checkpoint of DeepLabCut 3 or Lightning Pose",
        epochs="passes over the training images",
        batch_size="images a step",
        learning_rate="of the head, at its highest",
        image_height="of the network's input, a multiple of 32",
        image_width="of the network's input, a multiple of 32",
        individuals="refuse, or separate: every labelled animal becomes a set of keypoints of its own",
        seed="decides split, order and augmentation",
        device="auto, cpu or cuda",
        precision="auto, float32, bfloat16 or, on a GPU, float16",
    )
    add_json_option(parser)


def run(args: argparse.Namespace) -> int:
    from tailbase.formats.project import load_labels
    from tailbase.training.checkpoints import FILE_NAME
    from tailbase.training.clips import listed
    from tailbase.training.loop import train

    labels, folder = load_labels(args.labels)
    crops = read_crops(args.crop)
    labels = cropped(labels, crops)
    videos = listed(args.videos)
    spec = read_spec(args, lambda: _preset(args.preset or "standard", labels, folder, len(videos)))
    resume = args.resume / FILE_NAME if args.resume is not None and args.resume.is_dir() else args.resume
    report = reporter(args)
    report.result(**train(labels, folder, spec, args.out, report, resume, args.start, videos, crops))
    return 0


def _preset(name: str, labels: "Labels", folder: Path, videos: int) -> "TrainSpec":
    from tailbase import presets
    from tailbase.framing.facts import facts_of

    return presets.PRESETS[name](facts_of(labels, folder, videos))
