"""Pictures of a smoothed track: networks as thin lines, the smoothed track as a thick one with its 90 % band."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from tailbase.formats.atomic import replacing
from tailbase.smoothing.intervals import NORMAL_90
from tailbase.smoothing.tables import TrackTable

WIDTH, ROW, LEFT, GAP = 1200, 150, 70, 26
MAX_KEYPOINTS = 20
MAX_FRAMES = 2000
BAND, RAW, TRACK, AXIS = "#cfe0f5", "#9a9a9a", "#1f4e9c", "#444444"


def write_plot(table: TrackTable, path: Path) -> None:
    """x and y of up to 20 keypoints over the first 2000 frames, as PNG."""
    shown = table.names[:MAX_KEYPOINTS]
    picture = Image.new("RGB", (WIDTH, len(shown) * 2 * (ROW + GAP) + GAP), "white")
    draw = ImageDraw.Draw(picture)
    for number, name in enumerate(shown):
        values = np.asarray(table.values[number, :, :MAX_FRAMES], np.float64)
        for axis in range(2):
            top = (2 * number + axis) * (ROW + GAP) + GAP
            draw.text((8, top - 18), f"{name} {'xy'[axis]} (px)", fill=AXIS)
            _panel(draw, top, values[axis], values[3 + axis], values[7 + axis])
    with replacing(path) as part:
        picture.save(part, format="PNG")


def _panel(
    draw: ImageDraw.ImageDraw,
    top: int,
    track: NDArray[np.float64],
    raw: NDArray[np.float64],
    variance: NDArray[np.float64],
) -> None:
    draw.rectangle((LEFT, top, WIDTH - 8, top + ROW), outline=AXIS)
    known = np.concatenate([track[np.isfinite(track)], raw[np.isfinite(raw)]])
    if not len(known):
        return
    low, high = float(known.min()), float(known.max()) + 1e-6
    half = NORMAL_90 * np.sqrt(np.maximum(variance, 0.0))
    across = np.linspace(LEFT + 1, WIDTH - 9, len(track)) if len(track) > 1 else np.array([(LEFT + WIDTH) / 2])

    def down(values: NDArray[np.float64]) -> NDArray[np.float64]:
        return top + ROW - 1 - np.clip((values - low) / (high - low), 0, 1) * (ROW - 2)

    for x, upper, lower in zip(across, down(track + half), down(track - half), strict=True):
        if np.isfinite(upper):
            draw.line((x, upper, x, lower), fill=BAND)
    _line(draw, across, down(raw), RAW, 1)
    _line(draw, across, down(track), TRACK, 2)
    draw.text((4, top), f"{high:.0f}", fill=AXIS)
    draw.text((4, top + ROW - 12), f"{low:.0f}", fill=AXIS)


def _line(
    draw: ImageDraw.ImageDraw, across: NDArray[np.float64], down: NDArray[np.float64], colour: str, width: int
) -> None:
    """A line that breaks where a value is missing."""
    breaks = np.flatnonzero(~np.isfinite(down))
    for part in np.split(np.arange(len(down)), breaks):
        inside = part[np.isfinite(down[part])]
        if len(inside) > 1:
            draw.line(list(zip(across[inside].tolist(), down[inside].tolist(), strict=True)), fill=colour, width=width)
