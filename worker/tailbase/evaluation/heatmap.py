"""What a network sees in one frame: its maps drawn over its input."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Float, UInt8
from numpy.typing import NDArray
from PIL import Image
from torch.nn import functional

from tailbase.errors import PoseError
from tailbase.formats.atomic import replacing
from tailbase.framing.boxes import Box, box_of, cut
from tailbase.framing.individuals import sets_of
from tailbase.framing.locate import locate
from tailbase.networks.model_folder import ModelFacts, load_model
from tailbase.networks.resize import place, resize
from tailbase.networks.tracker import Track, Tracker
from tailbase.schema import Crop, Fit, Skeleton
from tailbase.video.reader import open_video

_DIMMED = 0.6


@dataclass(frozen=True)
class _Seen:
    """What the network is shown of a frame and its neighbours, and which part of the frame that is (`draw_heatmap`)."""

    window: UInt8[torch.Tensor, "window 3 h w"]
    region: dict[str, float]


def draw_heatmap(
    model: Path,
    video: Path,
    frame: int,
    out: Path,
    keypoint: str | None = None,
    crop: Crop | None = None,
    overlay: bool = False,
) -> dict[str, object]:
    """Write a PNG of the network's input, darkened, with each keypoint's map in its colour.

    A map is scaled to its own greatest value, so that a faint one can be seen; the likelihood says how sure it is. Of a
    network with several heads each keypoint's more confident one is drawn. One that looks at boxes is shown the box
    around the first animal.

    Args:
        crop: the part of the video that is looked at.
        overlay: draw the maps alone, on a transparent ground, to be laid over the frame.

    Returns:
        frame, width, height (of the PNG, pixels of the network's input), keypoints {name: {x, y, likelihood}} in the
        same pixels, region {x, y, width, height}: what the PNG covers of the frame, in pixels from the outer corner of
        its first one; borders lie outside of the frame.

    Errors:
        video.*; crop.outside; model.not_a_model; heatmap.no_such_frame; heatmap.no_such_keypoint; heatmap.no_maps: the
        network gives points directly.
    """
    tracker, facts = load_model(model)
    skeleton = facts.skeleton if facts.coarse else sets_of(facts.skeleton, len(facts.individuals))
    names = skeleton.names
    if keypoint is not None and keypoint not in names:
        raise PoseError("heatmap.no_such_keypoint", f"The model has no keypoint {keypoint}. It has {', '.join(names)}.")
    seen = _seen(video, frame, tracker, facts, crop)
    maps, points, likelihood = _maps(tracker, seen.window)
    chosen = [names.index(keypoint)] if keypoint is not None else list(range(len(names)))
    colours = _colours(skeleton)[chosen]
    image = seen.window[tracker.reach].permute(1, 2, 0).numpy()
    picture = _alone(maps[chosen], colours) if overlay else _drawn(image, maps[chosen], colours)
    with replacing(out) as part:
        Image.fromarray(picture).save(part, format="PNG")
    found = {
        names[k]: {"x": float(points[k, 0]), "y": float(points[k, 1]), "likelihood": float(likelihood[k])}
        for k in chosen
    }
    size = {"width": picture.shape[1], "height": picture.shape[0]}
    return {"frame": frame, **size, "keypoints": found, "region": seen.region}


def _seen(video: Path, frame: int, tracker: Tracker, facts: ModelFacts, crop: Crop | None) -> _Seen:
    """The frame as the network sees it, between its neighbours; the first and last stand in beyond the ends."""
    reach = tracker.reach
    with open_video(video, threads=1) as reader:
        if not 0 <= frame < reader.frame_count:
            message = f"The video has the frames 0 to {reader.frame_count - 1}; {frame} is none of them."
            raise PoseError("heatmap.no_such_frame", message)
        wanted = [min(max(frame + step, 0), reader.frame_count - 1) for step in range(-reach, reach + 1)]
        images = {index: reader.frame(index) for index in sorted(set(wanted))}
    pictures = {index: torch.from_numpy(image).permute(2, 0, 1) for index, image in images.items()}
    size, box = (facts.spec.image_height, facts.spec.image_width), box_of(crop, reader.height, reader.width, video.name)
    if tracker.coarse is None or facts.coarse is None:
        fit = facts.spec.framing.fit
    else:
        fit, centre = "stretch", locate(tracker.coarse, facts.coarse, [pictures[frame]], [box])[0, 0]
        box = Box.around(centre if np.isfinite(centre).all() else box.middle, *facts.coarse.sizes[0])
    window = torch.stack([resize(cut(pictures[index], box), size, fit) for index in wanted])
    return _Seen(window, _region(box, size, fit))


def _region(box: Box, size: tuple[int, int], fit: Fit) -> dict[str, float]:
    at = place(box.size, size, fit)
    across, down = box.width / at.width, box.height / at.height
    corner = {"x": box.x - at.left * across, "y": box.y - at.top * down}
    return corner | {"width": size[1] * across, "height": size[0] * down}


@torch.inference_mode()
def _maps(
    tracker: Tracker, window: UInt8[torch.Tensor, "window 3 h w"]
) -> tuple[Float[torch.Tensor, "keypoint h w"], Float[torch.Tensor, "keypoint 2"], Float[torch.Tensor, "keypoint"]]:
    """Probabilities over the pixels of the input, each map scaled to 1, and the network's answer."""
    images = window.float()
    outputs = tracker(images[None] if tracker.reach else images)
    points, likelihood = tracker.decode(outputs)
    logits = _surest(tracker.heads(outputs))
    probability = logits.flatten(1).softmax(-1).view(logits.shape)
    grown = functional.interpolate(probability[None], size=tuple(window.shape[-2:]), mode="bilinear")[0]
    return grown / grown.amax((1, 2), keepdim=True).clamp(min=1e-12), points[0], likelihood[0]


def _surest(heads: tuple[Track, ...]) -> Float[torch.Tensor, "keypoint row column"]:
    maps = [head.maps for head in heads if head.maps is not None]
    if len(maps) < len(heads):
        raise PoseError("heatmap.no_maps", "This network gives points directly, without maps that could be drawn.")
    best = torch.stack([head.likelihood[0] for head in heads]).argmax(0)
    return torch.stack([maps[int(head)][0, k].float() for k, head in enumerate(best)])


def _colours(skeleton: Skeleton) -> NDArray[np.float32]:
    texts = [keypoint.color.removeprefix("#") for keypoint in skeleton.keypoints]
    return np.array([[int(text[at : at + 2], 16) for at in (0, 2, 4)] for text in texts], np.float32)


def _drawn(
    image: UInt8[NDArray[np.uint8], "h w 3"],
    maps: Float[torch.Tensor, "keypoint h w"],
    colours: Float[NDArray[np.float32], "keypoint 3"],
) -> UInt8[NDArray[np.uint8], "h w 3"]:
    grey = image.mean(-1, keepdims=True) * _DIMMED
    picture = np.repeat(grey, 3, axis=-1)
    for one, colour in zip(maps.numpy(), colours, strict=True):
        picture += one[..., None] * (colour - picture)
    return np.asarray(picture.clip(0, 255).round(), np.uint8)


def _alone(
    maps: Float[torch.Tensor, "keypoint h w"], colours: Float[NDArray[np.float32], "keypoint 3"]
) -> UInt8[NDArray[np.uint8], "h w 4"]:
    """Each pixel in the colour of the map that is strongest there, as opaque as that is strong."""
    strength, which = maps.max(0)
    picture = np.concatenate([colours[which.numpy()], 255 * strength.numpy()[..., None]], axis=-1)
    return np.asarray(picture.clip(0, 255).round(), np.uint8)
