"""Heatmaps of points: the targets a network learns, and points with a likelihood read back from its maps.

A map's cell (row i, column j) at `stride` s stands for the s x s pixels of the network's input whose centre is
x = s (j + 1/2) - 1/2, y = s (i + 1/2) - 1/2, because pixel centres are whole numbers. Every function here uses that
rule, so neither direction is shifted at any stride.
"""

import math

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from tailbase.schema import PointState

SIGMA_CELLS = 1.25
"""Standard deviation of a target's Gaussian, in cells of the map."""

_WINDOW = 2
_STEP = 1
_REACH = 4
_TINY = 1e-12


def to_cells(points: Float[Tensor, "*any 2"], stride: int) -> Float[Tensor, "*any 2"]:
    """From pixels of the network's input to cells of its map."""
    return (points + 0.5) / stride - 0.5


def to_pixels(cells: Float[Tensor, "*any 2"], stride: int) -> Float[Tensor, "*any 2"]:
    """From cells of the map to pixels of the network's input."""
    return (cells + 0.5) * stride - 0.5


def gaussian_targets(
    points: Float[Tensor, "batch keypoint 2"],
    states: Int[Tensor, "batch keypoint"],
    map_size: tuple[int, int],
    stride: int,
    sigma: float = SIGMA_CELLS,
) -> tuple[Float[Tensor, "batch keypoint row column"], Bool[Tensor, "batch keypoint"]]:
    """Distributions over the map's cells that the network should give, and which of them count.

    A visible or occluded point gives a Gaussian around it, summing to one. A point that is absent, or that has left
    the image, gives the uniform distribution: the network learns to be unsure rather than to guess a place. An
    unlabelled point does not count.

    Args:
        points: pixels of the network's input, x then y; NaN where there is no position.
        states: values of PointState.
        map_size: rows and columns of the map.
        stride: pixels of the input per cell.
        sigma: in cells.
    """
    rows, columns = map_size
    cells = to_cells(points, stride)
    x = _bell(cells[..., 0], columns, sigma)
    y = _bell(cells[..., 1], rows, sigma)
    gaussian = y[..., :, None] * x[..., None, :]
    inside, counted = labelled(cells, states, map_size)
    uniform = gaussian.new_full((), 1 / (rows * columns))
    return torch.where(inside[..., None, None], gaussian, uniform), counted


def labelled(
    cells: Float[Tensor, "batch keypoint 2"], states: Int[Tensor, "batch keypoint"], map_size: tuple[int, int]
) -> tuple[Bool[Tensor, "batch keypoint"], Bool[Tensor, "batch keypoint"]]:
    """Which points lie on the map, and which teach anything: also those that are absent or have left the image."""
    placed = (states == PointState.VISIBLE) | (states == PointState.OCCLUDED)
    inside = inside_map(cells, map_size) & placed
    return inside, inside | (states == PointState.ABSENT) | (placed & cells.isfinite().all(-1))


def inside_map(cells: Float[Tensor, "*any 2"], map_size: tuple[int, int]) -> Bool[Tensor, "*any"]:
    """True where a point lies on the map; False where it is NaN."""
    rows, columns = map_size
    x, y = cells.unbind(-1)
    return (x >= -0.5) & (x <= columns - 0.5) & (y >= -0.5) & (y <= rows - 0.5)


def _bell(centre: Float[Tensor, "batch keypoint"], length: int, sigma: float) -> Float[Tensor, "batch keypoint cell"]:
    """A Gaussian over `length` cells; the softmax keeps it a distribution where the border cuts it."""
    grid = torch.arange(length, dtype=centre.dtype, device=centre.device)
    return (-0.5 * ((grid - centre.nan_to_num()[..., None]) / sigma) ** 2).softmax(-1)


def decode(
    logits: Float[Tensor, "batch keypoint row column"], stride: int, sigma: float = SIGMA_CELLS
) -> tuple[Float[Tensor, "batch keypoint 2"], Float[Tensor, "batch keypoint"]]:
    """Points in pixels of the network's input, and how likely each is.

    The 5 x 5 window that holds most probability is found; inside it the two marginal distributions are fitted by a
    parabola in the logarithm, which is exact for a Gaussian at any sub-cell place and next to any border.

    The likelihood is the probability in that window divided by what a target's Gaussian has there, at most 1. The maps
    are trained to be probabilities, so it reads as the network's belief that the point is within about 2.5 cells.
    """
    _, _, cells, likelihood = _found(logits, sigma)
    return to_pixels(cells, stride), likelihood


