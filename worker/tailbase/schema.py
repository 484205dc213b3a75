"""The values that pass between library, worker and server: skeleton, labels, and what to train or predict.

Coordinates are pixels of the original image, x right and y down, the centre of the top-left pixel at (0, 0).
Frame numbers count from 0. Nothing here assumes one animal or one view.
"""

from dataclasses import dataclass, field
from enum import IntEnum
from typing import Annotated, Any, Literal, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

# Control characters, bidirectional overrides and zero-width characters hide what a name says.
_PRINTABLE = r"^[^\x00-\x1f\x7f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]+$"
Name = Annotated[str, StringConstraints(min_length=1, max_length=120, pattern=_PRINTABLE, strip_whitespace=True)]
Color = Annotated[str, StringConstraints(pattern=r"^#[0-9a-fA-F]{6}$")]

SINGLE = "animal"
"""The individual's name where labels have only one."""


class Frozen(BaseModel):
    """An immutable value that refuses unknown fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Keypoint(Frozen):
    """One point of the body. `part` names the body part and `view` the mirrored view it is seen in."""

    name: Name
    color: Color = "#4477aa"
    partner: Name | None = None
    part: Name | None = None
    view: Name | None = None


class Skeleton(Frozen):
    """Keypoints in their fixed order, the edges between them, and the views one image may show."""

    keypoints: tuple[Keypoint, ...] = Field(min_length=1, max_length=500)
    edges: tuple[tuple[Name, Name], ...] = ()
    views: tuple[Name, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(k.name for k in self.keypoints)

    @model_validator(mode="after")
    def _names_agree(self) -> Self:
        names = self.names
        if doubles := sorted({n for n in names if names.count(n) > 1}):
            raise ValueError(f"keypoint names occur twice: {', '.join(doubles)}")
        known = set(names)
        for keypoint in self.keypoints:
            if keypoint.partner is not None and keypoint.partner not in known:
                raise ValueError(f"{keypoint.name}: its partner {keypoint.partner} is no keypoint")
            if keypoint.view is not None and keypoint.view not in self.views:
                raise ValueError(f"{keypoint.name}: its view {keypoint.view} is not among the views")
        for start, end in self.edges:
            if start not in known or end not in known or start == end:
                raise ValueError(f"the edge {start} - {end} does not join two keypoints")
        return self


class PointState(IntEnum):
    """What a person said about a point. Predicted is not a state: it belongs to a model."""

    UNLABELED = 0
    VISIBLE = 1
    OCCLUDED = 2
    ABSENT = 3


class Crop(Frozen):
    """A part of a picture that everything outside of is ignored; `x`, `y` is its top-left pixel.

    Written as ``x,y,width,height`` where a person types it.
    """

    x: int = Field(ge=0, lt=1_000_000)
    y: int = Field(ge=0, lt=1_000_000)
    width: int = Field(ge=8, lt=1_000_000)
    height: int = Field(ge=8, lt=1_000_000)

    @model_validator(mode="before")
    @classmethod
    def _parsed(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        numbers = value.split(",")
        if len(numbers) != len(_CROP):
            raise ValueError("a crop is x,y,width,height in pixels of the video, e.g. 100,50,640,480")
        return dict(zip(_CROP, numbers, strict=True))


_CROP = ("x", "y", "width", "height")


class ImageRef(Frozen):
    """Where a labelled image comes from.

    Attributes:
        path: relative to the folder of the labels, with forward slashes.
        video: name of the video it is a frame of, without folder and extension; None where unknown.
        frame_index: frame number in that video, counted from 0; None where unknown.
        recording: one moment of filming; splits keep it together.
        view: the camera, where several filmed at once.
        crop: the part of it that networks look at; None for all. Points are in pixels of the whole image all the same.
    """

    path: str
    video: str | None = None
    frame_index: int | None = Field(default=None, ge=0)
    recording: str | None = None
    view: str | None = None
    crop: Crop | None = None


@dataclass(frozen=True)
class Labels:
    """Labelled images.

    Attributes:
        skeleton: gives the order of the keypoint axis.
        individuals: names of the animals, the order of that axis.
        images: one a row.
        points: float64, shape (image, individual, keypoint, 2), x then y in pixels; NaN where there is no position.
        states: int8, shape (image, individual, keypoint), values of PointState.
    """

    skeleton: Skeleton
    individuals: tuple[str, ...]
    images: tuple[ImageRef, ...]
    points: NDArray[np.float64]
    states: NDArray[np.int8]
    scorer: str = field(default="tailbase")

    def __post_init__(self) -> None:
        shape = (len(self.images), len(self.individuals), len(self.skeleton.keypoints))
        if self.states.shape != shape or self.points.shape != (*shape, 2):
            raise ValueError(f"labels have shape {self.points.shape}, expected {(*shape, 2)}")


@dataclass(frozen=True)
class Predictions:
    """A network's poses in one video.

    Attributes:
        points: float32, shape (frame, individual, keypoint, 2), original pixels.
        likelihood: float32, shape (frame, individual, keypoint), 0 to 1.
        times: float64, shape (frame,), seconds.
        provenance: model, model hash, video checksum, frame count, Tailbase version; plain strings.
        ends_with_video: False where the file names only frames with animals, so that the video may go on.
    """

    skeleton: Skeleton
    individuals: tuple[str, ...]
    points: NDArray[np.float32]
    likelihood: NDArray[np.float32]
    times: NDArray[np.float64]
    provenance: dict[str, str] = field(default_factory=dict)
    ends_with_video: bool = True


Backbone = Annotated[str, StringConstraints(pattern=r"^[a-z0-9_]{1,60}(\.[a-z0-9_]{1,60})?$")]
"""`compact`, or a timm model name, which the library checks against timm's networks that give features.

