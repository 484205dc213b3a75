"""Backbones take the weights of other programs' files, and files that could run a program are refused."""

import argparse
from pathlib import Path

import pytest
import timm
import torch
import torchvision
from safetensors.torch import save_file
from torch import Tensor, nn

from tailbase.errors import PoseError
from tailbase.networks.backbones import build_backbone, load_weights
from tailbase.networks.context import ContextTracker
from tailbase.networks.heatmap import HeatmapTracker

SIZE = (64, 64)


@pytest.fixture(autouse=True)
def _one_thread() -> None:
    torch.set_num_threads(1)
    torch.manual_seed(0)


def _last_feature(backbone: nn.Module) -> Tensor:
    with torch.no_grad():
        feature: Tensor = backbone.eval()(_images())[-1]
    return feature


def _images() -> Tensor:
    return torch.rand(1, 3, *SIZE, generator=torch.Generator().manual_seed(1))


def _lightning(layers: nn.Module, path: Path) -> str:
    """A checkpoint as Lightning Pose writes it: hyper-parameters and bookkeeping beside the arrays."""
    state = {f"backbone.{key}": value for key, value in layers.state_dict().items()}
    head = {"head.upsampling_layers.1.weight": torch.zeros(4, 2, 3, 3)}
    parameters = {"backbone": "resnet18", "image_size": 256, "torch_seed": 0}
    torch.save({"state_dict": state | head, "epoch": 299, "hyper_parameters": parameters}, path)
    return str(path)


def test_lightning_poses_resnet_gives_the_same_features(tmp_path: Path) -> None:
    layers = nn.Sequential(*list(torchvision.models.resnet18(weights=None).children())[:-2])
    backbone = build_backbone("resnet18", SIZE)
    load_weights(backbone, "resnet18", _lightning(layers, tmp_path / "last.ckpt"))
    with torch.no_grad():
        wanted = layers.eval()(_images())
    torch.testing.assert_close(_last_feature(backbone), wanted)


def test_lightning_poses_efficientnet_gives_the_same_features(tmp_path: Path) -> None:
    whole = torchvision.models.efficientnet_b0(weights=None)
    layers = nn.Sequential(*list(whole.children())[:-2])
    backbone = build_backbone("efficientnet_b0", SIZE)
    load_weights(backbone, "efficientnet_b0", _lightning(layers, tmp_path / "last.ckpt"))
    with torch.no_grad():
        wanted = whole.eval().features[:8](_images())
    torch.testing.assert_close(_last_feature(backbone), wanted)


def test_deeplabcuts_resnet_and_hrnet_are_taken_over(tmp_path: Path) -> None:
    for name, options in (("resnet26", {}), ("hrnet_w18_small", {"features_only": True, "feature_location": ""})):
        whole = timm.create_model(name, pretrained=False, **options)
        state = {f"backbone.model.{key}": value for key, value in whole.state_dict().items()}
        state["heads.bodypart.heatmap_head.deconv_layers.0.weight"] = torch.zeros(8, 4, 1, 1)
        torch.save({"model": state, "metadata": {"epoch": 200}}, tmp_path / "snapshot-200.pt")
        backbone = build_backbone(name, SIZE)
        load_weights(backbone, name, str(tmp_path / "snapshot-200.pt"))
        own = backbone.state_dict()
        assert all(torch.equal(own[key], value) for key, value in whole.state_dict().items() if key in own)


def _hugging_face(state: dict[str, Tensor], names: dict[str, str]) -> dict[str, Tensor]:
    """A timm transformer's arrays under the names of Hugging Face."""
    out = {
        "embeddings.cls_token": state["cls_token"], "embeddings.position_embeddings": state["pos_embed"],
        "embeddings.patch_embeddings.projection.weight": state["patch_embed.proj.weight"],
        "embeddings.patch_embeddings.projection.bias": state["patch_embed.proj.bias"],
        "layernorm.weight": state["norm.weight"], "layernorm.bias": state["norm.bias"],
    }  # fmt: skip
    for layer in range(12):
        for kind in ("weight", "bias"):
            parts = state[f"blocks.{layer}.attn.qkv.{kind}"].chunk(3)
            for part, value in zip(("query", "key", "value"), parts, strict=True):
                out[f"encoder.layer.{layer}.attention.attention.{part}.{kind}"] = value
    for key, value in state.items():
        for ours, theirs in names.items():
            if key.startswith("blocks.") and f".{ours}" in key:
                out[key.replace("blocks.", "encoder.layer.").replace(ours, theirs)] = value
    return {f"vision_encoder.{key}": value for key, value in out.items()}


