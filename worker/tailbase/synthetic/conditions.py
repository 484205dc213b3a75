"""Recordings unlike the labelled ones, for measuring how a network fares there.

The numbers were fixed before any network, loss or weight was tuned on these scenes, and stay: figures of different
versions of Tailbase compare only while they do.
"""

from dataclasses import dataclass, field, replace
from typing import Any

from tailbase.synthetic.effects import NO_EFFECTS, Effects
from tailbase.synthetic.scene import Scene, training_scene

_SEEDS_A_CONDITION = 1_000_003


@dataclass(frozen=True)
class Condition:
    """How recordings differ from `training_scene`.

    Attributes:
        name: in reports.
        scene: fields of Scene that have other values.
        effects: what else is to be seen.
    """

    name: str
    scene: dict[str, Any] = field(default_factory=dict)
    effects: Effects = NO_EFFECTS


IN_DISTRIBUTION = Condition("labelled rig")

CONDITIONS = (
    Condition("light", {"light": 0.55, "light_angle": 40.0, "noise": 5.0}),
    Condition("background", {"floor": (0.58, 0.52, 0.42)}, Effects(litter=0.07)),
    Condition("camera", {"shift": (16, -11), "body_scale": 1.32}),
    Condition("blur", {"light": 0.9, "noise": 1.0}, Effects(blur=2.2)),
    Condition("occlusion", {}, Effects(bars=9, bar_width=9)),
    Condition("distractors", {"fur": (0.42, 0.37, 0.33)}, Effects(toys=3)),
)


def scene_of(condition: Condition, seed: int) -> Scene:
    """One recording under a condition; seeds of different conditions give different walks and textures."""
    number = (IN_DISTRIBUTION, *CONDITIONS).index(condition)
    return replace(training_scene(seed + number * _SEEDS_A_CONDITION), **condition.scene)
