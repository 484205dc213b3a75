"""Every backbone we name builds, learns, comes back, and takes timm's weights."""

from pathlib import Path
from typing import Any

import pytest
import timm
import torch
from safetensors.torch import save_file
from torch.nn.functional import interpolate

from tailbase.networks.backbones import build_backbone, feature_layout, load_weights
from tailbase.networks.starting_weights import fitted

RESNETS = ("resnet18", "resnet34", "resnet50", "resnet50_gn", "resnet101", "resnet152")
EFFICIENT = ("efficientnet_b0", "efficientnet_b1", "efficientnet_b2")
MOBILE = ("mobilenetv2_100", "mobilenetv3_small_100", "mobilenetv3_large_100")
CONVNEXTS = ("convnext_atto", "convnext_tiny", "convnext_tiny.dinov3_lvd1689m")
HRNETS = ("hrnet_w18", "hrnet_w32")
TRANSFORMERS = (
    "vit_small_patch16_224.dino", "vit_base_patch16_224.dino",
    "vit_small_patch14_dinov2", "vit_base_patch14_dinov2", "vit_small_patch14_reg4_dinov2",
    "vit_small_patch16_dinov3", "vit_base_patch16_dinov3",
    "vit_base_patch16_224.mae",
)  # fmt: skip
SEGMENTERS = ("samvit_base_patch16", "sam2_hiera_tiny")
BACKBONES = (*RESNETS, *EFFICIENT, *MOBILE, *CONVNEXTS, *HRNETS, *TRANSFORMERS, *SEGMENTERS)
SIZE = (64, 64)


@pytest.fixture(autouse=True)
def _one_thread() -> None:
    torch.set_num_threads(1)
    torch.manual_seed(0)


@pytest.mark.parametrize("name", BACKBONES)
def test_a_backbone_gives_maps_learns_reloads_and_takes_timms_weights(name: str) -> None:
    backbone = build_backbone(name, SIZE)
    channels, strides = feature_layout(backbone)
    features = backbone(torch.rand(2, 3, *SIZE))
    assert [f.shape for f in features] == [(2, c, 64 // s, 64 // s) for c, s in zip(channels, strides, strict=True)]
    torch.autograd.backward(sum(feature.square().mean() for feature in features))
    assert [key for key, p in backbone.named_parameters() if p.grad is None or not p.grad.isfinite().all()] == []
    with torch.device("meta"):
        again = build_backbone(name, SIZE)
        whole = timm.create_model(name, pretrained=False, **_sizes(name)).state_dict()
    again.load_state_dict(backbone.state_dict(), assign=True)
    own = {key: value.shape for key, value in backbone.state_dict().items()}
    assert {key: value.shape for key, value in fitted(whole, backbone).items()} == own


def _sizes(name: str) -> dict[str, Any]:
    return {"img_size": SIZE, "patch_size": 16} if name.startswith("vit_") else {}


@pytest.mark.parametrize("name", TRANSFORMERS)
def test_a_transformer_has_one_cell_for_sixteen_pixels(name: str) -> None:
    with torch.device("meta"):
        assert feature_layout(build_backbone(name, (64, 96)))[1] == [16]


def test_weights_for_patches_of_fourteen_pixels_keep_what_they_say() -> None:
    """Resampled patches answer to an enlarged image as the original ones to the image itself."""
    whole = timm.create_model("vit_tiny_patch16_224", patch_size=14, img_size=70, pretrained=False)
    backbone = build_backbone("vit_tiny_patch16_224", (80, 80))
    backbone.load_state_dict(fitted(whole.state_dict(), backbone))
    smooth = interpolate(torch.rand(1, 3, 4, 4), size=(70, 70), mode="bicubic")
    larger = interpolate(smooth, size=(80, 80), mode="bicubic", antialias=True)
    with torch.no_grad():
        wanted, given = whole.patch_embed(smooth), backbone.model.patch_embed(larger)
    assert (wanted - given).norm() < 0.05 * wanted.norm()
    torch.testing.assert_close(backbone.model.pos_embed, whole.pos_embed)


def test_positions_are_resampled_to_another_size() -> None:
    whole = timm.create_model("vit_tiny_patch16_224", pretrained=False)
    backbone = build_backbone("vit_tiny_patch16_224", (64, 96))
    state = fitted(whole.state_dict(), backbone)
    assert state["model.pos_embed"].shape == (1, 1 + 4 * 6, 192)
    torch.testing.assert_close(state["model.pos_embed"][:, 0], whole.pos_embed[:, 0])


def test_a_convnext_takes_a_file_of_timms_whole_network(tmp_path: Path) -> None:
    whole = timm.create_model("convnext_atto", pretrained=False)
    save_file(whole.state_dict(), tmp_path / "convnext.safetensors")
    backbone = build_backbone("convnext_atto", SIZE)
    load_weights(backbone, "convnext_atto", str(tmp_path / "convnext.safetensors"))
    assert torch.equal(backbone.state_dict()["stem_0.weight"], whole.state_dict()["stem.0.weight"])