After a point it names which of timm's weights `imagenet` means, e.g. `vit_small_patch16_224.dino`.
"""


class SplitSpec(Frozen):
    """Which images train, which choose the checkpoint, which test.

    `recording` keeps the images of a recording together and falls back to `random` where there is only one. A server
    that knows more about recordings keeps those together whose `field` (animal, session, rig, ...) is the same.
    `explicit` takes image paths; images in neither list train.
    """

    method: Literal["recording", "random", "explicit"] = "recording"
    field: Name | None = None
    validation: float = Field(default=0.1, ge=0, le=0.5)
    test: float = Field(default=0.0, ge=0, le=0.5)
    seed: int = Field(default=0, ge=0, lt=2**31)
    validation_images: tuple[str, ...] = ()
    test_images: tuple[str, ...] = ()


class AugmentSpec(Frozen):
    """Ranges of the random changes of training images; zero switches one off.

    `rotation_degrees` None asks the labels: up to 180 where the animals were labelled facing every way, as from above,
    25 where they face one way, as from the side, and 15 where one image shows several views. `horizontal_flip` mirrors
    images of skeletons that name left/right partners, and no others.
    """

    rotation_degrees: float | None = Field(default=None, ge=0, le=180)
    scale: float = Field(default=0.2, ge=0, lt=0.9)
    translation: float = Field(default=0.08, ge=0, le=0.5)
    horizontal_flip: bool = False
    brightness: float = Field(default=0.3, ge=0, le=1)
    contrast: float = Field(default=0.3, ge=0, le=1)
    color: float = Field(default=0.1, ge=0, le=1)
    blur_probability: float = Field(default=0.2, ge=0, le=1)
    noise: float = Field(default=0.03, ge=0, le=0.5)
    erase_probability: float = Field(default=0.3, ge=0, le=1)


Architecture = Literal["heatmap", "context", "regression", "leap", "scoremap"]
"""`heatmap` looks at one frame, `context` also at the two frames before and the two after it; `regression` gives points
without maps, `leap` is LEAP's own network, and `scoremap` DeepLabCut's scores and offsets."""

MapLoss = Literal["kl", "mse", "js"]
"""How maps are compared with the Gaussians of labels (`losses.maps`): Kullback-Leibler, squares, Jensen-Shannon."""


Weight = Annotated[float, Field(ge=0, le=1e6, allow_inf_nan=False)]
"""A plain multiplier of a loss; at zero the loss costs nothing."""


class LossSpec(Frozen):
    """What the network learns beside the labels: weights of losses on clips of unlabelled video.

    Distances are pixels of the network's input, after the clip's augmentation has been undone. The weights of the
    unlabelled losses grow from nothing to full between the shares `ramp_start` and `ramp_end` of the training's steps,
    because what an untrained network predicts teaches nothing.

    Attributes:
        temporal: points move at most `temporal_epsilon_px` a frame.
        temporal_heatmap: the maps of consecutive frames are alike, by `temporal_heatmap_kind`.
        pose_pca: poses lie in the subspace of the labelled ones, which keeps `pose_pca_keep` of their variance.
        multiview_pca: views of a body part are views of one point in space.
        reprojection, pairwise: calibrated cameras agree on a point in space.
        unimodal: each map has one peak of a point's shape.
        least_likelihood: points below it do not count.
        clip_length, clips: consecutive frames in a clip, and clips a step.
    """

    temporal: Weight = 0.0
    temporal_heatmap: Weight = 0.0
    pose_pca: Weight = 0.0
    multiview_pca: Weight = 0.0
    reprojection: Weight = 0.0
    pairwise: Weight = 0.0
    unimodal: Weight = 0.0
    temporal_epsilon_px: float = Field(default=10.0, ge=0, le=1024)
    temporal_heatmap_kind: Literal["mse", "kl"] = "mse"
    least_likelihood: float = Field(default=0.05, ge=0, le=1)
    pose_pca_keep: float = Field(default=0.99, gt=0, le=1)
    clip_length: int = Field(default=16, ge=2, le=128)
    clips: int = Field(default=1, ge=1, le=64)
    ramp_start: float = Field(default=0.1, ge=0, le=1)
    ramp_end: float = Field(default=0.3, ge=0, le=1)

    @property
    def weights(self) -> dict[str, float]:
        """Of the losses that are switched on, by name."""
        return {name: weight for name in _UNLABELLED if (weight := float(getattr(self, name))) > 0}

    @model_validator(mode="after")
    def _ramp_rises(self) -> Self:
        if self.ramp_end < self.ramp_start:
            raise ValueError("ramp_end lies before ramp_start")
        return self


_UNLABELLED = ("temporal", "temporal_heatmap", "pose_pca", "multiview_pca", "reprojection", "pairwise", "unimodal")


Fit = Literal["keep", "stretch"]


class FramingSpec(Frozen):
    """What part of a picture a network looks at, and how that is brought to the size of its input.

    Attributes:
        fit: `keep` scales it alike in both directions until it fits, centred between black borders; `stretch` fills
            the input.
        mode: `whole` looks at the picture as it is. `two_pass` serves animals that are small in a large one: a coarse
            network finds the animal, and the network that finds its points looks at a box around it.
        margin: of that box on each side, as a share of the animal's own extent.
        coarse_side: longest side of the coarse network's input.
    """

    fit: Fit = "keep"
    mode: Literal["whole", "two_pass"] = "whole"
    margin: float = Field(default=0.25, ge=0, le=2)
    coarse_side: int = Field(default=256, ge=64, le=1024, multiple_of=32)


def _usual_weights(fields: dict[str, Any]) -> str:
    """LEAP's network has a backbone of its own, which nobody has trained on ImageNet."""
    return "none" if fields.get("architecture") == "leap" else "imagenet"


