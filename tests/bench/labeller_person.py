"""A person at the label page, at the pace of the keystroke-level model (Card, Moran and Newell 1980)."""

import time
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from playwright.sync_api import Page

KEY_S = 0.28
POINT_S = 1.1
CLICK_S = 0.1
THINK_S = 1.35
MARGIN = 12
STEPS = 12
CORRECTED_PX = 5.0


@dataclass
class Person:
    """Knows the image's true points, in its own pixels; counts what it does. `pace` 0 waits for nothing."""

    page: Page
    size: tuple[int, int]
    pace: float = 1.0
    presses: int = 0
    clicks: int = 0
    at: tuple[float, float] = field(default=(640.0, 400.0))

    def key(self, name: str) -> None:
        """Press a key."""
        time.sleep(KEY_S * self.pace)
        self.page.keyboard.press(name)
        self.presses += 1

    def think(self) -> None:
        """Look at the frame and judge it."""
        time.sleep(THINK_S * self.pace)

    def point(self, x: float, y: float) -> None:
        """Bring the pointer to a place in the image."""
        goal = self.on_screen(x, y)
        for step in range(1, STEPS + 1):
            share = step / STEPS
            place = tuple(a + (b - a) * share for a, b in zip(self.at, goal, strict=True))
            self.page.mouse.move(*place)
            time.sleep(POINT_S * self.pace / STEPS)
        self.at = goal

    def click(self, x: float, y: float) -> None:
        """Place the chosen keypoint."""
        self.point(x, y)
        self.page.mouse.down()
        time.sleep(CLICK_S * self.pace)
        self.page.mouse.up()
        self.clicks += 1

    def drag(self, start: NDArray[np.float64], end: NDArray[np.float64]) -> None:
        """Take hold of a point and let it go elsewhere."""
        self.point(*start)
        self.page.mouse.down()
        self.point(*end)
        self.page.mouse.up()
        self.clicks += 1

    def on_screen(self, x: float, y: float) -> tuple[float, float]:
        """Where an image point lies while the whole image is shown."""
        box = self.page.get_by_test_id("label-canvas").bounding_box()
        assert box is not None
        width, height = self.size
        zoom = min((box["width"] - 2 * MARGIN) / width, (box["height"] - 2 * MARGIN) / height)
        left, top = (box["width"] - width * zoom) / 2, (box["height"] - height * zoom) / 2
        return box["x"] + left + (x + 0.5) * zoom, box["y"] + top + (y + 0.5) * zoom

    def from_scratch(self, points: NDArray[np.float64]) -> None:
        """Every keypoint in turn; those that cannot be seen are called absent. Then the frame is done."""
        self.think()
        for x, y in points:
            if np.isnan(x):
                self.key("x")
            else:
                self.click(x, y)
        self.key("Enter")

    def accept(self, points: NDArray[np.float64], proposed: NDArray[np.float64]) -> None:
        """Correct what lies wrong, take over the rest, and answer for the points the network is not sure of."""
        self.think()
        away = np.hypot(*(points - proposed[:, :2]).T)
        for position in np.flatnonzero(away > CORRECTED_PX):
            self.drag(proposed[position, :2], points[position])
        self.key("Enter")
        doubtful = np.flatnonzero((proposed[:, 2] < 0.6) & ~(away > CORRECTED_PX))
        for position in doubtful:
            self.key("x" if np.isnan(points[position, 0]) else "Enter")
        if len(doubtful) and np.isnan(points[doubtful[-1], 0]):
            self.key("Enter")


def proposals(points: NDArray[np.float64], seed: int, wrong: float) -> NDArray[np.float64]:
    """What a network trained on some of the labels would propose: x, y, likelihood for every keypoint.

    Right points lie 1.5 px (standard deviation) from the person's; a share `wrong` lies 20 px off. Of an absent
    keypoint the network says something, and that it is not sure.
    """
    chance = np.random.default_rng(seed)
    noise = np.clip(chance.normal(0, 1.5, points.shape), -3, 3)
    off = chance.random(points.shape[:-1]) < wrong
    angle = chance.random(points.shape[:-1]) * 2 * np.pi
    noise[off] += 20 * np.stack([np.cos(angle[off]), np.sin(angle[off])], axis=-1)
    absent = np.isnan(points[..., 0])
    middle = np.nanmean(points, axis=-2, keepdims=True)
    placed = np.where(absent[..., None], middle + 10 * noise, points + noise)
    likelihood = np.where(absent, 0.1, 0.95)
    return np.concatenate([placed, likelihood[..., None]], axis=-1)