VIT = {
    "attn.proj": "attention.output.dense", "norm1": "layernorm_before", "norm2": "layernorm_after",
    "mlp.fc1": "intermediate.dense", "mlp.fc2": "output.dense",
}  # fmt: skip
DINOV2 = {
    "attn.proj": "attention.output.dense", "norm1": "norm1", "norm2": "norm2", "mlp.fc1": "mlp.fc1",
    "mlp.fc2": "mlp.fc2", "ls1.gamma": "layer_scale1.lambda1", "ls2.gamma": "layer_scale2.lambda1",
}  # fmt: skip


@pytest.mark.parametrize(("name", "names"), [("vit_tiny_patch16_224", VIT), ("vit_small_patch14_dinov2", DINOV2)])
def test_lightning_poses_transformers_are_taken_over(name: str, names: dict[str, str], tmp_path: Path) -> None:
    source, target = build_backbone(name, SIZE), build_backbone(name, SIZE)
    state = {f"backbone.{k}": v for k, v in _hugging_face(source.model.state_dict(), names).items()}
    torch.save({"state_dict": state}, tmp_path / "last.ckpt")
    load_weights(target, name, str(tmp_path / "last.ckpt"))
    torch.testing.assert_close(_last_feature(target), _last_feature(source), rtol=0, atol=0)


def test_a_model_of_ours_gives_its_backbone_whatever_its_architecture(tmp_path: Path) -> None:
    earlier = ContextTracker("mobilenetv3_small_050", 3, SIZE, width=8)
    save_file(earlier.state_dict(), tmp_path / "weights.safetensors")
    later = HeatmapTracker("mobilenetv3_small_050", 5, SIZE, width=16)
    load_weights(later.backbone, "mobilenetv3_small_050", str(tmp_path))
    pairs = zip(earlier.backbone.state_dict().values(), later.backbone.state_dict().values(), strict=True)
    assert all(torch.equal(one, other) for one, other in pairs)


def test_a_file_that_could_run_a_program_is_refused_and_says_what_to_do(tmp_path: Path) -> None:
    file = tmp_path / "last.ckpt"
    torch.save({"state_dict": {"a": torch.zeros(1)}, "hyper_parameters": argparse.Namespace(seed=0)}, file)
    with pytest.raises(PoseError, match="save its weights alone") as refused:
        load_weights(build_backbone("resnet10t", SIZE), "resnet10t", str(file))
    assert refused.value.code == "weights.unsafe"


@pytest.mark.parametrize("content", [b"", b"hello, this is no network" * 9])
def test_a_file_that_is_no_network_is_refused(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "weights.pt").write_bytes(content)
    with pytest.raises(PoseError, match="not a file of weights") as refused:
        load_weights(build_backbone("resnet10t", SIZE), "resnet10t", str(tmp_path / "weights.pt"))
    assert refused.value.code == "weights.mismatch"


def test_tensorflows_snapshots_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "snapshot-50000.data-00000-of-00001"
    file.write_bytes(b"x")
    with pytest.raises(PoseError, match="TensorFlow"):
        load_weights(build_backbone("resnet10t", SIZE), "resnet10t", str(file))


def test_transformers_that_cannot_be_translated_are_refused(tmp_path: Path) -> None:
    torch.save({"state_dict": {"backbone.vision_encoder.layer.0.norm1.weight": torch.zeros(1)}}, tmp_path / "last.ckpt")
    with pytest.raises(PoseError, match="only DINO, MAE and DINOv2"):
        load_weights(build_backbone("resnet10t", SIZE), "resnet10t", str(tmp_path / "last.ckpt"))


def test_another_networks_checkpoint_does_not_fit(tmp_path: Path) -> None:
    layers = nn.Sequential(*list(torchvision.models.resnet18(weights=None).children())[:-2])
    with pytest.raises(PoseError, match="do not fit") as refused:
        load_weights(build_backbone("resnet50", SIZE), "resnet50", _lightning(layers, tmp_path / "last.ckpt"))
    assert refused.value.code == "weights.mismatch"
