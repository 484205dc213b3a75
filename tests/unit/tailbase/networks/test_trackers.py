"""Every network we name builds, learns and comes back from disk."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from tailbase.errors import PoseError
from tailbase.networks.architectures import new_tracker
from tailbase.networks.backbones import build_backbone, load_weights
from tailbase.networks.model_folder import (
    FACTS,
    WEIGHTS,
    ModelFacts,
    SplitPaths,
    load_model,
    save_facts,
    save_weights,
)
from tailbase.networks.tracker import Tracker
from tailbase.schema import Keypoint, Skeleton, TrainSpec

SKELETON = Skeleton(keypoints=(Keypoint(name="nose"), Keypoint(name="tail")))
BACKBONES = (
    "resnet18",
    "resnet50",
    "mobilenetv2_100",
    "efficientnet_b0",
    "convnext_atto",
    "vit_tiny_patch16_224",
    "compact",
)


@pytest.fixture(autouse=True)
def _one_thread() -> None:
    torch.set_num_threads(1)
    torch.manual_seed(0)


def _spec(backbone: str, downsample_factor: int = 2) -> TrainSpec:
    return TrainSpec(
        backbone=backbone, weights="none", image_height=64, image_width=96, head_width=16,
        downsample_factor=downsample_factor,
    )  # fmt: skip


def _saved(folder: Path, spec: TrainSpec) -> Tracker:
    tracker = new_tracker(spec, SKELETON).eval()
    digest = save_weights(folder, tracker.state_dict())
    facts = ModelFacts(
        skeleton=SKELETON, individuals=("animal",), spec=spec, split=SplitPaths(), metrics={}, labels_sha256="0" * 64,
        weights_sha256=digest, tailbase_version="0", created_at=datetime.now(UTC),
    )  # fmt: skip
    save_facts(folder, facts)
    return tracker


@pytest.mark.parametrize("backbone", BACKBONES)
def test_a_network_gives_maps_learns_and_reloads(backbone: str, tmp_path: Path) -> None:
    tracker = _saved(tmp_path, _spec(backbone))
    images = torch.rand(2, 3, 64, 96) * 255
    maps = tracker(images)
    assert maps.shape == (2, 2, 16, 24)
    torch.autograd.backward(maps.square().mean())
    assert all(p.grad is not None and p.grad.isfinite().all() for p in tracker.head.parameters())
    reloaded, facts = load_model(tmp_path)
    assert facts.skeleton == SKELETON
    with torch.no_grad():
        assert torch.equal(reloaded(images), tracker(images))


@pytest.mark.parametrize("factor", [1, 2, 3])
def test_the_maps_have_the_size_the_downsample_factor_says(factor: int) -> None:
    tracker = new_tracker(_spec("mobilenetv2_100", factor), SKELETON).eval()
    assert tracker(torch.zeros(1, 3, 64, 96)).shape == (1, 2, 64 >> factor, 96 >> factor)


@pytest.mark.parametrize("name", ["resnet19", "swin_tiny_patch4_window7_224"])
def test_a_backbone_that_cannot_be_used_is_refused(name: str) -> None:
    with pytest.raises(PoseError, match="resnet18") as refused:
        build_backbone(name, (64, 64))
    assert refused.value.code == "backbone.unknown"


def test_weights_come_from_a_local_file(tmp_path: Path) -> None:
    file = tmp_path / "weights.safetensors"
    source = build_backbone("mobilenetv2_100", (64, 64))
    save_file(source.state_dict(), file)
    target = build_backbone("mobilenetv2_100", (64, 64))
    load_weights(target, "mobilenetv2_100", str(file))
    assert _equal(source, target)


def _equal(one: nn.Module, other: nn.Module) -> bool:
    return all(torch.equal(a, b) for a, b in zip(one.state_dict().values(), other.state_dict().values(), strict=True))


def test_a_file_with_another_checksum_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "weights.safetensors"
    backbone = build_backbone("mobilenetv2_100", (64, 64))
    save_file(backbone.state_dict(), file)
    with pytest.raises(PoseError) as refused:
        load_weights(backbone, "mobilenetv2_100", str(file), "0" * 64)
    assert refused.value.code == "weights.mismatch"


def test_the_weights_of_another_network_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "weights.safetensors"
    save_file(build_backbone("resnet18", (64, 64)).state_dict(), file)
    with pytest.raises(PoseError, match="do not fit") as refused:
        load_weights(build_backbone("mobilenetv2_100", (64, 64)), "mobilenetv2_100", str(file))
    assert refused.value.code == "weights.mismatch"


def test_a_file_that_is_no_safetensors_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "weights.safetensors"
    file.write_bytes(b"not weights")
    with pytest.raises(PoseError) as refused:
        load_weights(build_backbone("mobilenetv2_100", (64, 64)), "mobilenetv2_100", str(file))
    assert refused.value.code == "weights.mismatch"


@pytest.mark.parametrize("weights", ["nowhere.safetensors", "imagenet"])
def test_missing_weights_say_what_to_do(weights: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    with pytest.raises(PoseError, match='"none"') as refused:
        load_weights(build_backbone("mobilenetv2_100", (64, 64)), "mobilenetv2_100", weights)
    assert refused.value.code == "weights.unavailable"


def test_a_folder_without_a_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PoseError, match=FACTS) as refused:
        load_model(tmp_path)
    assert refused.value.code == "model.not_a_model"


def test_weights_that_do_not_belong_to_the_model_are_refused(tmp_path: Path) -> None:
    _saved(tmp_path, _spec("mobilenetv2_100"))
    save_weights(tmp_path, new_tracker(_spec("mobilenetv2_100"), SKELETON).state_dict())
    with pytest.raises(PoseError, match=WEIGHTS) as refused:
        load_model(tmp_path)
    assert refused.value.code == "model.not_a_model"