def _usual_downsampling(fields: dict[str, Any]) -> Literal[2, 3]:
    """Offsets make DeepLabCut's scores precise at eight pixels a cell; other maps need finer cells."""
    return 3 if fields.get("architecture") == "scoremap" else 2


class TrainSpec(Frozen):
    """Everything that decides a training, so that the same spec and labels give the same network.

    `weights` is `none`, `imagenet` (downloaded once into the cache) or a path: a safetensors file, a model folder of
    ours, or a checkpoint of DeepLabCut 3 or Lightning Pose.
    `backbone_rate` is the backbone's learning rate as a share of the head's. `averaging` is the decay per step of the
    moving average of the weights, which is what is validated and kept. `precision` auto is bfloat16 where the device
    computes it natively. `accumulate` computes a batch in that many parts, for less memory. `patience` ends a training
    after so many validations that found nothing better. `losses` with a weight above zero need videos.
    A cell of the maps is 2 ** `downsample_factor` pixels of the input. `leap` brings its own backbone and maps as fine
    as the input. `individuals` separate makes every labelled animal a set of keypoints of its own, which needs animals
    that can be told apart by looks or place; `refuse` takes labels of one animal only.
    """

    architecture: Architecture = "heatmap"
    backbone: Backbone = "resnet18"
    weights: str = Field(default_factory=_usual_weights, max_length=4096)
    weights_sha256: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")] | None = None
    image_height: int = Field(default=256, ge=32, le=1024, multiple_of=32)
    image_width: int = Field(default=256, ge=32, le=1024, multiple_of=32)
    downsample_factor: Literal[1, 2, 3, 4] = Field(default_factory=_usual_downsampling)
    epochs: int = Field(default=200, ge=1, le=5000)
    batch_size: int = Field(default=16, ge=1, le=256)
    learning_rate: float = Field(default=1e-3, gt=0, le=1, allow_inf_nan=False)
    backbone_rate: float = Field(default=0.3, gt=0, le=1)
    weight_decay: float = Field(default=0.01, ge=0, le=1)
    averaging: float = Field(default=0.995, ge=0, lt=1)
    head_width: int = Field(default=64, ge=8, le=512)
    device: Literal["auto", "cpu", "cuda"] = "auto"
    precision: Literal["auto", "float32", "bfloat16", "float16"] = "auto"
    map_loss: MapLoss = "kl"
    losses: LossSpec = LossSpec()
    framing: FramingSpec = FramingSpec()
    individuals: Literal["refuse", "separate"] = "refuse"
    accumulate: int = Field(default=1, ge=1, le=256)
    patience: int | None = Field(default=None, ge=1, le=1000)
    freeze_backbone_epochs: int = Field(default=0, ge=0, le=5000)
    validate_every: int = Field(default=5, ge=1, le=1000)
    seed: int = Field(default=0, ge=0, lt=2**31)
    split: SplitSpec = SplitSpec()
    augment: AugmentSpec = AugmentSpec()

    @model_validator(mode="after")
    def _weights_exist(self) -> Self:
        if self.architecture == "leap" and self.weights == "imagenet":
            raise ValueError('LEAP\'s own network has no ImageNet weights: set the weights to "none"')
        return self


