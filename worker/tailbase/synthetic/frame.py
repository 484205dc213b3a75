"""One frame of a drawn film, and the truth about it."""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from tailbase.schema import PointState
from tailbase.synthetic.body import DEPTHS, body_at
from tailbase.synthetic.drawing import Relief, cast_shadow, cover_before, paint, relief
from tailbase.synthetic.effects import NO_EFFECTS, Effects, bar_columns, draw_bars, softened, strew, toys_at
from tailbase.synthetic.motion import Vector
from tailbase.synthetic.rig import FRAME_ROWS, POST, Canvas, empty_rig, holder
from tailbase.synthetic.scene import ARENA_BOTTOM, FLOOR_ROW, HEIGHT, WIDTH, Scene

VIEWS = ("top", "side")
_SPARE = 64
_BEYOND_GUESSING = 45.0
"""With so much of the body before a part, as when the animal faces away from the mirror, nobody would label it."""


def render_frame(
    scene: Scene, seconds: float, effects: Effects = NO_EFFECTS
) -> tuple[NDArray[np.uint8], Vector, NDArray[np.int8]]:
    """Draw one moment.

    Args:
        scene: what the recording looks like.
        seconds: time since the film began, not negative.
        effects: what else is to be seen.

    Returns:
        The image, uint8, shape (264, 320, 3); the points, float64, shape (keypoint, 2), in the order of
        `sample_skeleton`, NaN where a part is absent; and their states, int8, shape (keypoint,), values of
        PointState. A hidden part is OCCLUDED and its true place is given; one outside the image, or behind the whole
        body, is ABSENT.
    """
    body = body_at(scene, seconds)
    canvas = empty_rig(scene).copy()
    strew(canvas, effects, scene.seed)
    points, states = [], []
    for view in VIEWS:
        for spheres, coats in toys_at(effects, scene.seed, seconds):
            _draw(canvas, relief(*_seen(spheres, view), coats), view, scene)
        places, radii = _seen(body.spheres, view)
        shape = relief(places, radii, body.materials)
        _draw(canvas, shape, view, scene)
        spots, _ = _seen(np.column_stack([body.parts, np.zeros(len(body.parts))]), view)
        points.append(spots[:, :2])
        states.append(_states(shape, spots, view, scene, effects))
    _draw_holder(canvas, scene)
    draw_bars(canvas, effects, scene.seed)
    image = softened(_photograph(canvas, scene, seconds), effects)
    return image, *_in_image(np.concatenate(points), np.concatenate(states), scene)


def _seen(spheres: Vector, view: str) -> tuple[Vector, Vector]:
    """Column, row and nearness of spheres in a view, and their radii; parallel projection."""
    x, y, z, radii = spheres.T
    if view == "top":
        return np.stack([x, y, z], axis=1), radii
    return np.stack([x, FLOOR_ROW - z, y], axis=1), radii


def _draw(canvas: Canvas, shape: Relief, view: str, scene: Scene) -> None:
    angle = np.radians(scene.light_angle)
    if view == "top":
        region = canvas[:ARENA_BOTTOM]
        away = (round(-5 * np.cos(angle)), round(-5 * np.sin(angle)))
        cast_shadow(region, shape, away, 3.5, 0.38)
        paint(region, shape, scene, (0.55 * np.cos(angle), 0.55 * np.sin(angle), 0.75))
        return
    region = canvas[FRAME_ROWS[1] :]
    moved = Relief(shape.left, shape.top - FRAME_ROWS[1], shape.depth, shape.material)
    cast_shadow(region, moved, (2, 4), 3.0, 0.25)
    paint(region, moved, scene, (0.45 * np.cos(angle), -0.62, 0.60))


def _states(shape: Relief, spots: Vector, view: str, scene: Scene, effects: Effects) -> NDArray[np.int8]:
    cover = cover_before(shape, spots) / scene.body_scale
    covered = cover > DEPTHS
    if view == "top":
        covered |= spots[:, 1] >= ARENA_BOTTOM
        for first, end in bar_columns(effects, scene.seed):
            covered |= (spots[:, 0] > first - 1) & (spots[:, 0] < end)
    else:
        covered |= (spots[:, 0] > POST[0] - 1) & (spots[:, 0] < POST[1])
    states = np.where(covered, PointState.OCCLUDED, PointState.VISIBLE)
    return np.where(cover > _BEYOND_GUESSING, PointState.ABSENT, states).astype(np.int8)


def _draw_holder(canvas: Canvas, scene: Scene) -> None:
    canvas[FRAME_ROWS[1] :, POST[0] : POST[1]] = holder(scene.seed)


def _photograph(canvas: Canvas, scene: Scene, seconds: float) -> NDArray[np.uint8]:
    """What the camera makes of it: its place, the lamps, its noise."""
    corner = np.random.default_rng([scene.seed, 5, round(seconds * 1000)]).integers(0, _SPARE, 2)
    noise = _grain(scene.seed)[corner[0] : corner[0] + HEIGHT, corner[1] : corner[1] + WIDTH]
    image = (canvas * (255 * scene.light) + scene.noise * noise).clip(0, 255).astype(np.uint8)
    rows = (np.arange(HEIGHT) - scene.shift[1]).clip(0, HEIGHT - 1)
    columns = (np.arange(WIDTH) - scene.shift[0]).clip(0, WIDTH - 1)
    return np.asarray(image.take(rows, axis=0).take(columns, axis=1), np.uint8)


@lru_cache(maxsize=8)
def _grain(seed: int) -> Canvas:
    """Noise that is larger than the picture: each frame cuts its own out of it."""
    random = np.random.default_rng([seed, 6])
    return random.normal(size=(HEIGHT + _SPARE, WIDTH + _SPARE, 1)).astype(np.float32)


def _in_image(points: Vector, states: NDArray[np.int8], scene: Scene) -> tuple[Vector, NDArray[np.int8]]:
    moved = points + np.array(scene.shift)
    outside = ((moved < 0) | (moved > (WIDTH - 1, HEIGHT - 1))).any(axis=1)
    absent = outside | (states == PointState.ABSENT)
    moved[absent] = np.nan
    return moved, np.where(absent, PointState.ABSENT, states).astype(np.int8)
