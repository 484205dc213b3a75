"""Weights that others have trained, brought into the shape of a backbone made here."""

import re

from timm.layers import resample_abs_pos_embed, resample_patch_embed
from timm.models._features import FeatureGetterNet
from torch import Tensor, nn


def fitted(state: dict[str, Tensor], backbone: nn.Module) -> dict[str, Tensor]:
    """A timm network's weights under the names, and for a transformer in the sizes, of a backbone made from it."""
    named = {key: state[source] for key in backbone.state_dict() if (source := _source(key, state)) is not None}
    if isinstance(backbone, FeatureGetterNet):
        _resample(named, backbone.model)
    return named


def _source(key: str, state: dict[str, Tensor]) -> str | None:
    """timm's features name a stage `stages_0`, the whole network `stages.0`, and wrap a transformer as `model`."""
    plain = key.removeprefix("model.")
    candidates = (key, plain, re.sub(r"^([a-z]+)_(\d+)\.", r"\1.\2.", plain))
    return next((name for name in candidates if name in state), None)


def _resample(state: dict[str, Tensor], transformer: nn.Module) -> None:
    """Fit patches and their positions to other sizes (Beyer et al. 2023; Dosovitskiy et al. 2021)."""
    own = transformer.state_dict()
    patch, places = "model.patch_embed.proj.weight", "model.pos_embed"
    if patch in state and state[patch].shape[-2:] != own["patch_embed.proj.weight"].shape[-2:]:
        state[patch] = resample_patch_embed(state[patch], list(own["patch_embed.proj.weight"].shape[-2:]))
    if places in state and "pos_embed" in own and state[places].shape != own["pos_embed"].shape:
        grid = list(transformer.patch_embed.grid_size)
        prefix = own["pos_embed"].shape[1] - grid[0] * grid[1]
        state[places] = resample_abs_pos_embed(state[places], grid, num_prefix_tokens=prefix)