class PredictSpec(Frozen):
    """How to run a network over a video, from `first_frame` to `last_frame`, which is included.

    `device` is never changed for another unasked. `precision` auto is bfloat16, on an older GPU float16, where the
    device computes it natively and a look at the video finds the points unmoved. `engine` auto is the fastest of those
    installed here that leaves the points in place, found by a short measurement where the prediction is long enough to
    repay it. `crop` is the part of the video that is looked at.
    """

    batch_size: int = Field(default=16, ge=1, le=256)
    device: Literal["auto", "cpu", "cuda"] = "auto"
    precision: Literal["auto", "float32", "bfloat16", "float16"] = "auto"
    engine: Literal["auto", "torch", "compiled", "onnxruntime", "openvino", "cudagraph"] = "auto"
    first_frame: int = Field(default=0, ge=0)
    last_frame: int | None = Field(default=None, ge=0)
    crop: Crop | None = None


class SmoothSpec(Frozen):
    """How several networks' predictions become one smoothed track; as the options of `tailbase smooth`.

    `views` names mirrors or cameras; the server fills in those of the recording where it is empty. `smoothing` None
    finds the most likely parameter of each keypoint; larger smooths less. `longest_gap` None bridges every gap.
    """

    method: Literal["single", "mirrored", "multiview", "calibrated", "pupil", "paw", "median"] = "single"
    views: tuple[Name, ...] = Field(default=(), max_length=100)
    smoothing: float | None = Field(default=None, gt=0, le=1e9, allow_inf_nan=False)
    quantile: float = Field(default=50.0, gt=0, le=100)
    inflate: bool = False
    min_likelihood: float = Field(default=0.0, ge=0, le=1)
    longest_gap: int | None = Field(default=None, ge=0, le=10_000_000)
    window: int = Field(default=5, ge=1, le=1001)
