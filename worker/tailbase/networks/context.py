"""The temporal context network: five frames in, one pose of the middle frame out.

After Biderman et al. 2024 (Lightning Pose's context network): every frame is encoded once, one head sees the middle
frame alone and another the features of all five, and the more confident of them wins for each keypoint.
"""

from typing import cast

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn
from torch.nn import functional

from tailbase.losses.supervised import map_loss
from tailbase.networks.backbones import build_backbone, feature_layout
from tailbase.networks.heads import PyramidHead, exact_maps, mixer
from tailbase.networks.heatmaps import decode, decode_with_gradient, gaussian_targets
from tailbase.networks.tracker import Outputs, Track, Tracker
from tailbase.schema import MapLoss

REACH = 2
"""Frames looked at before and after the one asked for."""

_COARSER = 4


class ContextTracker(Tracker):
    """Its outputs are two tensors of logits: of the middle frame alone, and of the middle frame in its context.

    What moves between frames is read from features four times as coarse as the maps, where a cell reaches as far as an
    animal moves and a step costs little; where exactly the point lies is read from the fine features of the middle
    frame, which both heads share. Neighbouring frames are therefore never taken to the maps' stride in training.
    """

    reach = REACH

    def __init__(
        self, backbone: str, keypoints: int, image_size: tuple[int, int], downsample_factor: int = 2, width: int = 64
    ) -> None:
        super().__init__()
        self.stride = 2**downsample_factor
        self.backbone = build_backbone(backbone, image_size)
        channels, strides = feature_layout(self.backbone)
        self.head = PyramidHead(channels, strides, keypoints, self.stride, width)
        self._coarse_levels = sum(stride >= min(_COARSER * self.stride, strides[-1]) for stride in self.head.levels)
        self.context = ContextHead(width, keypoints)

    def forward(self, images: Float[Tensor, "batch 5 3 height width"]) -> tuple[Tensor, Tensor]:
        """Logits of the middle frames of windows, with values 0 to 255."""
        batch, frames = images.shape[:2]
        features, coarse, told = self._encode(images.flatten(0, 1))
        middle = slice(REACH, None, frames)
        return self._maps([f[middle] for f in features], coarse[middle], told.view(batch, frames, *told.shape[1:]))

    def clip(self, frames: Float[Tensor, "frame 3 height width"]) -> tuple[Tensor, Tensor]:
        """Logits of all but the first and last two of consecutive frames, each encoded once; at least five."""
        features, coarse, told = self._encode(frames)
        middle = slice(REACH, len(frames) - REACH)
        windows = told.unfold(0, 2 * REACH + 1, 1).permute(0, 4, 1, 2, 3)
        return self._maps([f[middle] for f in features], coarse[middle], windows)

    def _encode(self, frames: Float[Tensor, "frame 3 height width"]) -> tuple[list[Tensor], Tensor, Tensor]:
        """Of each frame by itself: the backbone's features, the head's coarse ones, and what the recurrences see."""
        features = self.backbone(self.normalized(frames))
        coarse = self.head.join(features, self._coarse_levels)
        return features, coarse, self.context.seen(coarse)

    def _maps(
        self, features: list[Tensor], coarse: Tensor, windows: Float[Tensor, "batch 5 seen row column"]
    ) -> tuple[Tensor, Tensor]:
        """The two heads' logits, from features of the middle frames and what the recurrences see of all five."""
        fine = self.head.strips(self.head.refine(features, coarse, self._coarse_levels))
        return exact_maps(self.head.maps, fine), self.context(windows, fine)

    def supervised(
        self,
        outputs: Outputs,
        points: Float[Tensor, "batch keypoint 2"],
        states: Int[Tensor, "batch keypoint"],
        loss: MapLoss,
    ) -> Float[Tensor, ""]:
        """Mean of the two heads' losses."""
        alone, together = _maps(outputs)
        targets, counted = gaussian_targets(points, states, (alone.shape[-2], alone.shape[-1]), self.stride)
        return (map_loss(loss, alone, targets, counted) + map_loss(loss, together, targets, counted)) / 2

    def heads(self, outputs: Outputs) -> tuple[Track, ...]:
        """The track of the middle frames alone, then the one in context."""
        return tuple(Track(*decode_with_gradient(logits, self.stride), logits) for logits in _maps(outputs))

    def decode(self, outputs: Outputs) -> tuple[Float[Tensor, "batch keypoint 2"], Float[Tensor, "batch keypoint"]]:
        """Of each keypoint the answer of the more confident head."""
        (alone, sure_alone), (together, sure_together) = (decode(logits, self.stride) for logits in _maps(outputs))
        better = sure_together > sure_alone
        return torch.where(better[..., None], together, alone), torch.maximum(sure_alone, sure_together)


class ContextHead(nn.Module):
    """Two convolutional recurrences, one from the past and one from the future, meet at the middle frame.

    Each moves its state towards a candidate by a gate, both from the frame and the state (a gated recurrent unit
    without its reset gate; Cho et al. 2014, Zhou et al. 2016).
    """

    def __init__(self, width: int, keypoints: int) -> None:
        super().__init__()
        self.seen = nn.Conv2d(width, 4 * width, 3, padding=1)
        self.past = nn.Conv2d(width, 2 * width, 3, padding=1, bias=False)
        self.future = nn.Conv2d(width, 2 * width, 3, padding=1, bias=False)
        self.lateral = nn.Conv2d(2 * width, width, 1, bias=False)
        self.mixer = mixer(width)
        self.maps = nn.Conv2d(width, keypoints, 1)
        nn.init.normal_(self.maps.weight, std=0.01)

    def forward(
        self, windows: Float[Tensor, "batch 5 seen row column"], fine: Float[Tensor, "batch width rows columns"]
    ) -> Float[Tensor, "batch keypoint rows columns"]:
        """Logits at the size of `fine`, the middle frame's features; `windows` is `seen` of the five frames."""
        before, after = windows.chunk(2, dim=2)
        past = _remember(self.past, before[:, : REACH + 1])
        future = _remember(self.future, after[:, REACH:].flip(1))
        told = self.lateral(torch.cat([past, future], dim=1))
        told = functional.interpolate(told, size=fine.shape[-2:], mode="bilinear", align_corners=False)
        return exact_maps(self.maps, self.mixer(fine + told))


def _remember(
    remembered: nn.Conv2d, frames: Float[Tensor, "batch frame both row column"]
) -> Float[Tensor, "batch width row column"]:
    """The state after the last frame; it begins as the first frame's candidate."""
    state = frames[:, 0].chunk(2, dim=1)[0].tanh()
    for frame in frames.unbind(1)[1:]:
        candidate, gate = (frame + remembered(state)).chunk(2, dim=1)
        state = torch.lerp(state, candidate.tanh(), gate.sigmoid())
    return state


def _maps(outputs: Outputs) -> tuple[Tensor, Tensor]:
    return cast(tuple[Tensor, Tensor], outputs)
