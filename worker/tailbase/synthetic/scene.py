"""What a drawn recording looks like: the light, the floor, where the camera stands, the animal's size and colour."""

from dataclasses import dataclass

Colour = tuple[float, float, float]

WIDTH = 320
HEIGHT = 264
ARENA_BOTTOM = 190
"""Rows above this one show the arena from above; a mirror below it shows the animal from the side."""
FLOOR_ROW = 252
"""The row of the mirror where the floor begins."""


@dataclass(frozen=True)
class Scene:
    """One recording; an unseen scene is another value of this class.

    Attributes:
        seed: decides the walk, the textures and the noise.
        floor: red, green, blue of the arena's floor, 0 to 1.
        fur: colour of the body.
        light: brightness of the lamps; 1 is normal.
        light_angle: degrees; where the light comes from, 0 from the right, 90 from below.
        shift: pixels by which the camera stands aside, x and y.
        body_scale: size of the animal; 1.1 is about 88 pixels from nose to tail base.
        speed: mean pixels a second.
        noise: standard deviation of the camera's noise in grey levels.
    """

    seed: int = 0
    floor: Colour = (0.80, 0.79, 0.74)
    fur: Colour = (0.33, 0.29, 0.27)
    light: float = 1.0
    light_angle: float = 235.0
    shift: tuple[int, int] = (0, 0)
    body_scale: float = 1.1
    speed: float = 100.0
    noise: float = 2.5


def training_scene(seed: int = 0) -> Scene:
    """The scene that the labelled frames of the sample project come from."""
    return Scene(seed=seed)


def unseen_scene(seed: int = 0) -> Scene:
    """Another day in the same rig: other walk and textures, other light and floor, a browner animal, a moved camera."""
    return Scene(
        seed=seed + 1_000_003,
        floor=(0.76, 0.77, 0.75),
        fur=(0.37, 0.30, 0.25),
        light=0.96,
        light_angle=262.0,
        shift=(2, -1),
        body_scale=1.12,
        noise=3.0,
    )
