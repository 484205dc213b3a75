"""The smoothing parameter by maximum likelihood: a grid over its logarithm, then a finer one around the best."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

LOG_RANGE = (-12.0, 12.0)
COARSE_STEP = 1.0
FINE_POINTS = 9
MAX_ROUNDS = 3

SEARCH_FRAMES = 20_000
"""Longer recordings are judged on evenly spaced blocks of this many frames in all; that fixes the parameter well."""

BLOCK_FRAMES = 2_000


@dataclass(frozen=True)
class Curve:
    """Negative log-likelihood over the logarithm of the parameter, one list of tried values a keypoint."""

    log_parameter: tuple[Floats, ...]
    nll: tuple[Floats, ...]


def most_likely(nll_of: Callable[[Floats], Floats], groups: int) -> tuple[Floats, Curve]:
    """Find the parameter that is most likely, for each group on its own.

    Args:
        nll_of: takes log parameters, shape (group, candidate), and gives negative log-likelihoods of that shape.
        groups: how many parameters there are.

    Returns:
        The parameters, shape (group,), and what was tried.
    """
    low, high = LOG_RANGE
    grid = np.tile(np.arange(low, high + COARSE_STEP / 2, COARSE_STEP), (groups, 1))
    tried, found = grid, nll_of(grid)
    step = COARSE_STEP
    for _ in range(MAX_ROUNDS):
        best = np.take_along_axis(tried, found.argmin(axis=1)[:, None], axis=1)
        around = np.linspace(-step, step, FINE_POINTS)
        around = around[np.abs(around) > step * 1e-9]
        finer = np.clip(best + around[None], low, high)
        tried = np.concatenate([tried, finer], axis=1)
        found = np.concatenate([found, nll_of(finer)], axis=1)
        step *= 2 / (FINE_POINTS - 1)
    best = np.take_along_axis(tried, found.argmin(axis=1)[:, None], axis=1)[:, 0]
    order = tried.argsort(axis=1)
    curve = Curve(
        tuple(row[o] for row, o in zip(tried, order, strict=True)),
        tuple(row[o] for row, o in zip(found, order, strict=True)),
    )
    return np.exp(best), curve


def search_blocks(frames: int) -> list[slice]:
    """The frames the search looks at: all of a short recording, evenly spaced blocks of a long one."""
    if frames <= SEARCH_FRAMES:
        return [slice(0, frames)]
    count = SEARCH_FRAMES // BLOCK_FRAMES
    starts = np.linspace(0, frames - BLOCK_FRAMES, count).astype(int)
    return [slice(int(s), int(s) + BLOCK_FRAMES) for s in starts]
