"""Chooses the frames of a video that are worth labelling: different from each other and from those already chosen."""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from tailbase.errors import PoseError
from tailbase.video.reader import Image, VideoReader, open_video

Grey = NDArray[np.float32]

CANDIDATES = 4000
GREY_SIDE = 48
COMPONENTS = 24
# Two small grey pictures closer than this share of the distance of two random ones show the same pose.
DUPLICATE_SHARE = 0.12
# Grey levels: camera noise, averaged over the pixels that make a small picture.
NOISE_LEVEL = 1.0


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
    """Choose up to `count` frames; fewer where the video has no more that differ from the excluded ones.

    k-means groups small grey pictures after principal components and takes the frame nearest to the middle of each
    group, as DeepLabCut's frame extraction does; at most 4000 evenly spaced frames are candidates, so memory does not
    grow with the video.

    Args:
        source: the video.
        count: frames to choose.
        method: `kmeans` for variety of looks, `uniform` for even spacing.
        start_s, stop_s: seconds from the first frame; the part to choose from.
        exclude: frame numbers not to choose, nor any frame that looks the same.
        seed: the same seed gives the same frames.
        tell: called with the frames looked at and all candidates.

    Returns:
        Frame numbers, ascending.

    Raises:
        PoseError: frames.empty_range, and codes video.*.
    """
    with open_video(source) as video:
        candidates = candidate_frames(video.times, start_s, stop_s, CANDIDATES)
        if not len(candidates):
            raise PoseError(
                "frames.empty_range",
                f"{source.name} is {video.times[-1]:.1f} s long and has no frame in the time asked for.",
            )
        barred = np.array(sorted({i for i in exclude if 0 <= i < video.frame_count}), np.int64)
        if method == "uniform" and not len(barred):
            return spread(candidates, np.ones(len(candidates), bool), count)
        needed = np.union1d(candidates, barred)
        greys = small_greys(_small_images(video, needed), len(needed), tell)
    allowed = np.isin(candidates, barred, invert=True)
    looks = greys[np.searchsorted(needed, candidates)]
    allowed &= ~near_any(looks, greys[np.searchsorted(needed, barred)], same_look(looks, seed))
    if method == "uniform":
        return spread(candidates, allowed, count)
    chosen = distinct(looks[allowed], count, same_look(looks, seed), seed)
    return sorted(int(i) for i in candidates[allowed][chosen])


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


def distinct(looks: Grey, count: int, threshold: float, seed: int) -> list[int]:
    """Rows of `looks` that differ: the middles of k-means groups, then whatever is farthest from all chosen."""
    chosen: list[int] = []
    if not len(looks) or count < 1:
        return chosen
    farthest = np.full(len(looks), np.inf, np.float32)
    order = _middles(looks, min(count, len(looks)), seed)
    for _ in range(min(count, len(looks))):
        pick = next((i for i in order if farthest[i] >= threshold), int(np.argmax(farthest)))
        if chosen and farthest[pick] <= 0:
            break
        chosen.append(pick)
        farthest = np.minimum(farthest, np.sqrt(np.square(looks - looks[pick]).mean(axis=1)))
        farthest[pick] = 0
    return chosen


def _middles(looks: Grey, count: int, seed: int) -> list[int]:
    """The row nearest to the middle of each of `count` groups."""
    from sklearn.cluster import MiniBatchKMeans
    from sklearn.decomposition import PCA

    components = min(COMPONENTS, *looks.shape)
    features = PCA(components, svd_solver="randomized", random_state=seed).fit_transform(looks)
    groups = MiniBatchKMeans(count, random_state=seed, n_init=3, batch_size=1024).fit(features)
    return list(dict.fromkeys(int(i) for i in groups.transform(features).argmin(axis=0)))


def _small_images(video: VideoReader, indices: NDArray[np.int64]) -> Iterable[Image]:
    scale = GREY_SIDE / max(video.width, video.height)
    size = max(1, round(video.width * scale)), max(1, round(video.height * scale))
    return (image for _, image in video.frames_at((int(i) for i in indices), size))
