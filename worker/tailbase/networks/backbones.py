"""Backbones: image networks of timm that give features at several strides, with random or pretrained weights."""

import hashlib
from pathlib import Path
from typing import Any

import timm
import torch
from timm.models._features import FeatureGetterNet
from torch import nn

from tailbase.errors import PoseError
from tailbase.networks import compact
from tailbase.networks.starting_weights import fitted, read_weights


def build_backbone(name: str, image_size: tuple[int, int]) -> nn.Module:
    """A timm network that gives its features, with random weights.

    Args:
        name: of a timm model that supports `features_only`, or `compact`, our own.
        image_size: height and width of its input, for networks that are built for one size.

    Errors:
        backbone.unknown: timm has no such model, or it gives no features.
    """
    if name == compact.NAME:
        return compact.Compact()
    if not timm.is_model(name):
        raise PoseError("backbone.unknown", f"There is no backbone named {name}. Common ones: {_common()}.")
    try:
        backbone = _build(name, image_size)
        usable = _gives_maps(backbone, image_size)
    except (AttributeError, AssertionError, NotImplementedError, RuntimeError, TypeError, ValueError):
        usable = False
    if not usable:
        message = f"{name} cannot be used as a backbone: it gives no feature maps. Common ones: {_common()}."
        raise PoseError("backbone.unknown", message)
    return backbone


def _build(name: str, image_size: tuple[int, int]) -> nn.Module:
    if name.startswith("vit_"):
        return _transformer(name, image_size)
    # HRNet's branches as its authors use them for poses, without the layers that classification adds.
    options: dict[str, Any] = {"feature_location": ""} if name.startswith("hrnet_") else {}
    backbone: nn.Module = timm.create_model(name, features_only=True, pretrained=False, **options)
    return backbone


def _transformer(name: str, image_size: tuple[int, int]) -> nn.Module:
    """Its last tokens, normalised, as one map without the class and register tokens.

    Patches of 14 pixels do not divide the input; they become patches of 16, whose weights `starting_weights` resamples.
    """
    patch: dict[str, Any] = {"patch_size": 16} if "_patch14_" in name else {}
    network = timm.create_model(name, pretrained=False, img_size=image_size, num_classes=0, **patch)
    return FeatureGetterNet(network, out_indices=1, norm=True)


def _gives_maps(backbone: nn.Module, image_size: tuple[int, int]) -> bool:
    """Whether the features have the promised channels and strides, fine to coarse, each stride a power of two."""
    height, width = image_size
    with torch.no_grad():
        features = backbone.eval()(torch.zeros(1, 3, height, width))
    backbone.train()
    channels, strides = feature_layout(backbone)
    shapes = [(1, c, height // s, width // s) for c, s in zip(channels, strides, strict=True)]
    doubling = strides == sorted(strides) and not any(stride & (stride - 1) for stride in strides)
    return doubling and [tuple(feature.shape) for feature in features] == shapes


def feature_layout(backbone: nn.Module) -> tuple[list[int], list[int]]:
    """Channels and strides of a backbone's features, fine to coarse."""
    if isinstance(backbone, compact.Compact):
        return backbone.channels, backbone.strides
    info: Any = backbone.feature_info
    return list(info.channels()), list(info.reduction())


def _common() -> str:
    return "resnet18, resnet50, mobilenetv2_100, efficientnet_b0, convnext_tiny"


def load_weights(backbone: nn.Module, name: str, weights: str, sha256: str | None = None) -> None:
    """Fill a backbone made by `build_backbone`.

    Args:
        weights: `none` leaves it random; `imagenet` downloads timm's weights once into the user's cache; otherwise a
            path as of `starting_weights.read_weights`: of timm, a model of ours, DeepLabCut 3 or Lightning Pose.
        sha256: what the file must have, if given.

    Errors:
        weights.unavailable: no such file, no download, or none exist for this backbone.
        weights.unsafe: opening the file could run a program.
        weights.mismatch: the file has another checksum or belongs to another network.
    """
    if weights == "none":
        return
    state = download_weights(name) if weights == "imagenet" else _local(Path(weights), sha256)
    state = fitted(state, backbone)
    wanted = backbone.state_dict()
    missing = [key for key, value in wanted.items() if key not in state or state[key].shape != value.shape]
    if missing:
        message = f"The weights do not fit {name}: {len(missing)} of {len(wanted)} arrays are missing or differ in size"
        raise PoseError("weights.mismatch", f"{message} (the first is {missing[0]}). Choose the file of this backbone.")
    backbone.load_state_dict({key: state[key] for key in wanted})


def download_weights(name: str) -> dict[str, torch.Tensor]:
    """timm's weights of a network, from the user's cache or the internet; raises `weights.unavailable`."""
    if name == compact.NAME or not timm.is_model_pretrained(name):
        message = f'There are no pretrained weights for {name}. Choose another backbone, or set the weights to "none".'
        raise PoseError("weights.unavailable", message)
    try:
        return dict(timm.create_model(name, pretrained=True).state_dict())
    except Exception as error:  # the hub's client raises many unrelated classes when it cannot reach its server
        message = (
            f"The pretrained weights of {name} are not in the cache and could not be downloaded ({error}). Connect "
            "this machine to the internet once, give the path of a local safetensors file, or set the weights to "
            '"none".'
        )
        raise PoseError("weights.unavailable", message) from error


def _local(path: Path, sha256: str | None) -> dict[str, torch.Tensor]:
    if sha256 is not None and path.is_file() and _sha256(path) != sha256:
        message = f"The weights file {path.name} is not the expected one: its SHA-256 differs. Fetch it again."
        raise PoseError("weights.mismatch", message)
    return read_weights(path)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
