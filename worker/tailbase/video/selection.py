"""Chooses the frames of a video that are worth labelling: different from each other and from those already chosen."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from tailbase.errors import PoseError
from tailbase.video.looks import Grey, Looks, describe_looks, grouped, principal
from tailbase.video.reader import Image, VideoReader, open_video

CANDIDATES = 4000
GREY_SIDE = 48
# Two small grey pictures closer than this share of the distance of two random ones show the same pose.
DUPLICATE_SHARE = 0.12
# Grey levels: camera noise, averaged over the pixels that make a small picture.
NOISE_LEVEL = 1.0


@dataclass(frozen=True)
class Wanted:
    """Which frames to choose.

    Attributes:
        count: how many.
        method: `kmeans` for variety of looks, `uniform` for even spacing, `scores` for the largest scores.
        ranges: seconds from the first frame, each from (included) to (excluded); none is the whole video.
        exclude: frame numbers not to choose, nor any frame that looks the same.
        seed: the same seed gives the same frames.
        spares: how many more to name, for a person who takes some of the chosen out.
        scores: one number a frame, for the method `scores`.
    """

    count: int
    method: Literal["kmeans", "uniform", "scores"] = "kmeans"
    ranges: Sequence[tuple[float, float | None]] = ()
    exclude: Sequence[int] = ()
    seed: int = 0
    spares: int = 0
    scores: NDArray[np.float64] | None = None


@dataclass(frozen=True)
class Choice:
    """Frame numbers: `indices` ascending, `spares` the best first; `looks` is how k-means saw the candidates."""

    indices: list[int]
    spares: list[int]
    looks: Looks | None = None


def select_frames(
    source: Path,
    count: int,
    method: Literal["kmeans", "uniform"] = "kmeans",
    start_s: float = 0.0,
    stop_s: float | None = None,
    exclude: Sequence[int] = (),
    seed: int = 0,
    tell: Callable[[int, int], None] | None = None,
) -> list[int]:
    """The frames of `choose_frames`, ascending, for one time range."""
    return choose_frames(source, Wanted(count, method, ((start_s, stop_s),), exclude, seed), tell).indices


def choose_frames(source: Path, wanted: Wanted, tell: Callable[[int, int], None] | None = None) -> Choice:
    """Choose up to `wanted.count` frames; fewer where the video has no more that differ from the excluded ones.

    k-means groups small grey pictures after principal components and takes the frame nearest to the middle of each
    group, as DeepLabCut's frame extraction does. At most 4000 evenly spaced frames, or the 4000 of the largest scores,
    are candidates, so memory does not grow with the video.

    Args:
        tell: called with the frames looked at and all candidates.

    Errors:
        frames.empty_range; frames.other_predictions: scores of another number of frames; video.*.
    """
    with open_video(source) as video:
        candidates = _candidates(video, wanted)
        barred = np.array(sorted({i for i in wanted.exclude if 0 <= i < video.frame_count}), np.int64)
        if wanted.method == "uniform" and not len(barred):
            return _evenly(candidates, np.ones(len(candidates), bool), wanted)
        needed = np.union1d(candidates, barred)
        greys = small_greys(_small_images(video, needed), len(needed), tell)
        shape = _small_size(video)
    looks = greys[np.searchsorted(needed, candidates)]
    alike = same_look(looks, wanted.seed)
    allowed = np.isin(candidates, barred, invert=True)
    allowed &= ~near_any(looks, greys[np.searchsorted(needed, barred)], alike)
    if wanted.method == "uniform":
        return _evenly(candidates, allowed, wanted)
    free = candidates[allowed]
    if wanted.scores is not None:
        order = np.argsort(-wanted.scores[free], kind="stable")
        return _choice(free[order][unlike(looks[allowed][order], alike, wanted.count + wanted.spares)], wanted.count)
    rows = distinct(looks[allowed], wanted.count, alike, wanted.seed, wanted.spares)
    seen = describe_looks(looks[allowed], free, wanted.count, wanted.seed, shape) if wanted.spares else None
    return replace(_choice(free[rows], wanted.count), looks=seen)


def _choice(frames: NDArray[np.int64], count: int) -> Choice:
    return Choice(sorted(int(i) for i in frames[:count]), [int(i) for i in frames[count:]])


def _candidates(video: VideoReader, wanted: Wanted) -> NDArray[np.int64]:
    """Frames of the ranges; of scores, those with the largest."""
    scored = wanted.scores is not None
    ranges = wanted.ranges or ((0.0, None),)
    most = video.frame_count if scored else max(1, CANDIDATES // len(ranges))
    found = [candidate_frames(video.times, start, stop, most) for start, stop in ranges]
    candidates = np.unique(np.concatenate(found))
    if not len(candidates):
        raise PoseError(
            "frames.empty_range",
            f"{video.path.name} is {video.times[-1]:.1f} s long and has no frame in the time asked for.",
        )
    if wanted.scores is None:
        return candidates
    if len(wanted.scores) != video.frame_count:
        raise PoseError(
            "frames.other_predictions",
            f"The prediction has {len(wanted.scores)} frames, but {video.path.name} has {video.frame_count}.",
        )
    return np.sort(candidates[np.argsort(-wanted.scores[candidates], kind="stable")[:CANDIDATES]])


def _evenly(candidates: NDArray[np.int64], allowed: NDArray[np.bool_], wanted: Wanted) -> Choice:
    chosen = spread(candidates, allowed, wanted.count)
    rest = allowed & np.isin(candidates, chosen, invert=True)
    return Choice(chosen, spread(candidates, rest, wanted.spares) if rest.any() else [])


def unlike(looks: Grey, threshold: float, count: int) -> list[int]:
    """The first rows, up to `count`, that differ from every row taken before."""
    taken: list[int] = []
    for row in range(len(looks)):
        if len(taken) == count:
            break
        if not near_any(looks[row : row + 1], looks[taken], threshold)[0]:
            taken.append(row)
    return taken


def candidate_frames(
    times: NDArray[np.float64], start_s: float, stop_s: float | None, maximum: int
) -> NDArray[np.int64]:
    """At most `maximum` evenly spaced frame numbers with start_s <= time < stop_s."""
    first = int(np.searchsorted(times, start_s, side="left"))
    last = len(times) if stop_s is None else int(np.searchsorted(times, stop_s, side="left"))
    count = min(max(last - first, 0), maximum)
    return np.unique(first + ((np.arange(count) + 0.5) * (last - first) / max(count, 1)).astype(np.int64))


def small_greys(images: Iterable[Image], total: int, tell: Callable[[int, int], None] | None = None) -> Grey:
    """Grey values of a stream of small images, float32, shape (image, pixel), 0 to 255."""
    rows: list[NDArray[np.uint8]] = []
    for done, image in enumerate(images, start=1):
        rows.append(image.mean(axis=2).astype(np.uint8).ravel())
        if tell is not None and (done % 32 == 0 or done == total):
            tell(done, total)
    return np.stack(rows).astype(np.float32)


def same_look(looks: Grey, seed: int) -> float:
    """The root-mean-square difference, in grey levels, below which two pictures count as the same."""
    pairs = np.random.default_rng(seed).integers(0, len(looks), (2, 500))
    typical = np.sqrt(np.square(looks[pairs[0]] - looks[pairs[1]]).mean(axis=1))
    return max(NOISE_LEVEL, DUPLICATE_SHARE * float(np.median(typical)))


def near_any(looks: Grey, others: Grey, threshold: float) -> NDArray[np.bool_]:
    """For each picture, whether any of `others` differs from it by less than `threshold`; shape (picture,)."""
    near = np.zeros(len(looks), bool)
    for other in others:
        near |= np.sqrt(np.square(looks - other).mean(axis=1)) < threshold
    return near


def spread(candidates: NDArray[np.int64], allowed: NDArray[np.bool_], count: int) -> list[int]:
    """Up to `count` evenly spaced candidates; one that is not allowed gives way to the nearest that is."""
    free = candidates[allowed]
    count = min(count, len(free))
    low, high = candidates[0], candidates[-1] + 1
    chosen: list[int] = []
    for target in low + (np.arange(count) + 0.5) * (high - low) / max(count, 1):
        nearest = int(np.argmin(np.abs(free - int(target))))
        chosen.append(int(free[nearest]))
        free = np.delete(free, nearest)
    return sorted(chosen)


def distinct(looks: Grey, count: int, threshold: float, seed: int, spares: int = 0) -> list[int]:
    """Rows of `looks` that differ: the middles of `count` k-means groups, then whatever is farthest from all chosen."""
    chosen: list[int] = []
    if not len(looks) or count < 1:
        return chosen
    farthest = np.full(len(looks), np.inf, np.float32)
    order = _middles(looks, min(count, len(looks)), seed)
    for _ in range(min(count + spares, len(looks))):
        pick = next((i for i in order if farthest[i] >= threshold), int(np.argmax(farthest)))
        if chosen and farthest[pick] <= 0:
            break
        chosen.append(pick)
        farthest = np.minimum(farthest, np.sqrt(np.square(looks - looks[pick]).mean(axis=1)))
        farthest[pick] = 0
    return chosen


def _middles(looks: Grey, count: int, seed: int) -> list[int]:
    """The row nearest to the middle of each of `count` groups."""
    features = principal(looks, seed)[0]
    return list(dict.fromkeys(int(i) for i in grouped(features, count, seed).transform(features).argmin(axis=0)))


def _small_images(video: VideoReader, indices: NDArray[np.int64]) -> Iterable[Image]:
    return (image for _, image in video.frames_at((int(i) for i in indices), _small_size(video)))


def _small_size(video: VideoReader) -> tuple[int, int]:
    """Width and height."""
    scale = GREY_SIDE / max(video.width, video.height)
    return max(1, round(video.width * scale)), max(1, round(video.height * scale))
