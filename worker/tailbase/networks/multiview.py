"""The multi-view transformer: the views of one moment in, one pose per view out.

After the multi-view transformer of Lightning Pose 3D (arXiv 2510.09903): the patches of all views attend to one another
in every layer, so that what one camera sees helps to find what is hidden from another. No calibration is needed.
"""

from typing import Any, cast

import torch
from jaxtyping import Float, Int
from timm.data.constants import IMAGENET_DEFAULT_MEAN
from timm.models._features import FeatureGetterNet
from torch import Tensor, nn

from tailbase.errors import PoseError
from tailbase.losses.supervised import map_loss
from tailbase.networks.backbones import build_backbone, feature_layout
from tailbase.networks.heads import PyramidHead
from tailbase.networks.heatmaps import decode, decode_with_gradient, gaussian_targets
from tailbase.networks.tracker import Outputs, Track, Tracker
from tailbase.schema import MapLoss

PATCH_PX = 16
"""Side of the squares that are hidden in training."""

_VIEW_STD = 0.02
_MASKING_FROM, _MOST_MASKED = 2 / 15, 0.5


class MultiviewTracker(Tracker):
    """Images have shape (batch, view, 3, height, width); all else has a row for each image, views running fastest.

    Each view's patches get a learned vector that tells which camera they come from. The class and register tokens,
    which know nothing of an image, stand once before the patches of all views. The head, shared by the views, is that
    of the heatmap tracker.

    Errors:
        backbone.no_views: the backbone is no plain vision transformer.
    """

    def __init__(
        self,
        backbone: str,
        keypoints: int,
        image_size: tuple[int, int],
        views: int,
        downsample_factor: int = 2,
        width: int = 64,
    ) -> None:
        super().__init__()
        self.views = views
        self.stride = 2**downsample_factor
        self.backbone = build_backbone(backbone, image_size)
        if not isinstance(self.backbone, FeatureGetterNet) or not hasattr(self.backbone.model, "patch_embed"):
            message = f"{backbone} cannot join views. Choose a vision transformer, e.g. vit_small_patch16_224.dino."
            raise PoseError("backbone.no_views", message)
        channels, strides = feature_layout(self.backbone)
        self.head = PyramidHead(channels, strides, keypoints, self.stride, width)
        self.view = nn.Parameter(torch.empty(views, channels[-1]).normal_(std=_VIEW_STD))

    def forward(self, images: Float[Tensor, "batch view 3 height width"]) -> Float[Tensor, "image keypoint row column"]:
        """Logits for images with values 0 to 255."""
        features = together(self.normalized(images), self.backbone.model, self.view)
        maps: Tensor = self.head([features])
        return maps

    def supervised(
        self,
        outputs: Outputs,
        points: Float[Tensor, "image keypoint 2"],
        states: Int[Tensor, "image keypoint"],
        loss: MapLoss,
    ) -> Float[Tensor, ""]:
        logits = _maps(outputs)
        targets, counted = gaussian_targets(points, states, (logits.shape[-2], logits.shape[-1]), self.stride)
        return map_loss(loss, logits, targets, counted)

    def heads(self, outputs: Outputs) -> tuple[Track, ...]:
        """A track for each view."""
        return tuple(
            Track(*decode_with_gradient(logits, self.stride), logits)
            for logits in (_maps(outputs)[view :: self.views] for view in range(self.views))
        )

    def decode(self, outputs: Outputs) -> tuple[Float[Tensor, "image keypoint 2"], Float[Tensor, "image keypoint"]]:
        return decode(_maps(outputs), self.stride)


def together(
    images: Float[Tensor, "batch view 3 height width"], transformer: Any, marks: Float[Tensor, "view width"]
) -> Float[Tensor, "image width row column"]:
    """Features of all images, whose patches attend to those of the other views of the same moment.

    Args:
        transformer: timm's VisionTransformer, or its Eva with rotary positions.
        marks: what is added to the patches of each view.
    """
    batch, views = images.shape[:2]
    placed = transformer._pos_embed(transformer.patch_embed(images.flatten(0, 1)))
    tokens, rotation = placed if isinstance(placed, tuple) else (placed, None)
    before, patches = tokens.tensor_split([transformer.num_prefix_tokens], dim=1)
    patches = patches.view(batch, views, *patches.shape[1:]) + marks[:, None]
    joined = transformer.norm_pre(torch.cat([before[::views], patches.flatten(1, 2)], dim=1))
    same = {} if rotation is None else {"rope": rotation.repeat(views, 1)}
    for block in transformer.blocks:
        joined = block(joined, **same)
    joined = transformer.norm(joined)[:, transformer.num_prefix_tokens :]
    rows, columns = transformer.patch_embed.grid_size
    maps: Tensor = joined.reshape(batch * views, rows, columns, -1).permute(0, 3, 1, 2)
    return maps


def masked_share(progress: float) -> float:
    """Of the patches to hide, at a share of the training: none at first, then growing to a half (as Lightning Pose)."""
    return _MOST_MASKED * max(progress - _MASKING_FROM, 0.0) / (1 - _MASKING_FROM)


def mask_patches(
    images: Float[Tensor, "*any 3 height width"], share: float, generator: torch.Generator
) -> Float[Tensor, "*any 3 height width"]:
    """Training images of which random patches are hidden, so that the network learns to ask the other views.

    Args:
        images: values 0 to 255; what is hidden gets the mean colour of the backbones' images.
        share: probability of each patch of `PATCH_PX` pixels to be hidden.
        generator: of a CPU, so that a draw is the same on every device.
    """
    *before, _, height, width = images.shape
    draws = torch.rand(*before, 1, height // PATCH_PX, width // PATCH_PX, generator=generator)
    hidden = (draws < share).repeat_interleave(PATCH_PX, -2).repeat_interleave(PATCH_PX, -1).to(images.device)
    return torch.where(hidden, images.new_tensor(IMAGENET_DEFAULT_MEAN)[:, None, None] * 255, images)


def _maps(outputs: Outputs) -> Float[Tensor, "image keypoint row column"]:
    return cast(Tensor, outputs)
