"""Settings that suit most projects, how long they train, and which of them suits a project.

The numbers of steps are for two CPU cores: `fast` takes four minutes or so there, `standard` about twenty.
`semi_supervised` adds what unlabelled video teaches to `standard`, and `context` looks at the two frames before and
after each as well.
"""

import math
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from tailbase.schema import AugmentSpec, FramingSpec, LossSpec, Skeleton, TrainSpec

BATCH = 8
CONTEXT_FRAMES = 5
_FAST_STEPS, _STANDARD_STEPS = 2400, 2000
_MOST_EPOCHS = 5000
_STEPS_BETWEEN_VALIDATIONS = 50
# Not mirrored: what tells left from right, say ink on a paw, would then be taught the wrong way round half the time.
_AUGMENT = AugmentSpec(brightness=0.5, contrast=0.5, color=0.4, blur_probability=0.3, noise=0.05, scale=0.25)
_LARGE_PX, _VERY_LARGE_PX = 400, 1000
_MANY_LABELS = 500
_FEW_LABELS = 20
_STEP, _SMALLEST, _LARGEST = 32, 64, 1024

_SMALL_SHARE = 0.3
_LEAST_BOX = 128
_COARSE_SHARE = 0.5  # of the epochs, that the coarse network learns

_WEIGHT = 0.05
_FREE_MOTION = 0.05  # of the input's side in a frame: as fast as an animal that runs
_POSE_VARIANCE = 0.998
_IMAGES_PER_KEYPOINT = 4  # two for each coordinate; with fewer, poses that were not labelled would seem impossible
_CPU_CLIP, _GPU_CLIP = 8, 16

_SECONDS_PER_IMAGE = {  # a step's time over its images, at 256 x 256 pixels
    ("cpu", "compact"): 0.032, ("cpu", "mobilenetv2_100"): 0.075,
    ("cuda", "compact"): 0.0015, ("cuda", "resnet50"): 0.003,
}  # fmt: skip
_START_MINUTES = 1


@dataclass(frozen=True)
class ProjectFacts:
    """What settings depend on.

    Attributes:
        images: how many are labelled.
        longest_side: of an image, pixels.
        keypoints: in the skeleton.
        several_views: an image shows parts of the body in every view, as mirrors do (`shows_parts_in_every_view`).
        videos: that are ready to be looked at.
        device: `cpu`, `cuda` or `auto`.
        aspect: width of the images over their height, after crops.
        animal_share: longest side of the box around an animal's labels over that of the image, the median; None where
            unknown.
    """

    images: int
    longest_side: int = 640
    keypoints: int = 1
    several_views: bool = False
    videos: int = 0
    device: str = "auto"
    aspect: float = 1.0
    animal_share: float | None = None


@dataclass(frozen=True)
class Recommendation:
    """The name of a preset, the framing it comes with, and sentences that say why."""

    preset: str
    reasons: tuple[str, ...]
    framing: FramingSpec


def fast(facts: ProjectFacts) -> TrainSpec:
    """The compact network from random weights, at 160 x 160 pixels, or 192 where the images are larger."""
    side = 160 if facts.longest_side <= _LARGE_PX else 192
    return _spec(facts.images, _FAST_STEPS).model_copy(
        update={
            "backbone": "compact", "weights": "none", "image_height": side, "image_width": side,
            "head_width": 48, "backbone_rate": 1.0, "averaging": 0.98, "device": facts.device,
            "augment": _AUGMENT, "framing": FramingSpec(fit="stretch"),
        }
    )  # fmt: skip


def standard(facts: ProjectFacts) -> TrainSpec:
    """Pretrained weights, at as many pixels as 256 x 256 has in the images' aspect; MobileNetV2, on a GPU ResNet-50.

    Large images with many labels are trained at as many as 384 x 384 on a GPU. An animal that is small in its image is
    looked at in two passes, at no more pixels than its box has.
    """
    on_gpu = facts.device == "cuda"
    side = 384 if on_gpu and facts.longest_side > _VERY_LARGE_PX and facts.images > _MANY_LABELS else 256
    backbone = "resnet50" if on_gpu else "mobilenetv2_100"
    framing = framing_for(facts)
    height, width = input_size(side, facts.aspect)
    if framing.mode == "two_pass":
        height = width = _box_side(facts, framing, side)
    return _spec(facts.images, _STANDARD_STEPS).model_copy(
        update={
            "backbone": backbone, "image_height": height, "image_width": width, "device": facts.device,
            "framing": framing,
        }
    )  # fmt: skip


def framing_for(facts: ProjectFacts) -> FramingSpec:
    """Two passes where the animal is small in a large image, else the whole image."""
    return FramingSpec(mode="two_pass" if _is_small(facts) else "whole")


def input_size(side: int, aspect: float) -> tuple[int, int]:
    """Height and width of an input that shows images of that aspect at about `side` x `side` pixels, little black."""
    sides = range(_SMALLEST, _LARGEST + 1, _STEP)

    def cost(size: tuple[int, int]) -> float:
        height, width = size
        shown = min(width, height * aspect) * min(height, width / aspect)
        return abs(math.log(shown / side**2)) + math.log(height * width / shown)

    return min(((height, width) for height in sides for width in sides), key=cost)


