"""What a map's cell can know."""

import torch

from tailbase.networks.heads import PyramidHead, StripContext


def test_a_cell_knows_its_row_and_column_and_nothing_else_far_away() -> None:
    torch.manual_seed(0)
    strips = StripContext(8).eval()
    x = torch.rand(1, 8, 20, 20)
    x[0, :, 15, 4] = x[0, :, 3, 12] = x[0, :, 15, 17] = 2.0
    x.requires_grad_()
    torch.autograd.backward(strips(x)[0, :, 3, 4].sum())
    assert x.grad is not None
    felt = x.grad[0].abs().sum(0)
    assert felt[15, 4] > 0
    assert felt[3, 12] > 0
    assert felt[15, 17] == 0


def test_features_missing_at_a_stride_are_done_without() -> None:
    head = PyramidHead([6, 6], [16, 16], keypoints=3, map_stride=4, width=8)
    features = [torch.rand(2, 6, 4, 5), torch.rand(2, 6, 4, 5)]
    assert head(features).shape == (2, 3, 16, 20)
