"""Points move with the pixels they name."""

import numpy as np
import pytest
import torch

from tailbase.schema import AugmentSpec
from tailbase.training.augmentation import augment, augment_clip, draw

HEIGHT, WIDTH, COUNT = 96, 128, 12
STILL = AugmentSpec(
    rotation_degrees=0, scale=0, translation=0, brightness=0, contrast=0, color=0, blur_probability=0, noise=0,
    erase_probability=0,
)  # fmt: skip
ALONE = torch.tensor([0])


def _blobs(points: torch.Tensor) -> torch.Tensor:
    row, column = torch.meshgrid(torch.arange(float(HEIGHT)), torch.arange(float(WIDTH)), indexing="ij")
    x, y = points[:, 0, 0, None, None], points[:, 0, 1, None, None]
    grey = 255 * torch.exp(-((column - x) ** 2 + (row - y) ** 2) / 18)
    return grey.to(torch.uint8)[:, None].expand(-1, 3, -1, -1).contiguous()


def _centres(images: torch.Tensor) -> torch.Tensor:
    grey = images[:, 0]
    weight = (grey - grey.amin((1, 2), keepdim=True) - 8).clamp(min=0)
    total = weight.sum((1, 2))
    x = (weight.sum(1) * torch.arange(WIDTH)).sum(1) / total
    y = (weight.sum(2) * torch.arange(HEIGHT)).sum(1) / total
    return torch.stack([x, y], dim=-1)


def _points() -> torch.Tensor:
    near_the_middle = np.random.default_rng(0).uniform([50, 36], [78, 60], (COUNT, 1, 2))
    return torch.from_numpy(near_the_middle).float()


@pytest.mark.parametrize("aspect", [1.0, 1.4])
@pytest.mark.parametrize(
    "fields",
    [
        {"rotation_degrees": 180.0},
        {"scale": 0.3},
        {"translation": 0.1},
        {"horizontal_flip": True},
        {"rotation_degrees": 90.0, "scale": 0.2, "translation": 0.05, "horizontal_flip": True, "blur_probability": 1.0},
    ],
)
def test_a_dot_lies_where_its_point_was_moved_to(fields: dict[str, float], aspect: float) -> None:
    spec = STILL.model_copy(update=fields)
    draws = [draw(spec, 3, 1, index) for index in range(COUNT)]
    points = _points()
    states = torch.ones(COUNT, 1, dtype=torch.long)
    images, moved, _ = augment(_blobs(points), points, states, torch.full((COUNT,), aspect), draws, ALONE)
    assert (moved - points).abs().max() > 2
    assert (_centres(images) - moved[:, 0]).abs().max() < 0.1


def test_nothing_changes_when_everything_is_switched_off() -> None:
    points = _points()
    images = _blobs(points)
    draws = [draw(STILL, 0, 0, index) for index in range(COUNT)]
    states = torch.ones(COUNT, 1, dtype=torch.long)
    changed, moved, _ = augment(images, points, states, torch.ones(COUNT), draws, ALONE)
    assert (changed - images).abs().max() < 0.01
    assert (moved - points).abs().max() < 1e-4


def test_a_rotation_turns_as_if_pixels_were_square() -> None:
    """On an image stretched by the aspect, distances of the original stay what they were."""
    spec = STILL.model_copy(update={"rotation_degrees": 180.0})
    draws = [draw(spec, 0, 0, index) for index in range(COUNT)]
    points = torch.tensor([[[30.0, 40.0], [90.0, 70.0]]]).repeat(COUNT, 1, 1)
    states = torch.ones(COUNT, 2, dtype=torch.long)
    aspect = torch.full((COUNT,), 1.5)
    images = torch.zeros(COUNT, 3, HEIGHT, WIDTH, dtype=torch.uint8)
    _, moved, _ = augment(images, points, states, aspect, draws, torch.tensor([0, 1]))
    step = (moved[:, 1] - moved[:, 0]) / torch.tensor([1, 1.5])
    assert torch.allclose(step.norm(dim=-1), torch.tensor([60.0, 20.0]).norm().expand(COUNT), atol=1e-3)


def test_a_flip_swaps_left_and_right_partners_with_their_states() -> None:
    spec = STILL.model_copy(update={"horizontal_flip": True})
    draws = [draw(spec, 0, 0, index) for index in range(COUNT)]
    flipped = [one.flipped for one in draws]
    points = torch.tensor([[[10.0, 20.0], [100.0, 60.0]]]).repeat(COUNT, 1, 1)
    states = torch.tensor([[1, 2]]).repeat(COUNT, 1)
    images = torch.zeros(COUNT, 3, HEIGHT, WIDTH, dtype=torch.uint8)
    _, moved, changed = augment(images, points, states, torch.ones(COUNT), draws, torch.tensor([1, 0]))
    assert {True, False} == set(flipped)
    for index, mirrored in enumerate(flipped):
        expected = [[WIDTH - 1 - 100.0, 60.0], [WIDTH - 1 - 10.0, 20.0]] if mirrored else points[index].tolist()
        assert torch.allclose(moved[index], torch.tensor(expected), atol=1e-3)
        assert changed[index].tolist() == ([2, 1] if mirrored else [1, 2])


