"""How the animal walks: a smooth path within the arena, stop and go along it, and feet that stay where they stand."""

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from tailbase.synthetic.scene import ARENA_BOTTOM, WIDTH, Scene

Vector = NDArray[np.float64]

LEAD_IN = 256
"""Pixels of path behind the animal when the film begins."""
MARGIN = 48.0
LOOK_AHEAD = 42.0
SHARPEST_TURN = 1 / 32
GENTLE_TURN = 1 / 50
STRIDE = 46.0
STANCE = 0.62
"""Share of a stride in which a foot stands."""


@dataclass(frozen=True)
class Walk:
    """The animal's path: one point each pixel of its length.

    Attributes:
        points: shape (step, 2), pixels of the arena.
        heading: shape (step,), radians.
    """

    points: Vector
    heading: Vector

    def at(self, distance: float | Vector) -> Vector:
        """The point after `distance` pixels; shape (..., 2)."""
        steps = np.arange(len(self.points))
        return np.stack([np.interp(distance, steps, self.points[:, axis]) for axis in (0, 1)], axis=-1)

    def direction(self, distance: float) -> float:
        return float(np.interp(distance, np.arange(len(self.heading)), self.heading))


def walk_to(scene: Scene, distance: float) -> Walk:
    """The walk of a scene, at least `distance` pixels long."""
    return _walk(scene.seed, 1 << int(np.ceil(np.log2(max(distance + 2, 1024)))))


@lru_cache(maxsize=16)
def _walk(seed: int, length: int) -> Walk:
    """Steps of one pixel whose curvature wanders, and turns inward near a wall."""
    random = np.random.default_rng([seed, 1])
    lengths = random.uniform(90, 420, 5)
    phases = random.uniform(0, 2 * np.pi, 5)
    steps = np.arange(length)
    wander = (np.sin(2 * np.pi * steps[:, None] / lengths + phases) / 95).sum(axis=1)
    x, y, heading, curvature, turn = WIDTH / 2, ARENA_BOTTOM / 2, float(random.uniform(0, 2 * np.pi)), 0.0, 0.0
    points, headings = np.empty((length, 2)), np.empty(length)
    for i, free in enumerate(wander.clip(-GENTLE_TURN, GENTLE_TURN).tolist()):
        points[i], headings[i] = (x, y), heading
        caution = _caution(x + LOOK_AHEAD * math.cos(heading), y + LOOK_AHEAD * math.sin(heading))
        # Once it turns away from a wall it keeps to that side, or it would waver and run into it.
        turn = 0.0 if caution == 0 else turn or _inward(x, y, heading)
        curvature += 0.12 * ((1 - caution) * free + caution * turn * SHARPEST_TURN - curvature)
        heading += curvature
        x, y = x + math.cos(heading), y + math.sin(heading)
    return Walk(points, headings)


def _inset(x: float, y: float) -> float:
    """Pixels from a point to the nearest edge of the arena, negative outside."""
    return min(x, WIDTH - x, y, ARENA_BOTTOM - y)


def _caution(x: float, y: float) -> float:
    """0 in the open, 1 where a point lies well beyond the margin along the walls."""
    return min(1.0, max(0.0, MARGIN - _inset(x, y)) / 10)


def _inward(x: float, y: float, heading: float) -> float:
    """1 to turn right, -1 to turn left: the side whose circle stays farther from the walls."""
    aside_x, aside_y = -math.sin(heading) / SHARPEST_TURN, math.cos(heading) / SHARPEST_TURN
    return 1.0 if _inset(x + aside_x, y + aside_y) > _inset(x - aside_x, y - aside_y) else -1.0


def distance_at(scene: Scene, seconds: float) -> float:
    """Pixels walked after a time: faster and slower by turns, never backwards."""
    phases = np.random.default_rng([scene.seed, 2]).uniform(0, 2 * np.pi, 2)
    rates, depths = np.array([1.3, 3.1]), np.array([0.5, 0.35])
    sway = (depths / rates * (np.cos(phases) - np.cos(rates * seconds + phases))).sum()
    return float(LEAD_IN + scene.speed * (seconds + sway))


def foot_offset(distance: float, phase: float) -> tuple[float, float]:
    """Where a foot is in its stride: pixels ahead of its hip, and height above the floor as a share of its lift.

    While a foot stands, it moves back as fast as the body moves on, so that it does not slide over the floor.
    """
    share = (distance / STRIDE + phase) % 1.0
    reach = STRIDE * STANCE / 2
    if share < STANCE:
        return reach - STRIDE * share, 0.0
    swing = (share - STANCE) / (1 - STANCE)
    eased = swing * swing * (3 - 2 * swing)
    return reach * (2 * eased - 1), float(np.sin(np.pi * swing))
