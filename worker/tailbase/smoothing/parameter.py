"""The smoothing parameter by maximum likelihood: a grid over its logarithm, then a finer one around the best."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

LOG_RANGE = (-12.0, 12.0)
COARSE_STEP = 1.0
FINE_STEP = 1 / 16

WHOLE_FRAMES = 5_000
"""Longer recordings are judged on evenly spaced blocks, side by side; they fix the parameter well."""

BLOCK_FRAMES = 1_000
MAX_BLOCKS = 10


@dataclass(frozen=True)
class Curve:
    """Negative log-likelihood over the logarithm of the parameter: what was tried for each keypoint's group."""

    log_parameter: tuple[Floats, ...]
    nll: tuple[Floats, ...]


def most_likely(nll_of: Callable[[Floats], Floats], group: NDArray[np.int64]) -> tuple[Floats, Curve]:
    """Find the parameter that is most likely, for each group of keypoints on its own.

    Args:
        nll_of: takes log parameters, shape (keypoint, candidate), and gives negative log-likelihoods of that shape.
        group: the group of each keypoint, counted from 0.

    Returns:
        The parameter of each keypoint, and what was tried.
    """

    def nll_of_groups(tried: Floats) -> Floats:
        total = np.zeros(tried.shape)
        np.add.at(total, group, nll_of(tried[group]))
        return np.where(np.isfinite(total), total, np.inf)

    low, high = LOG_RANGE
    coarse = np.tile(np.arange(low, high + COARSE_STEP / 2, COARSE_STEP), (int(group.max()) + 1, 1))
    coarse_nll = nll_of_groups(coarse)
    best = np.take_along_axis(coarse, coarse_nll.argmin(axis=1)[:, None], axis=1)
    steps = round(COARSE_STEP / FINE_STEP)
    fine = np.clip(best, low + COARSE_STEP, high - COARSE_STEP) + np.arange(-steps, steps + 1) * FINE_STEP
    fine_nll = nll_of_groups(fine)
    chosen = _lowest_of_parabola(fine, fine_nll)
    return np.exp(chosen)[group], _curve(np.hstack([coarse, fine]), np.hstack([coarse_nll, fine_nll]), group)


def _lowest_of_parabola(tried: Floats, nll: Floats) -> Floats:
    """Where the parabola through the best point and its neighbours is lowest, for each row."""
    middle = np.clip(nll.argmin(axis=1), 1, tried.shape[1] - 2)[:, None]
    before, here, after = (np.take_along_axis(nll, middle + shift, axis=1)[:, 0] for shift in (-1, 0, 1))
    bend = before - 2 * here + after
    usable = np.isfinite(bend) & (bend > 0)
    shift = np.where(usable, 0.5 * (before - after) / np.where(usable, bend, 1.0), 0.0)
    lowest = np.take_along_axis(tried, middle, axis=1)[:, 0] + np.clip(shift, -1, 1) * FINE_STEP
    best = np.take_along_axis(tried, nll.argmin(axis=1)[:, None], axis=1)[:, 0]
    return np.where(usable, lowest, best)


def _curve(tried: Floats, nll: Floats, group: NDArray[np.int64]) -> Curve:
    order = tried.argsort(axis=1)
    tried, nll = np.take_along_axis(tried, order, axis=1), np.take_along_axis(nll, order, axis=1)
    return Curve(tuple(tried[group]), tuple(nll[group]))


def group_of_each(keypoints: int, groups: Sequence[Sequence[int]]) -> NDArray[np.int64]:
    """The group of every keypoint, counted from 0; a keypoint in none is a group of its own."""
    member = np.full(keypoints, -1, np.int64)
    for number, positions in enumerate(groups):
        member[list(positions)] = number
    alone = np.flatnonzero(member < 0)
    member[alone] = len(groups) + np.arange(len(alone))
    return np.unique(member, return_inverse=True)[1].reshape(-1)


def search_blocks(frames: int) -> list[slice]:
    """The frames the search looks at: all of a short recording, evenly spaced blocks of a long one."""
    if frames <= WHOLE_FRAMES:
        return [slice(0, frames)]
    starts = np.linspace(0, frames - BLOCK_FRAMES, min(frames // BLOCK_FRAMES, MAX_BLOCKS)).astype(int)
    return [slice(int(s), int(s) + BLOCK_FRAMES) for s in starts]
