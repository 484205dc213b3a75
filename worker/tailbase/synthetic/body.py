"""The animal's shape in a moment: spheres in space that are drawn in every view, and where its keypoints are.

Space: x and y as in the arena seen from above, z up from the floor, all in pixels.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tailbase.synthetic.motion import Vector, distance_at, foot_offset, walk_to
from tailbase.synthetic.scene import Scene

FUR, SKIN, EAR, NOSE, EYE, INK = range(6)
"""Materials of the spheres."""

PARTS = (
    "nose", "left_ear", "right_ear", "left_forepaw", "right_forepaw", "left_hindpaw", "right_hindpaw",
    "tail_base", "tail_mid",
)  # fmt: skip

DEPTHS = np.array([4.0, 7.5, 7.5, 4.5, 4.5, 4.5, 4.5, 8.5, 3.5])
"""How far the surface of each part reaches before its centre, in pixels of an animal of size 1."""

# Distance behind the neck, height and radius of the trunk.
_TRUNK = np.array(
    [(0, 13.0, 8.5), (10, 13.0, 10.5), (24, 14.0, 12.5), (40, 13.5, 13.5), (50, 11.5, 11.0), (58, 9.5, 6.5)]
)
_HEAD_LENGTH = 23.0
_TAIL_LENGTH = 66.0
_SHOULDER, _HIP = 10.0, 42.0
# A trot: legs that stand across from each other move together.
_FEET = {
    "left_forepaw": (_SHOULDER, -1, 0.0), "right_forepaw": (_SHOULDER, 1, 0.5),
    "left_hindpaw": (_HIP, -1, 0.55), "right_hindpaw": (_HIP, 1, 0.05),
}  # fmt: skip


_OnPath = Callable[[float, float, float], Vector]


@dataclass(frozen=True)
class Body:
    """The animal in one moment.

    Attributes:
        spheres: shape (sphere, 4), x, y, z and radius.
        materials: shape (sphere,), FUR, SKIN, EAR, NOSE, EYE or INK.
        parts: shape (part, 3), x, y, z in the order of PARTS.
    """

    spheres: Vector
    materials: NDArray[np.int64]
    parts: Vector


class _Clay:
    """Collects the spheres of a body."""

    def __init__(self) -> None:
        self.spheres: list[Vector] = []
        self.materials: list[int] = []

    def ball(self, centre: Vector, radius: float, material: int) -> None:
        self.spheres.append(np.append(centre, radius)[None])
        self.materials.append(material)

    def chain(self, joints: Vector, radii: Vector, material: int, gap: float) -> None:
        """Spheres along a line of joints, about `gap` pixels apart."""
        lengths = np.linalg.norm(np.diff(joints, axis=0), axis=1).cumsum()
        along = np.concatenate([[0], lengths])
        places = np.linspace(0, along[-1], max(2, int(along[-1] / gap) + 1))
        columns = [np.interp(places, along, values) for values in (*joints.T, radii)]
        self.spheres.append(np.stack(columns, axis=1))
        self.materials.extend([material] * len(places))


def body_at(scene: Scene, seconds: float) -> Body:
    """The animal `seconds` after the film began."""
    distance = distance_at(scene, seconds)
    walk = walk_to(scene, distance)
    clay = _Clay()
    parts: dict[str, Vector] = {}
    size = scene.body_scale

    def on_path(behind: float, aside: float, height: float) -> Vector:
        """A point `behind` the neck, `aside` to the right of the path."""
        place = distance - behind * size
        angle = walk.direction(place)
        return np.append(walk.at(place) + aside * size * np.array([-np.sin(angle), np.cos(angle)]), height * size)

    trunk = np.array([on_path(behind, 0, height) for behind, height, _ in _TRUNK])
    clay.chain(trunk, _TRUNK[:, 2] * size, FUR, 3.0)
    _add_head(clay, parts, trunk[0], walk.direction(distance), seconds, size)
    for name in _FEET:
        parts[name] = _add_leg(clay, name, on_path, distance / size, size)
    parts["tail_base"], parts["tail_mid"] = _add_tail(clay, on_path, seconds, size)
    return Body(np.concatenate(clay.spheres), np.array(clay.materials), np.stack([parts[name] for name in PARTS]))


def _add_head(clay: _Clay, parts: dict[str, Vector], neck: Vector, heading: float, seconds: float, size: float) -> None:
    """Looks about and sniffs: the head sways to the sides and nods."""
    angle = heading + 0.28 * np.sin(2.1 * seconds) + 0.12 * np.sin(5.3 * seconds + 1)
    ahead = np.array([np.cos(angle), np.sin(angle), 0.0]) * size
    right = np.array([-np.sin(angle), np.cos(angle), 0.0]) * size
    up = np.array([0.0, 0.0, size])
    nod = 2.2 * np.sin(3.7 * seconds)
    nose = neck + ahead * _HEAD_LENGTH + up * (nod - 3)
    joints = np.stack(
        [neck, neck + ahead * 9 + up * (1.5 + 0.4 * nod), neck + ahead * 16 + up * (0.7 * nod - 0.5), nose]
    )
    clay.chain(joints, np.array([8.5, 8.0, 5.8, 2.6]) * size, FUR, 1.8)
    clay.ball(nose + ahead * 1.2, 2.0 * size, NOSE)
    for side, name in ((-1, "left_ear"), (1, "right_ear")):
        ear = neck + ahead * 5.5 + right * side * 7.2 + up * (7 + 0.3 * nod)
        clay.ball(ear, 5.0 * size, EAR)
        clay.ball(ear + ahead * 1.5 + right * side * 0.7 + up * 1.4, 3.9 * size, SKIN)
        clay.ball(neck + ahead * 14.5 + right * side * 4.6 + up * (3.2 + 0.6 * nod), 1.7 * size, EYE)
        parts[name] = ear
    parts["nose"] = nose


def _add_leg(clay: _Clay, name: str, on_path: _OnPath, strides: float, size: float) -> Vector:
    """A leg with its paw; gives where the paw is."""
    behind, side, phase = _FEET[name]
    fore = behind == _SHOULDER
    ahead, lift = foot_offset(strides, phase)
    aside = side * (14.0 if fore else 16.5)
    hip = on_path(behind, side * 6.5, 9.0)
    paw = on_path(behind - ahead, aside, 2.6 + 5 * lift)
    toe = on_path(behind - ahead - (4.5 if fore else 6.5), aside, 2.2 + 5 * lift)
    clay.chain(np.stack([hip, paw]), np.array([5.0, 2.8]) * size, FUR, 2.5)
    # Inked paws, as in footprint tests: left and right can be told apart in the mirror.
    clay.chain(np.stack([paw, toe]), np.array([3.3, 2.6]) * size, INK if side > 0 else SKIN, 1.5)
    return np.asarray((paw + toe) / 2)


def _add_tail(clay: _Clay, on_path: _OnPath, seconds: float, size: float) -> tuple[Vector, Vector]:
    """A tail that trails along the path and swings; gives its base and its middle."""
    share = np.linspace(0, 1, 10)
    swing = 7 * share * np.sin(2.6 * seconds - 3 * share)
    height = 9.5 * (1 - share) ** 2 + 1.6
    joints = np.array(
        [on_path(_TRUNK[-1, 0] + _TAIL_LENGTH * u, s, z) for u, s, z in zip(share, swing, height, strict=True)]
    )
    clay.chain(joints, (2.9 - 1.9 * share) * size, SKIN, 1.6)
    return joints[0], (joints[4] + joints[5]) / 2
