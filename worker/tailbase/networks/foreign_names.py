"""Names that other programs give to a backbone's arrays, translated to timm's.

DeepLabCut 3 builds its backbones by timm and keeps them as `backbone.model`. Lightning Pose keeps torchvision's
networks as a numbered sequence of layers, and the transformers of Hugging Face as `backbone.vision_encoder`.
"""

import re
from collections.abc import Callable

import torch
from torch import Tensor

from tailbase.errors import PoseError

_HUGGING_FACE = "vision_encoder."
_SEQUENCE = {"0": "conv1", "1": "bn1", "4": "layer1", "5": "layer2", "6": "layer3", "7": "layer4"}

_STEM = {"0.0.0": "conv_stem", "0.0.1": "bn1"}
_FIRST_BLOCK = {
    "0.0": "conv_dw", "0.1": "bn1", "1.fc1": "se.conv_reduce", "1.fc2": "se.conv_expand",
    "2.0": "conv_pw", "2.1": "bn2",
}  # fmt: skip
_BLOCK = {
    "0.0": "conv_pw", "0.1": "bn1", "1.0": "conv_dw", "1.1": "bn2",
    "2.fc1": "se.conv_reduce", "2.fc2": "se.conv_expand", "3.0": "conv_pwl", "3.1": "bn3",
}  # fmt: skip

_LAYER = {
    "attention.output.dense": "attn.proj", "layernorm_before": "norm1", "layernorm_after": "norm2",
    "intermediate.dense": "mlp.fc1", "output.dense": "mlp.fc2",
    "norm1": "norm1", "norm2": "norm2", "mlp.fc1": "mlp.fc1", "mlp.fc2": "mlp.fc2",
    "layer_scale1.lambda1": "ls1.gamma", "layer_scale2.lambda1": "ls2.gamma",
}  # fmt: skip
_OUTSIDE = {
    "embeddings.cls_token": "cls_token", "embeddings.position_embeddings": "pos_embed",
    "embeddings.patch_embeddings.projection.weight": "patch_embed.proj.weight",
    "embeddings.patch_embeddings.projection.bias": "patch_embed.proj.bias",
    "layernorm.weight": "norm.weight", "layernorm.bias": "norm.bias",
}  # fmt: skip


def backbone(state: dict[str, Tensor], file: str) -> dict[str, Tensor]:
    """A backbone's arrays under timm's names, from those of a whole network.

    Args:
        file: its name, for messages.

    Errors:
        weights.mismatch: a transformer of a kind that is not translated.
    """
    own = {key.removeprefix("backbone."): value for key, value in state.items() if key.startswith("backbone.")}
    if not own:
        return state
    if any(key.startswith(_HUGGING_FACE) for key in own):
        return _transformer({key.removeprefix(_HUGGING_FACE): value for key, value in own.items()}, file)
    if "0.0.0.weight" in own:
        return _renamed(own, _efficientnet)
    if "0.weight" in own and "4.0.conv1.weight" in own:
        return _renamed(own, _resnet)
    return {key.removeprefix("model."): value for key, value in own.items()}


def _renamed(state: dict[str, Tensor], translate: Callable[[str], str | None]) -> dict[str, Tensor]:
    """What has a name in timm; the rest belongs to parts that give no features."""
    return {name: value for key, value in state.items() if (name := translate(key)) is not None}


def _resnet(key: str) -> str | None:
    """torchvision's ResNets have timm's names, but for the first, which the sequence numbers."""
    number, _, rest = key.partition(".")
    return f"{_SEQUENCE[number]}.{rest}" if number in _SEQUENCE else None


def _efficientnet(key: str) -> str | None:
    """torchvision numbers stages from the stem on, and within a block the steps."""
    layer, _, kind = key.rpartition(".")
    if layer in _STEM:
        return f"{_STEM[layer]}.{kind}"
    found = re.fullmatch(r"0\.([1-7])\.(\d+)\.block\.(.+)", layer)
    if found is None:
        return None
    stage, block, step = found.groups()
    steps = _FIRST_BLOCK if stage == "1" else _BLOCK
    return f"blocks.{int(stage) - 1}.{block}.{steps[step]}.{kind}"


def _transformer(state: dict[str, Tensor], file: str) -> dict[str, Tensor]:
    """Hugging Face's ViT (DINO, MAE) and DINOv2; its query, key and value are one array in timm."""
    if "embeddings.position_embeddings" not in state or "encoder.layer.0.attention.attention.query.weight" not in state:
        message = f"{file} holds a transformer that cannot be read; of Lightning Pose's only DINO, MAE and DINOv2 can."
        raise PoseError("weights.mismatch", message)
    named = {name: state[key] for key, name in _OUTSIDE.items() if key in state}
    for key, value in state.items():
        found = re.fullmatch(r"encoder\.layer\.(\d+)\.(.+?)(\.weight|\.bias)?", key)
        if found and found[2] in _LAYER:
            named[f"blocks.{found[1]}.{_LAYER[found[2]]}{found[3] or ''}"] = value
    for key in [key for key in state if ".attention.attention.query." in key]:
        parts = [state[key.replace(".query.", f".{part}.")] for part in ("query", "key", "value")]
        layer, kind = key.split(".")[2], key.rpartition(".")[2]
        named[f"blocks.{layer}.attn.qkv.{kind}"] = torch.cat(parts)
    return named
