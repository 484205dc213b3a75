"""Points read back from maps are where the maps' Gaussians were drawn, at every downsample factor and next to borders.

The Gaussians are drawn here pixel by pixel, not by the library: cell (row, column) at stride s has its middle at pixel
s (column + 1/2) - 1/2, s (row + 1/2) - 1/2 of the input.
"""

import itertools

import pytest
import torch

from tailbase.networks.heatmaps import decode, decode_with_gradient

FACTORS = [1, 2, 3, 4]
CELLS = 16
SIGMA_CELLS = 1.25
LARGEST_PX = 0.05


def _middles(stride: int) -> torch.Tensor:
    return torch.tensor([sum(range(stride * i, stride * (i + 1))) / stride for i in range(CELLS)], dtype=torch.float64)


def _drawn(points: torch.Tensor, stride: int) -> torch.Tensor:
    """Logarithms of Gaussians at points (keypoint, 2) in pixels, as a batch of one."""
    middles, sigma = _middles(stride), SIGMA_CELLS * stride
    x = (middles - points[:, :1]) ** 2
    y = (middles - points[:, 1:]) ** 2
    return (-(y[:, :, None] + x[:, None, :]) / (2 * sigma**2))[None]


def _grid(places: torch.Tensor) -> torch.Tensor:
    return torch.tensor(list(itertools.product(places.tolist(), repeat=2)), dtype=torch.float64)


def _inner(stride: int) -> torch.Tensor:
    """Every eighth of a cell, over two cells in the middle of the map."""
    return _grid(CELLS * stride / 2 - 0.5 + stride * torch.arange(-8, 9) / 8)


def _border(stride: int) -> torch.Tensor:
    """From the first pixel's edge two cells inwards, and likewise at the far side."""
    near = stride * torch.arange(0, 9) / 4 - 0.5
    return _grid(torch.cat([near, CELLS * stride - 1 - near]))


@pytest.mark.parametrize("factor", FACTORS)
@pytest.mark.parametrize("places", [_inner, _border])
@pytest.mark.parametrize("decoding", [decode, decode_with_gradient])
def test_a_gaussian_is_found_where_it_was_drawn(factor, places, decoding) -> None:
    stride = 2**factor
    points = places(stride)
    off = decoding(_drawn(points, stride).float(), stride)[0][0] - points
    assert off.abs().max() < LARGEST_PX
    assert off.mean(0).abs().max() < LARGEST_PX / 10


@pytest.mark.parametrize("factor", FACTORS)
def test_a_gaussian_over_a_floor_of_unsureness_is_found_where_it_was_drawn(factor: int) -> None:
    """A network never gives zero: here one part in a hundred of the probability lies everywhere."""
    stride = 2**factor
    points = _inner(stride)
    maps = _drawn(points, stride).flatten(2).softmax(-1).view(1, -1, CELLS, CELLS)
    off = decode((0.99 * maps + 0.01 / CELLS**2).log().float(), stride)[0][0] - points
    assert off.abs().max() < LARGEST_PX
    assert off.mean(0).abs().max() < LARGEST_PX / 10


def test_maps_of_other_heights_than_widths_are_read_row_by_row() -> None:
    point = torch.tensor([[21.3, 9.6]], dtype=torch.float64)
    maps = _drawn(point, 4)[..., :6, :]
    assert (decode(maps.float(), 4)[0][0] - point).abs().max() < LARGEST_PX


@pytest.mark.parametrize("factor", FACTORS)
def test_the_points_of_losses_have_the_gradient_of_the_expectation_around_the_peak(factor: int) -> None:
    stride = 2**factor
    maps = _drawn(_inner(stride)[::37] + 0.03 * stride, stride).requires_grad_()
    across = torch.tensor([1.0, -0.3], dtype=torch.float64)
    found = torch.autograd.grad((decode_with_gradient(maps, stride)[0] * across).sum(), maps)[0]
    wanted = torch.autograd.grad((_expectation(maps, stride) * across).sum(), maps)[0]
    torch.testing.assert_close(found, wanted, rtol=1e-6, atol=1e-9)
    assert torch.autograd.gradcheck(lambda m: _expectation(m, stride), maps[:, :1].detach().requires_grad_())


def _expectation(maps: torch.Tensor, stride: int) -> torch.Tensor:
    """Mean place, in pixels, of the probability within four cells of the largest cell."""
    weights = maps.exp()
    best = weights.detach().flatten(2).argmax(-1)
    row, column = best // CELLS, best % CELLS
    cell = torch.arange(CELLS)
    near = ((cell - row[..., None]).abs() <= 4)[..., None] & ((cell - column[..., None]).abs() <= 4)[..., None, :]
    inside = weights * near / (weights * near).sum((-2, -1), keepdim=True)
    middles = _middles(stride)
    return torch.stack([(inside.sum(-2) * middles).sum(-1), (inside.sum(-1) * middles).sum(-1)], dim=-1)


def test_a_second_distant_peak_does_not_pull() -> None:
    one, other = torch.tensor([[14.0, 15.0]], dtype=torch.float64), torch.tensor([[50.0, 48.0]], dtype=torch.float64)
    maps = (0.6 * _drawn(one, 4).exp() + 0.4 * _drawn(other, 4).exp()).log().requires_grad_()
    found, likelihood = decode_with_gradient(maps, 4)
    torch.autograd.backward(found.sum())
    assert not likelihood.requires_grad
    assert (found[0] - one).abs().max() < LARGEST_PX
    assert maps.grad is not None
    assert maps.grad[0, 0, 10:, 10:].abs().max() < 1e-6


def test_both_decodings_give_the_same_points_and_likelihoods_for_any_maps() -> None:
    maps = 3 * torch.randn(2, 5, CELLS, CELLS, generator=torch.Generator().manual_seed(0))
    for plain, followed in zip(decode(maps, 4), decode_with_gradient(maps, 4), strict=True):
        assert torch.equal(plain, followed)


def test_maps_that_are_sure_of_one_cell_have_finite_gradients() -> None:
    maps = torch.zeros(1, 2, CELLS, CELLS)
    maps[0, 0, 0, 0] = 1e4
    maps[0, 1, 7, 7] = 1e4
    maps.requires_grad_()
    torch.autograd.backward(decode_with_gradient(maps, 4)[0].sum())
    assert maps.grad is not None
    assert maps.grad.isfinite().all()


def test_mixed_precision_around_it_leaves_the_decoding_as_exact() -> None:
    logits = 4 * torch.randn(2, 3, CELLS, CELLS, generator=torch.Generator().manual_seed(0))
    expected = decode(logits, 4)
    with torch.autocast("cpu", torch.bfloat16):
        found = decode(logits, 4)
    assert all(torch.equal(one, other) for one, other in zip(found, expected, strict=True))