def _is_small(facts: ProjectFacts) -> bool:
    return facts.animal_share is not None and facts.animal_share < _SMALL_SHARE and facts.longest_side > _LARGE_PX


def _box_side(facts: ProjectFacts, framing: FramingSpec, most: int) -> int:
    """Of the box around the animal, in pixels of the images; no more than a whole image would be given."""
    box = facts.longest_side * (facts.animal_share or 1) * (1 + 2 * framing.margin)
    return min(most, max(_LEAST_BOX, math.ceil(box / _STEP) * _STEP))


def semi_supervised(facts: ProjectFacts) -> TrainSpec:
    """`standard`, and clips of video: smooth motion, plausible poses where labels tell them, views that agree."""
    spec = standard(facts)
    losses = LossSpec(
        temporal=_WEIGHT,
        temporal_epsilon_px=round(_FREE_MOTION * spec.image_width, 1),
        pose_pca=_WEIGHT if facts.images >= _IMAGES_PER_KEYPOINT * facts.keypoints else 0,
        pose_pca_keep=_POSE_VARIANCE,
        multiview_pca=_WEIGHT if facts.several_views else 0,
        clip_length=_GPU_CLIP if facts.device == "cuda" else _CPU_CLIP,
    )
    return spec.model_copy(update={"losses": losses})


def context(facts: ProjectFacts) -> TrainSpec:
    """`semi_supervised` by the network that looks at five frames at once."""
    return semi_supervised(facts).model_copy(update={"architecture": "context"})


PRESETS: dict[str, Callable[[ProjectFacts], TrainSpec]] = {
    "fast": fast, "standard": standard, "semi_supervised": semi_supervised, "context": context,
}  # fmt: skip


def minutes(spec: TrainSpec, images: int) -> int:
    """About how long a training takes, from what a step took on two CPU cores and is expected to take on a GPU."""
    device = "cuda" if spec.device == "cuda" else "cpu"
    known = _SECONDS_PER_IMAGE.get((device, spec.backbone))
    slowest = max(seconds for (where, _), seconds in _SECONDS_PER_IMAGE.items() if where == device)
    size = spec.image_height * spec.image_width / 256**2
    frames = spec.batch_size * (CONTEXT_FRAMES if spec.architecture == "context" else 1)
    clips = spec.losses.clip_length * spec.losses.clips if spec.losses.weights else 0
    counted = clips * (1 - spec.losses.ramp_start)
    steps = spec.epochs * max(1, round(0.9 * images) // spec.batch_size)
    seen = (frames + counted) * size
    if spec.framing.mode == "two_pass":
        seen += _COARSE_SHARE * spec.batch_size * spec.framing.coarse_side**2 / 256**2
    return _START_MINUTES + round(steps * seen * (known or slowest) / 60)


def recommend(facts: ProjectFacts) -> Recommendation:
    """The preset that suits a project and the computer that trains."""
    if facts.images < _FEW_LABELS:
        few = f"{facts.images} labelled frames are few: a quick network shows which frames to label next."
        return Recommendation("fast", (few,), FramingSpec(fit="stretch"))
    framing = framing_for(facts)
    small = _why_two_passes(facts)
    if facts.videos == 0:
        return Recommendation("standard", ("There is no video to learn from without labels.", *small), framing)
    reasons = ["Frames without labels teach that motion is smooth."]
    if facts.images >= _IMAGES_PER_KEYPOINT * facts.keypoints:
        reasons.append("There are labels enough to learn which poses are possible.")
    if facts.several_views:
        reasons.append("The image shows parts of the body in several views, which must agree.")
    if facts.device == "cuda":
        reasons.append("A GPU is fast enough to look at five frames at once.")
        return Recommendation("context", (*reasons, *small), framing)
    return Recommendation("semi_supervised", (*reasons, *small), framing)


def _why_two_passes(facts: ProjectFacts) -> tuple[str, ...]:
    if not _is_small(facts):
        return ()
    share = round(100 * (facts.animal_share or 0))
    return (f"The animal spans {share}% of the image: a first network finds it, and a second one looks at it closely.",)


def shows_parts_in_every_view(skeleton: Skeleton) -> bool:
    """Whether a part of the body has one keypoint in each of several views of an image."""
    places = Counter((k.part, k.view) for k in skeleton.keypoints if k.part is not None and k.view is not None)
    parts = {part for part, _ in places}
    return len(skeleton.views) > 1 and any(all(places[part, view] == 1 for view in skeleton.views) for part in parts)


def _spec(images: int, steps: int) -> TrainSpec:
    """As many epochs as make about that many steps."""
    steps_an_epoch = max(1, round(0.9 * images) // BATCH)
    return TrainSpec(
        epochs=min(_MOST_EPOCHS, max(1, round(steps / steps_an_epoch))),
        batch_size=BATCH,
        learning_rate=3e-3,
        validate_every=max(1, round(_STEPS_BETWEEN_VALIDATIONS / steps_an_epoch)),
    )
