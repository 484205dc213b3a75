"""What a recording may show beside the animal and its rig: litter on the floor, toys that roll, bars, a soft lens."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from tailbase.synthetic.body import FUR, INK, SKIN
from tailbase.synthetic.motion import Vector
from tailbase.synthetic.rig import WALL, Canvas, clouds
from tailbase.synthetic.scene import ARENA_BOTTOM, WIDTH

_COATS = (FUR, INK, SKIN)
_LITTER_SPOT = 5


@dataclass(frozen=True)
class Effects:
    """Zero of each is none of it.

    Attributes:
        litter: standard deviation of the brightness of litter on the floor, 1 is white.
        toys: balls that roll about in the arena, with the animal's colours, under it where they meet.
        bars: of a lid, across the arena; what is behind them cannot be seen.
        bar_width: pixels.
        blur: standard deviation of the lens's blur, pixels.
    """

    litter: float = 0.0
    toys: int = 0
    bars: int = 0
    bar_width: int = 0
    blur: float = 0.0


NO_EFFECTS = Effects()


def strew(canvas: Canvas, effects: Effects, seed: int) -> None:
    """Litter on the arena's floor."""
    if effects.litter > 0:
        floor = canvas[WALL : ARENA_BOTTOM - WALL, WALL : WIDTH - WALL]
        floor += effects.litter * _litter(seed)


def toys_at(effects: Effects, seed: int, seconds: float) -> list[tuple[Vector, NDArray[np.int64]]]:
    """Each toy as spheres, shape (1, 4) as in a body, and their materials; they roll on slow closed paths."""
    random = np.random.default_rng([seed, 8])
    toys = []
    for number in range(effects.toys):
        radius = random.uniform(6, 10)
        rates, phases = random.uniform(0.3, 0.9, 2), random.uniform(0, 2 * np.pi, 2)
        middle, reach = np.array([WIDTH / 2, ARENA_BOTTOM / 2]), np.array([WIDTH / 2 - 40, ARENA_BOTTOM / 2 - 35])
        place = middle + reach * np.sin(rates * seconds + phases)
        toys.append((np.array([[*place, radius, radius]]), np.array([_COATS[number % len(_COATS)]])))
    return toys


def bar_columns(effects: Effects, seed: int) -> list[tuple[int, int]]:
    """First column of each bar and the one after its last, evenly spaced from a random start."""
    if effects.bars == 0:
        return []
    gap = WIDTH / effects.bars
    start = np.random.default_rng([seed, 9]).uniform(0, gap - effects.bar_width)
    return [
        (int(start + number * gap), int(start + number * gap) + effects.bar_width) for number in range(effects.bars)
    ]


def draw_bars(canvas: Canvas, effects: Effects, seed: int) -> None:
    """Bars before everything in the arena."""
    for first, end in bar_columns(effects, seed):
        across = np.linspace(-1, 1, end - first, dtype=np.float32)
        canvas[:ARENA_BOTTOM, first:end] = (0.42 + 0.25 * np.exp(-4 * (across + 0.3) ** 2))[None, :, None]


def softened(image: NDArray[np.uint8], effects: Effects) -> NDArray[np.uint8]:
    """The image through the lens."""
    if effects.blur == 0:
        return image
    return np.asarray(Image.fromarray(image).filter(ImageFilter.GaussianBlur(effects.blur)), np.uint8)


@lru_cache(maxsize=8)
def _litter(seed: int) -> Canvas:
    random = np.random.default_rng([seed, 7])
    return clouds(random, ARENA_BOTTOM - 2 * WALL, WIDTH - 2 * WALL, _LITTER_SPOT)
