"""Presets fit the number of labels, and the project."""

import pytest

from tailbase import presets
from tailbase.presets import PRESETS, ProjectFacts, minutes, recommend
from tailbase.schema import Keypoint, Skeleton, TrainSpec


@pytest.mark.parametrize("images", [1, 7, 40, 90, 5000])
def test_a_preset_trains_about_as_many_steps_however_many_labels_there_are(images: int) -> None:
    steps = {"fast": 2400, "standard": 2000, "semi_supervised": 2000, "context": 2000}
    for name, preset in PRESETS.items():
        spec = preset(ProjectFacts(images, 640, 17, device="cpu"))
        an_epoch = max(1, round(0.9 * images) // spec.batch_size)
        assert spec.epochs * an_epoch == pytest.approx(steps[name], rel=0.2)
        assert spec == TrainSpec.model_validate(spec.model_dump())


def test_the_fast_preset_needs_no_download() -> None:
    assert presets.fast(ProjectFacts(40, 320, device="cpu")).weights == "none"


def test_the_standard_preset_uses_a_gpu_for_a_larger_network() -> None:
    large = ProjectFacts(600, 1280, device="cuda")
    assert presets.standard(large).image_width == 384
    assert presets.standard(large).backbone == "resnet50"
    assert presets.standard(ProjectFacts(600, 1280, device="cpu")).backbone == "mobilenetv2_100"


def test_only_losses_that_the_labels_support_are_switched_on() -> None:
    few, many = (presets.semi_supervised(ProjectFacts(images, 640, 17)).losses for images in (40, 90))
    mirrored = presets.context(ProjectFacts(90, 640, 17, several_views=True)).losses
    assert set(few.weights) == {"temporal"}
    assert set(many.weights) == {"temporal", "pose_pca"}
    assert set(mirrored.weights) == {"temporal", "pose_pca", "multiview_pca"}
    assert set(presets.standard(ProjectFacts(90)).losses.weights) == set()


def test_estimates_grow_with_what_a_step_looks_at() -> None:
    facts = ProjectFacts(90, 640, 17, device="cpu")
    estimates = [minutes(preset(facts), facts.images) for preset in PRESETS.values()]
    assert estimates == sorted(estimates)
    assert estimates[0] == pytest.approx(5, abs=2)
    assert minutes(presets.standard(ProjectFacts(90, device="cuda")), 90) < estimates[1]


@pytest.mark.parametrize(
    ("facts", "preset"),
    [
        (ProjectFacts(8, videos=3), "fast"),
        (ProjectFacts(90, videos=0), "standard"),
        (ProjectFacts(90, videos=3, device="cpu"), "semi_supervised"),
        (ProjectFacts(90, videos=3, device="cuda"), "context"),
    ],
)
def test_the_recommended_preset_suits_the_project_and_says_why(facts: ProjectFacts, preset: str) -> None:
    found = recommend(facts)
    assert found.preset == preset
    assert all(reason.endswith(".") for reason in found.reasons)


def test_views_that_share_parts_are_told_from_those_that_do_not() -> None:
    both = [Keypoint(name=f"paw_{view}", part="paw", view=view) for view in ("top", "side")]
    assert presets.shows_parts_in_every_view(Skeleton(keypoints=tuple(both), views=("top", "side")))
    assert not presets.shows_parts_in_every_view(Skeleton(keypoints=tuple(both[:1]), views=("top", "side")))
    assert not presets.shows_parts_in_every_view(Skeleton(keypoints=(Keypoint(name="paw"),)))


def test_an_input_has_the_shape_of_the_images_and_about_as_many_pixels() -> None:
    for aspect in (0.75, 1.0, 4 / 3, 16 / 9):
        height, width = presets.input_size(256, aspect)
        shown = min(width, height * aspect) * min(height, width / aspect)
        assert shown == pytest.approx(256**2, rel=0.25)
        assert shown > 0.9 * height * width
    assert presets.input_size(256, 1.0) == (256, 256)


def test_a_small_animal_in_a_large_image_is_looked_at_in_two_passes() -> None:
    flies = ProjectFacts(90, 1024, 13, videos=3, device="cpu", animal_share=0.09)
    found, spec = recommend(flies), presets.semi_supervised(flies)
    assert found.framing == spec.framing
    assert spec.framing.mode == "two_pass"
    assert "9% of the image" in found.reasons[-1]
    assert (spec.image_height, spec.image_width) == (160, 160)  # the box has 138 pixels
    assert minutes(spec, 90) < minutes(spec.model_copy(update={"image_height": 256, "image_width": 256}), 90)


@pytest.mark.parametrize(
    "facts", [ProjectFacts(90, 1024, 13, animal_share=0.5), ProjectFacts(90, 320, 13, animal_share=0.09)]
)
def test_other_animals_are_looked_at_in_the_whole_image(facts: ProjectFacts) -> None:
    assert presets.standard(facts).framing.mode == "whole"
