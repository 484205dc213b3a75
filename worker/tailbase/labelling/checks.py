"""Labels that are probably mistakes: left and right exchanged, bones of odd lengths, poses unlike the others."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from jaxtyping import Float
from numpy.typing import NDArray

from tailbase.labelling.pose_space import fit_pose_space, usual

Poses = Float[NDArray[np.floating], "pose keypoint 2"]

FEWEST_POSES = 10
# Bones look shorter when a body turns, so that a third longer is stranger than half as long.
LONG, SHORT = 1.33, 0.2
# Robust standard deviations (1.4826 times the median absolute deviation) beyond which a number is strange.
STRANGE = 5.0
_SPREAD = 1.4826
_STRANGE_SHARE = 0.1
# Logarithms: exchanging two points makes the bones at them, taken together, so much more usual.
_BETTER = 1.0


@dataclass(frozen=True)
class Finding:
    """Something odd about a pose; `keypoints` are positions in the skeleton, `score` is larger the odder it is."""

    pose: int
    kind: Literal["swap", "bone", "pose"]
    keypoints: tuple[int, ...]
    score: float


def find_mistakes(poses: Poses, edges: Sequence[tuple[int, int]], pairs: Sequence[tuple[int, int]]) -> list[Finding]:
    """The findings, the oddest first; none where there are fewer than ten poses to compare with.

    Args:
        poses: labelled points in pixels; NaN where there is none.
        edges: keypoints joined by a bone.
        pairs: left and right partners.
    """
    if len(poses) < FEWEST_POSES:
        return []
    bones = _bones(poses, edges)
    swaps = _swaps(poses, edges, pairs, np.array([_median(column) for column in bones.T]))
    swapped = {finding.pose for finding in swaps}
    # A pose with exchanged points has odd bones and is odd as a whole: once is enough.
    others = [f for f in [*_odd_bones(bones, edges), *_odd_poses(poses)] if f.pose not in swapped]
    return sorted([*swaps, *others], key=lambda finding: -finding.score)


def _bones(poses: Poses, edges: Sequence[tuple[int, int]]) -> Float[NDArray[np.float64], "pose bone"]:
    lengths = [np.linalg.norm(poses[:, start] - poses[:, end], axis=-1) for start, end in edges]
    return np.stack(lengths, axis=1).astype(np.float64) if lengths else np.zeros((len(poses), 0))


def _odd_bones(lengths: Float[NDArray[np.float64], "pose bone"], edges: Sequence[tuple[int, int]]) -> list[Finding]:
    found = []
    for number, (start, end) in enumerate(edges):
        known = np.flatnonzero(np.isfinite(lengths[:, number]))
        if len(known) < FEWEST_POSES:
            continue
        column = lengths[known, number]
        middle = max(float(np.median(column)), 1e-6)
        strange = np.abs(column - middle) / _spread(column)
        odd = (strange > STRANGE) & ((column > LONG * middle) | (column < SHORT * middle))
        found += [Finding(int(known[i]), "bone", (start, end), float(strange[i])) for i in np.flatnonzero(odd)]
    return found


def _swaps(
    poses: Poses,
    edges: Sequence[tuple[int, int]],
    pairs: Sequence[tuple[int, int]],
    usual_lengths: Float[NDArray[np.float64], "bone"],
) -> list[Finding]:
    """Pairs whose exchange makes bones usual, or whose side of the body is the other one than nearly always."""
    found: dict[tuple[int, int, int], float] = {}
    for left, right in pairs:
        at_pair = [number for number, edge in enumerate(edges) if (left in edge) != (right in edge)]
        if at_pair:
            bones = [edges[number] for number in at_pair]
            before = _oddness(_bones(poses, bones), usual_lengths[at_pair])
            exchanged = poses.copy()
            exchanged[:, [left, right]] = poses[:, [right, left]]
            gain = before - _oddness(_bones(exchanged, bones), usual_lengths[at_pair])
            found |= {(int(i), left, right): float(gain[i]) for i in np.flatnonzero(gain > _BETTER)}
        found |= {(i, left, right): score for i, score in _wrong_side(poses, left, right, pairs).items()}
    return [Finding(pose, "swap", (left, right), 10 * score) for (pose, left, right), score in found.items()]


def _oddness(
    lengths: Float[NDArray[np.float64], "pose bone"], usual_lengths: NDArray[np.float64]
) -> NDArray[np.float64]:
    """How far, in logarithms, lengths are from the usual; unknown ones count nothing."""
    ratios = np.maximum(lengths, 1.0) / np.maximum(usual_lengths, 1.0)
    odd: NDArray[np.float64] = np.nan_to_num(np.abs(np.log(ratios))).sum(1)
    return odd


def _wrong_side(poses: Poses, left: int, right: int, pairs: Sequence[tuple[int, int]]) -> dict[int, float]:
    """Poses in which a pair lies the other way round across the body's axis, where nine in ten agree on one way."""
    paired = {keypoint for pair in pairs for keypoint in pair}
    middle = [keypoint for keypoint in range(poses.shape[1]) if keypoint not in paired]
    if len(middle) < 2:
        return {}
    axis = poses[:, middle[-1]] - poses[:, middle[0]]
    across = poses[:, right] - poses[:, left]
    turn = axis[:, 0] * across[:, 1] - axis[:, 1] * across[:, 0]
    sizes = np.linalg.norm(axis, axis=1) * np.linalg.norm(across, axis=1)
    known = np.isfinite(turn) & (sizes > 0)
    sine = np.where(known, turn / np.where(known, sizes, 1), 0)
    clear = np.abs(sine) > 0.5
    if clear.sum() < FEWEST_POSES or abs(np.sign(sine[clear]).mean()) < 0.8:
        return {}
    usual_way = np.sign(np.sign(sine[clear]).sum())
    return {int(i): float(abs(sine[i])) for i in np.flatnonzero(clear & (np.sign(sine) != usual_way))}


def _odd_poses(poses: Poses) -> list[Finding]:
    whole = np.flatnonzero(np.isfinite(poses).all((1, 2)))
    space = fit_pose_space(usual(poses[whole], _STRANGE_SHARE))
    if space is None:
        return []
    errors = space.errors(poses[whole])
    strange = (errors - np.median(errors, axis=0)) / np.array([_spread(column) for column in errors.T])
    worst = strange.argmax(axis=1)
    scores = strange[np.arange(len(whole)), worst]
    return [
        Finding(int(whole[i]), "pose", (int(worst[i]),), float(scores[i])) for i in np.flatnonzero(scores > STRANGE)
    ]


def _median(values: NDArray[np.float64]) -> float:
    known = values[np.isfinite(values)]
    return float(np.median(known)) if len(known) else np.nan


def _spread(values: NDArray[np.float64]) -> float:
    """A standard deviation that mistakes do not widen; at least half a pixel, which is how well people click."""
    return max(_SPREAD * float(np.median(np.abs(values - np.median(values)))), 0.5)
