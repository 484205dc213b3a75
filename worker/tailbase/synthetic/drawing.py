"""Draws a body of spheres in one view: depth map, light from the slope of the surface, soft shadow."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from tailbase.synthetic.body import EAR, EYE, FUR, INK, NOSE, SKIN
from tailbase.synthetic.motion import Vector
from tailbase.synthetic.rig import Canvas
from tailbase.synthetic.scene import Scene

FINE = 2
"""Drawn at this many times the size, then averaged, so that edges are smooth."""
FAR = -1e6


@dataclass(frozen=True)
class Relief:
    """A body in one view, in a box around it.

    Attributes:
        left, top: the box's corner, pixels of the view.
        depth: shape (row, column) at FINE times the size; larger is nearer, FAR where nothing is.
        material: shape (row, column), index of the material.
    """

    left: int
    top: int
    depth: NDArray[np.float32]
    material: NDArray[np.int8]


def relief(places: Vector, radii: Vector, materials: NDArray[np.int64]) -> Relief:
    """The nearest surface at each pixel.

    Args:
        places: shape (sphere, 3): column, row and depth in the view, pixels.
        radii: shape (sphere,).
        materials: shape (sphere,).
    """
    low = np.floor((places[:, :2] - radii[:, None]).min(axis=0)).astype(int) - 2
    high = np.ceil((places[:, :2] + radii[:, None]).max(axis=0)).astype(int) + 3
    width, height = (high - low) * FINE
    depth = np.full((height, width), FAR, np.float32)
    material = np.zeros((height, width), np.int8)
    columns = (np.arange(width, dtype=np.float32) + 0.5) / FINE - 0.5 + low[0]
    rows = (np.arange(height, dtype=np.float32) + 0.5) / FINE - 0.5 + low[1]
    for (x, y, z), radius, kind in zip(places.tolist(), radii.tolist(), materials.tolist(), strict=True):
        first_x, last_x = int((x - radius - low[0]) * FINE), int((x + radius - low[0]) * FINE) + 3
        first_y, last_y = int((y - radius - low[1]) * FINE), int((y + radius - low[1]) * FINE) + 3
        box = slice(first_y, last_y), slice(first_x, last_x)
        bulge = (radius**2 - (rows[box[0]] - y) ** 2)[:, None] - (columns[box[1]] - x) ** 2
        surface = z + np.sqrt(np.maximum(bulge, 0))
        nearer = (bulge > 0) & (surface > depth[box])
        np.copyto(depth[box], surface, where=nearer)
        np.copyto(material[box], kind, where=nearer)
    return Relief(int(low[0]), int(low[1]), depth, material)


def paint(canvas: Canvas, shape: Relief, scene: Scene, lamp: tuple[float, float, float]) -> None:
    """Draw a relief over the canvas, lit from `lamp` (right, down, towards the camera)."""
    inside = shape.depth > FAR
    colours = _palette(scene)[shape.material] * _light(shape.depth, inside, lamp)[:, :, None]
    cover = _coarse(inside[:, :, None].astype(np.float32))
    picture = _coarse(colours * inside[:, :, None])
    target, part = _overlap(canvas, shape.left, shape.top, cover.shape[:2])
    canvas[target] = canvas[target] * (1 - cover[part]) + picture[part]


def cast_shadow(canvas: Canvas, shape: Relief, offset: tuple[int, int], blur: float, strength: float) -> None:
    """Darken what lies under a relief, moved by `offset` (columns, rows)."""
    margin = int(3 * blur)
    cover = _coarse((shape.depth > FAR)[:, :, None].astype(np.float32))[:, :, 0]
    mask = Image.fromarray((np.pad(cover, margin) * 255).astype(np.uint8)).filter(ImageFilter.GaussianBlur(blur))
    shade = 1 - strength * np.asarray(mask, np.float32)[:, :, None] / 255
    target, part = _overlap(canvas, shape.left - margin + offset[0], shape.top - margin + offset[1], shade.shape[:2])
    canvas[target] *= shade[part]


def cover_before(shape: Relief, places: Vector) -> Vector:
    """How far before each point the nearest surface lies, in pixels of depth; shape (point,).

    Args:
        shape: the body in the view.
        places: shape (point, 3): column, row and depth in the view.
    """
    columns = np.rint((places[:, 0] + 0.5 - shape.left) * FINE - 0.5).astype(int)
    rows = np.rint((places[:, 1] + 0.5 - shape.top) * FINE - 0.5).astype(int)
    height, width = shape.depth.shape
    surface = shape.depth[rows.clip(0, height - 1), columns.clip(0, width - 1)]
    return np.asarray(surface - places[:, 2], np.float64)


def _light(depth: NDArray[np.float32], inside: NDArray[np.bool_], lamp: tuple[float, float, float]) -> Canvas:
    """Brightness of each pixel from the slope of the surface, 0.5 to about 1.2."""
    floor = float(depth[inside].min())
    level = np.where(inside, depth, floor)
    down, right = np.gradient(_soft(level), 1 / FINE)
    length = np.sqrt(right**2 + down**2 + 1)
    facing = (-right * lamp[0] - down * lamp[1] + lamp[2]) / length
    return np.asarray(0.62 + 0.55 * np.clip(facing, -0.2, 1), np.float32)


def _soft(level: NDArray[np.float32]) -> NDArray[np.float32]:
    """A mean over 3 x 3 pixels, twice: the seams between spheres vanish."""
    for _ in range(2):
        rows = level + np.roll(level, 1, 0) + np.roll(level, -1, 0)
        level = np.asarray((rows + np.roll(rows, 1, 1) + np.roll(rows, -1, 1)) / 9, np.float32)
    return level


def _palette(scene: Scene) -> Canvas:
    fur = np.array(scene.fur, np.float32)
    colours = np.empty((6, 3), np.float32)
    colours[FUR] = fur
    colours[SKIN] = (0.86, 0.62, 0.58)
    colours[EAR] = fur * 0.85
    colours[NOSE] = (0.88, 0.52, 0.52)
    colours[EYE] = (0.05, 0.04, 0.05)
    colours[INK] = (0.22, 0.45, 0.82)
    return colours


def _coarse(fine: Canvas) -> Canvas:
    """Means of FINE x FINE pixels."""
    total = sum(fine[row::FINE, column::FINE] for row in range(FINE) for column in range(FINE))
    return np.asarray(total / FINE**2, np.float32)


def _overlap(
    canvas: Canvas, left: int, top: int, size: tuple[int, int]
) -> tuple[tuple[slice, slice], tuple[slice, slice]]:
    """The part of the canvas that a box covers, and the part of the box that lies on the canvas."""
    height, width = canvas.shape[:2]
    y0, y1 = max(top, 0), max(min(top + size[0], height), 0)
    x0, x1 = max(left, 0), max(min(left + size[1], width), 0)
    return (slice(y0, y1), slice(x0, x1)), (slice(y0 - top, y1 - top), slice(x0 - left, x1 - left))
