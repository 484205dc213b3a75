"""How the animal walks: to and fro on a smooth path, stop and go along it, and feet that stay where they stand."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from tailbase.synthetic.scene import ARENA_BOTTOM, WIDTH, Scene

Vector = NDArray[np.float64]

LEAD_IN = 256
"""Pixels of path behind the animal when the film begins."""
TURN = 31.0
"""Radius of its turns, pixels."""
LANES = (40.0, ARENA_BOTTOM - 40.0)
"""Rows between which it walks."""
REACH = (58.0, 98.0)
"""How far from the middle it turns round, pixels."""
STRIDE = 28.0
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
    random = np.random.default_rng([seed, 1])
    pieces = [np.array([[WIDTH / 2 - 60, ARENA_BOTTOM / 2]])]
    walked, side = 0.0, 1
    while walked < length + 2:
        piece = _crossing_and_turn(pieces[-1][-1], side, random)
        pieces.append(piece)
        walked += float(np.linalg.norm(np.diff(piece, axis=0), axis=1).sum())
        side = -side
    corners = np.concatenate(pieces)
    along = np.concatenate([[0.0], np.linalg.norm(np.diff(corners, axis=0), axis=1).cumsum()])
    places = np.arange(length + 1)
    points = np.stack([np.interp(places, along, corners[:, axis]) for axis in (0, 1)], axis=-1)
    step = np.diff(points, axis=0)
    return Walk(points[:-1], np.unwrap(np.arctan2(step[:, 1], step[:, 0])))


def _crossing_and_turn(start: Vector, side: int, random: np.random.Generator) -> Vector:
    """Across the arena to the right (`side` 1) or left (-1) in a gentle S, then half a circle; shape (point, 2)."""
    low, high = LANES
    end_x = WIDTH / 2 + side * random.uniform(*REACH)
    end_y = float(np.clip(start[1] + random.uniform(-0.4, 0.4) * abs(end_x - start[0]), low, high))
    share = np.linspace(0, 1, 200)[1:]
    ease = share * share * share * (share * (6 * share - 15) + 10)
    crossing = np.stack([start[0] + (end_x - start[0]) * share, start[1] + (end_y - start[1]) * ease], axis=1)
    room = np.array([end_y - low, high - end_y])
    down = 1 if random.uniform() * room.sum() < room[1] else -1
    if min(room) < 2 * TURN:
        down = 1 if room[1] > room[0] else -1
    angle = np.linspace(0, np.pi, 120)[1:]
    turn = np.stack([end_x + side * TURN * np.sin(angle), end_y + down * TURN * (1 - np.cos(angle))], axis=1)
    return np.concatenate([crossing, turn])


def distance_at(scene: Scene, seconds: float) -> float:
    """Pixels walked after a time: faster and slower by turns, never backwards."""
    phases = np.random.default_rng([scene.seed, 2]).uniform(0, 2 * np.pi, 2)
    rates, depths = np.array([1.3, 3.1]), np.array([0.45, 0.25])
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