def test_points_without_a_position_stay_without() -> None:
    points = torch.full((1, 1, 2), torch.nan)
    images = torch.zeros(1, 3, HEIGHT, WIDTH, dtype=torch.uint8)
    draws = [draw(AugmentSpec(rotation_degrees=25), 0, 0, 0)]
    _, moved, _ = augment(images, points, torch.zeros(1, 1, dtype=torch.long), torch.ones(1), draws, ALONE)
    assert moved.isnan().all()


def test_an_image_looks_the_same_in_whatever_batch_it_stands() -> None:
    spec = AugmentSpec(rotation_degrees=25, blur_probability=1, erase_probability=1, noise=0.1)
    points = _points()
    images = _blobs(points)
    draws = [draw(spec, 7, 2, index) for index in range(COUNT)]
    states = torch.ones(COUNT, 1, dtype=torch.long)
    together, _, _ = augment(images, points, states, torch.ones(COUNT), draws, ALONE)
    torch.manual_seed(99)
    alone, _, _ = augment(images[5:6], points[5:6], states[5:6], torch.ones(1), draws[5:6], ALONE)
    assert torch.allclose(together[5], alone[0], atol=1e-3)


def test_epochs_seeds_and_images_draw_differently() -> None:
    spec = AugmentSpec(rotation_degrees=25)
    shifts = {tuple(draw(spec, *key).shift) for key in [(0, 0, 0), (1, 0, 0), (0, 1, 0), (0, 0, 1)]}
    assert len(shifts) == 4


def test_values_stay_within_those_of_an_image() -> None:
    spec = AugmentSpec(rotation_degrees=25, brightness=1, contrast=1, noise=0.5, erase_probability=1)
    draws = [draw(spec, 0, 0, index) for index in range(COUNT)]
    points = _points()
    states = torch.ones(COUNT, 1, dtype=torch.long)
    images, _, _ = augment(_blobs(points), points, states, torch.ones(COUNT), draws, ALONE)
    assert images.min() >= 0
    assert images.max() <= 255


def test_points_found_in_a_changed_clip_come_back_to_where_they_were() -> None:
    spec = STILL.model_copy(
        update={"rotation_degrees": 90.0, "scale": 0.2, "translation": 0.05, "horizontal_flip": True}
    )
    points = _points()
    for seed in range(4):
        frames, undo = augment_clip(_blobs(points), 1.4, draw(spec, seed, 0, 0), ALONE)
        found = _centres(frames)[:, None]
        assert (found - points).abs().max() > 2
        assert (undo.points(found) - points).abs().max() < 0.15


def test_keypoints_of_a_mirrored_clip_change_back_with_their_partners() -> None:
    swapped = torch.tensor([1, 0])
    spec = STILL.model_copy(update={"horizontal_flip": True})
    flipped = next(one for seed in range(9) if (one := draw(spec, seed, 0, 0)).flipped)
    _, undo = augment_clip(_blobs(_points()), 1.0, flipped, swapped)
    left, right = torch.tensor([10.0, 20.0]), torch.tensor([100.0, 50.0])
    mirrored = torch.stack([right, left]) * torch.tensor([-1.0, 1.0]) + torch.tensor([WIDTH - 1.0, 0.0])
    assert torch.allclose(undo.points(mirrored), torch.stack([left, right]), atol=1e-4)
    assert undo.likelihood(torch.tensor([0.2, 0.9])).tolist() == pytest.approx([0.9, 0.2])


def test_the_frames_of_a_window_and_of_a_clip_are_changed_all_alike() -> None:
    one = draw(AugmentSpec(), 5, 0, 0)
    image = (torch.rand(3, HEIGHT, WIDTH) * 255).to(torch.uint8)
    windows = image.expand(1, 5, 3, HEIGHT, WIDTH)
    point = torch.tensor([[[60.0, 40.0]]])
    state = torch.ones(1, 1, dtype=torch.long)
    window, moved, _ = augment(windows, point, state, torch.ones(1), [one], ALONE)
    clip, undo = augment_clip(windows[0], 1.0, one, ALONE)
    assert torch.equal(window[0], clip)
    assert torch.allclose(undo.points(moved), point, atol=1e-4)
    assert (clip[0] - clip[4]).abs().mean() < 255 * one.noise * 2
