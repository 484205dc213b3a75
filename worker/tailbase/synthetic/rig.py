"""The empty rig: a textured arena seen from above, its walls, and a mirror below it."""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from tailbase.synthetic.scene import ARENA_BOTTOM, FLOOR_ROW, HEIGHT, WIDTH, Scene

Canvas = NDArray[np.float32]
"""Red, green, blue, 0 to 1; shape (row, column, 3)."""

POST = (214, 222)
"""Columns of the mirror that its holder hides."""
FRAME_ROWS = (ARENA_BOTTOM, ARENA_BOTTOM + 7)
WALL = 9


@lru_cache(maxsize=8)
def empty_rig(scene: Scene) -> Canvas:
    """The picture without the animal; before the camera's shift and noise."""
    random = np.random.default_rng([scene.seed, 3])
    canvas = np.empty((HEIGHT, WIDTH, 3), np.float32)
    canvas[:ARENA_BOTTOM] = _arena(scene, random)
    canvas[ARENA_BOTTOM:] = _mirror(scene, random)
    _draw_frame(canvas)
    return canvas


@lru_cache(maxsize=8)
def holder(seed: int) -> Canvas:
    """The post in front of the mirror, which is drawn over the animal; shape (row, column, 3)."""
    rows = HEIGHT - FRAME_ROWS[1]
    across = np.linspace(-1, 1, POST[1] - POST[0], dtype=np.float32)
    metal = 0.30 + 0.28 * np.exp(-((across + 0.3) ** 2) / 0.18)
    grain = np.random.default_rng([seed, 4]).normal(0, 0.008, (rows, len(across)))
    return np.repeat((metal + grain).astype(np.float32)[:, :, None], 3, axis=2)


def clouds(random: np.random.Generator, height: int, width: int, coarse: int) -> Canvas:
    """Smooth noise with spots of about `coarse` pixels, mean 0, standard deviation 1; shape (row, column, 1)."""
    small = random.normal(size=(height // coarse + 2, width // coarse + 2)).astype(np.float32)
    large = np.asarray(Image.fromarray(small).resize((width, height), Image.Resampling.BICUBIC))
    return np.asarray((large - large.mean()) / large.std(), np.float32)[:, :, None]


def _arena(scene: Scene, random: np.random.Generator) -> Canvas:
    floor = np.array(scene.floor, np.float32)
    picture = np.broadcast_to(floor, (ARENA_BOTTOM, WIDTH, 3)).copy()
    for coarse, strength in ((60, 0.018), (17, 0.012), (4, 0.010), (1, 0.012)):
        picture += strength * clouds(random, ARENA_BOTTOM, WIDTH, coarse)
    rows, columns = np.mgrid[:ARENA_BOTTOM, :WIDTH].astype(np.float32)
    lamp_x = WIDTH * (0.5 + 0.2 * np.cos(np.radians(scene.light_angle)))
    lamp_y = ARENA_BOTTOM * (0.5 + 0.25 * np.sin(np.radians(scene.light_angle)))
    away = np.hypot((columns - lamp_x) / WIDTH, (rows - lamp_y) / ARENA_BOTTOM)
    picture *= (1.05 - 0.22 * away**1.5)[:, :, None]
    inset = np.minimum(np.minimum(rows, ARENA_BOTTOM - 1 - rows), np.minimum(columns, WIDTH - 1 - columns))
    wall = np.clip(WALL - inset, 0, 1)[:, :, None]
    shade = np.clip(1 - (inset - WALL) / 9, 0, 1)[:, :, None] * (inset >= WALL)[:, :, None]
    picture *= 1 - 0.16 * shade
    return np.asarray(picture * (1 - wall) + wall * (0.36 + 0.10 * floor) * (1 + 0.02 * inset[:, :, None]), np.float32)


def _mirror(scene: Scene, random: np.random.Generator) -> Canvas:
    """The far wall, seen level in the mirror, and the edge of the floor."""
    rows = HEIGHT - ARENA_BOTTOM
    floor = np.array(scene.floor, np.float32)
    down = np.linspace(0, 1, rows, dtype=np.float32)[:, None, None]
    wall = (0.74 + 0.10 * down) * (0.55 * floor + 0.45 * np.array([0.62, 0.68, 0.74], np.float32))
    picture = np.broadcast_to(wall, (rows, WIDTH, 3)).copy()
    edge = FLOOR_ROW - ARENA_BOTTOM
    picture[edge:] = 0.80 * floor * np.linspace(1, 0.72, rows - edge, dtype=np.float32)[:, None, None]
    picture[edge - 1 : edge + 1] *= 0.84
    for coarse, strength in ((70, 0.015), (12, 0.008), (1, 0.008)):
        picture += strength * clouds(random, rows, WIDTH, coarse)
    return picture


def _draw_frame(canvas: Canvas) -> None:
    """The bar between arena and mirror, with a bright edge."""
    top, bottom = FRAME_ROWS
    canvas[top:bottom] = np.linspace(0.46, 0.20, bottom - top, dtype=np.float32)[:, None, None]
    canvas[top] = 0.62
    canvas[-3:] = 0.22