def decode_with_gradient(
    logits: Float[Tensor, "batch keypoint row column"], stride: int, sigma: float = SIGMA_CELLS
) -> tuple[Float[Tensor, "batch keypoint 2"], Float[Tensor, "batch keypoint"]]:
    """What `decode` gives, with gradients of the points: those of the expectation around each map's peak.

    The parabola of `decode` is unbiased next to a border too, where an expectation is up to a cell off, but its
    gradient rests on three cells; the expectation's rests on all within three standard deviations of a target, so
    that a second, distant peak does not pull. The likelihood carries none.
    """
    with torch.no_grad():
        row, column, cells, likelihood = _found(logits, sigma)
    around = window_at(logits, row, column, _REACH, outside=-torch.inf).to(cells.dtype)
    share = around.flatten(2).softmax(-1).view(around.shape)
    steps = torch.arange(-_REACH, _REACH + 1, device=logits.device, dtype=cells.dtype)
    mean = torch.stack([(share.sum(-2) * steps).sum(-1), (share.sum(-1) * steps).sum(-1)], dim=-1)
    return to_pixels(cells + (mean - mean.detach()), stride), likelihood


def _found(logits: Tensor, sigma: float) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Row and column of each map's most probable window, the point in cells, and its likelihood."""
    wide = logits.to(torch.promote_types(logits.dtype, torch.float32))
    probability = wide.flatten(2).softmax(-1).view(logits.shape)
    mass = _window_sums(probability)
    # One search for both: on a CPU it takes half the time of argmax alone.
    most, best = mass.flatten(2).max(-1)
    row, column = best // mass.shape[-1], best % mass.shape[-1]
    likelihood = (most / _mass_of_gaussian(sigma)).clamp(max=1)
    return row, column, summit(probability, row, column), likelihood


def _window_sums(maps: Float[Tensor, "batch keypoint row column"]) -> Float[Tensor, "batch keypoint row column"]:
    """Two products with bands of ones: a third of the time that adding shifted maps takes, or pooling, on a CPU."""
    rows, columns = (_band(length, maps) for length in maps.shape[-2:])
    with torch.autocast(maps.device.type, enabled=False):
        return rows @ (maps @ columns)


def _band(length: int, like: Tensor) -> Float[Tensor, "cell other"]:
    """One where two cells are in one window, else zero."""
    cells = torch.arange(length, device=like.device)
    return ((cells[:, None] - cells).abs() <= _WINDOW).to(like.dtype)


def _mass_of_gaussian(sigma: float) -> float:
    """Share of a Gaussian inside the window around its centre."""
    return math.erf((_WINDOW + 0.5) / (sigma * math.sqrt(2))) ** 2


def peak(mass: Float[Tensor, "batch keypoint row column"]) -> tuple[Tensor, Tensor]:
    """Row and column of each map's largest cell."""
    columns = mass.shape[-1]
    best = mass.flatten(2).argmax(-1)
    return best // columns, best % columns


def window_at(
    maps: Float[Tensor, "batch keypoint row column"], row: Tensor, column: Tensor, reach: int, outside: float = 0.0
) -> Float[Tensor, "batch keypoint window window"]:
    """What lies up to `reach` cells from a cell of each map; `outside` where there is no map."""
    rows, columns = maps.shape[-2:]
    steps = torch.arange(-reach, reach + 1, device=maps.device)
    y = row[..., None] + steps
    x = column[..., None] + steps
    inside = ((y >= 0) & (y < rows))[..., :, None] & ((x >= 0) & (x < columns))[..., None, :]
    flat = y.clamp(0, rows - 1)[..., :, None] * columns + x.clamp(0, columns - 1)[..., None, :]
    return maps.flatten(2).gather(2, flat.flatten(2)).view(flat.shape).masked_fill(~inside, outside)


def summit(
    maps: Float[Tensor, "batch keypoint row column"], row: Tensor, column: Tensor, step: int = _STEP
) -> Float[Tensor, "batch keypoint 2"]:
    """Cells of the top of a bell near the given cells, from parabolas through logarithms of the window's marginals.

    Exact for a Gaussian at any sub-cell place and next to any border. The parabola's points are `step`
    cells apart, and the window reaches twice as far, so that they fit into it at a border.
    """
    window = window_at(maps, row, column, 2 * step)
    x = _vertex(window.sum(-2), column, maps.shape[-1], step)
    y = _vertex(window.sum(-1), row, maps.shape[-2], step)
    return torch.stack([x, y], dim=-1)


def _vertex(
    marginal: Float[Tensor, "batch keypoint cell"], centre: Tensor, length: int, step: int
) -> Float[Tensor, "batch keypoint"]:
    """Top of the parabola through the logarithm of the largest cell and two `step` away, all inside the map."""
    reach = marginal.shape[-1] // 2
    low = (reach - centre).clamp(min=0) + step
    high = (length - 1 - centre + reach).clamp(max=2 * reach) - step
    middle = torch.minimum(torch.maximum(marginal.argmax(-1), low), high)
    logs = (marginal + _TINY).log()
    left, top, right = (logs.gather(-1, (middle + side)[..., None])[..., 0] for side in (-step, 0, step))
    bend = left - 2 * top + right
    shift = torch.where(bend < -1e-6, (left - right) / (2 * bend.clamp(max=-1e-6)), torch.zeros_like(bend))
    return centre - reach + middle + step * shift.clamp(-1.5, 1.5)
