"""The sample animal's skeleton: nine parts, each seen from above and, in the mirror, from the side."""

from tailbase.schema import Keypoint, Skeleton
from tailbase.synthetic.body import PARTS

VIEWS = ("top", "side")

# Hues that people with any kind of colour vision tell apart (Okabe and Ito); left and right differ in lightness too.
_COLOURS = {
    "nose": "#e69f00",
    "left_ear": "#56b4e9",
    "right_ear": "#0072b2",
    "left_forepaw": "#5ce0b4",
    "right_forepaw": "#009e73",
    "left_hindpaw": "#e9a3cb",
    "right_hindpaw": "#a8477f",
    "tail_base": "#d55e00",
    "tail_mid": "#f0e442",
}
_EDGES = (
    ("nose", "left_ear"), ("nose", "right_ear"), ("left_ear", "left_forepaw"), ("right_ear", "right_forepaw"),
    ("left_forepaw", "left_hindpaw"), ("right_forepaw", "right_hindpaw"), ("left_hindpaw", "tail_base"),
    ("right_hindpaw", "tail_base"), ("tail_base", "tail_mid"),
)  # fmt: skip
_OTHER_SIDE = {"left": "right", "right": "left"}


def sample_skeleton() -> Skeleton:
    """18 keypoints, `nose_top` to `tail_mid_side`."""
    return Skeleton(
        keypoints=tuple(_keypoint(part, view) for view in VIEWS for part in PARTS),
        edges=tuple((f"{a}_{view}", f"{b}_{view}") for view in VIEWS for a, b in _EDGES),
        views=VIEWS,
    )


def _keypoint(part: str, view: str) -> Keypoint:
    side, _, rest = part.partition("_")
    partner = f"{_OTHER_SIDE[side]}_{rest}_{view}" if side in _OTHER_SIDE else None
    colour = _COLOURS[part] if view == "top" else _darker(_COLOURS[part])
    return Keypoint(name=f"{part}_{view}", color=colour, partner=partner, part=part, view=view)


def _darker(colour: str) -> str:
    channels = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return "#" + "".join(f"{round(0.78 * value):02x}" for value in channels)
