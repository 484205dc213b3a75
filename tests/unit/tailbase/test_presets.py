"""Presets fit the number of labels."""

import pytest

from tailbase import presets
from tailbase.schema import TrainSpec


@pytest.mark.parametrize("images", [1, 7, 40, 90, 5000])
def test_a_preset_trains_about_as_many_steps_however_many_labels_there_are(images: int) -> None:
    for preset, steps in ((presets.fast, 2400), (presets.standard, 2000)):
        spec = preset(images, 640, "cpu")
        an_epoch = max(1, round(0.9 * images) // spec.batch_size)
        assert spec.epochs * an_epoch == pytest.approx(steps, rel=0.2)
        assert spec == TrainSpec.model_validate(spec.model_dump())


def test_the_fast_preset_needs_no_download() -> None:
    assert presets.fast(40, 320, "cpu").weights == "none"


def test_the_standard_preset_uses_a_gpu_for_a_larger_network() -> None:
    assert presets.standard(600, 1280, "cuda").image_width == 384
    assert presets.standard(600, 1280, "cuda").backbone == "resnet50"
    assert presets.standard(600, 1280, "cpu").backbone == "mobilenetv2_100"
