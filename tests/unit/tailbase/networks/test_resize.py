"""Coordinates through a resize and back."""

import torch

from tailbase.networks.resize import resize, to_input, to_source


def test_points_come_back_exactly() -> None:
    points = torch.rand(50, 2, dtype=torch.float64) * 400
    there = to_input(points, (396, 406), (256, 192))
    assert torch.allclose(to_source(there, (396, 406), (256, 192)), points, atol=1e-12)


def test_the_corners_of_the_image_are_the_corners_of_the_input() -> None:
    corners = torch.tensor([[-0.5, -0.5], [639.5, 479.5]], dtype=torch.float64)
    found = to_input(corners, (480, 640), (128, 256))
    assert torch.allclose(found, torch.tensor([[-0.5, -0.5], [255.5, 127.5]], dtype=torch.float64))


def test_a_blob_is_where_its_point_is_told_to_be() -> None:
    row, column = torch.meshgrid(torch.arange(120.0), torch.arange(160.0), indexing="ij")
    x, y = 71.3, 40.8
    image = (255 * torch.exp(-((column - x) ** 2 + (row - y) ** 2) / 72)).to(torch.uint8).expand(3, -1, -1)
    small = resize(image.contiguous(), (64, 96))[0].double()
    weight = small / small.sum()
    centre = torch.stack([(weight.sum(0) * torch.arange(96)).sum(), (weight.sum(1) * torch.arange(64)).sum()])
    expected = to_input(torch.tensor([x, y], dtype=torch.float64), (120, 160), (64, 96))
    assert (centre - expected).abs().max() < 0.05


def test_an_image_of_the_right_size_is_left_alone() -> None:
    image = torch.randint(0, 255, (3, 64, 64), dtype=torch.uint8)
    assert resize(image, (64, 64)) is image
