"""Coordinates through a resize and back."""

import pytest
import torch

from tailbase.networks.resize import pixel_aspect, place, resize, to_input, to_source


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


def test_an_image_that_keeps_its_aspect_lies_between_black_borders() -> None:
    image = torch.full((3, 60, 120), 200, dtype=torch.uint8)
    kept = resize(image, (64, 64), "keep")
    at = place((60, 120), (64, 64), "keep")
    assert (at.top, at.left, at.height, at.width) == (16, 0, 32, 64)
    assert kept[:, 16:48].eq(200).all()
    assert kept[:, :16].eq(0).all()
    assert kept[:, 48:].eq(0).all()
    assert pixel_aspect((60, 120), (64, 64), "keep") == 1
    assert pixel_aspect((60, 120), (64, 64), "stretch") == 2


@pytest.mark.parametrize("source", [(480, 640), (396, 406), (1024, 300), (7, 1000)])
def test_points_come_back_from_a_kept_aspect_and_are_where_the_image_shows_them(source: tuple[int, int]) -> None:
    points = torch.rand(20, 2, dtype=torch.float64) * torch.tensor([source[1], source[0]])
    there = to_input(points, source, (96, 128), "keep")
    assert torch.allclose(to_source(there, source, (96, 128), "keep"), points, atol=1e-9)
    at = place(source, (96, 128), "keep")
    corners = torch.tensor([[-0.5, -0.5], [source[1] - 0.5, source[0] - 0.5]], dtype=torch.float64)
    edges = to_input(corners, source, (96, 128), "keep")
    wanted = torch.tensor([[at.left, at.top], [at.left + at.width, at.top + at.height]], dtype=torch.float64) - 0.5
    assert torch.allclose(edges, wanted)


def test_the_layout_of_an_image_in_memory_changes_nothing_but_stays() -> None:
    together = torch.randint(0, 255, (90, 110, 3), dtype=torch.uint8).permute(2, 0, 1)
    found = resize(together, (64, 64))
    assert found.stride() == (1, 3 * 64, 3)
    assert torch.equal(found, resize(together.contiguous(), (64, 64)))
