"""Watching a prediction: the frame that is told is the frame that is shown, at every seek and while it plays."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

# Where the bright square of the drawn video begins, in image pixels, read from the canvas.
LEFT_EDGE = """() => {
    const canvas = document.querySelector('.stage-layer');
    const { width, height } = canvas;
    const zoom = Math.min((width - 24) / 96, (height - 24) / 64);
    const row = Math.round((height - 64 * zoom) / 2 + 28 * zoom);
    const pixels = canvas.getContext('2d').getImageData(0, row, width, 1).data;
    for (let x = 0; x < width; x++) {
        if (pixels[4 * x] > 130) return (x - (width - 96 * zoom) / 2) / zoom;
    }
    return -1;
}"""


@pytest.fixture
def viewer(page: Page, api: Any, console: Any) -> Page:
    """The viewer on a prediction of the drawn video by a network that hardly learnt anything."""
    console.expected.append("willReadFrequently")  # the test reads the canvas, the page never does
    project = api.project()
    frames = api.frames(project)
    api.label(project, frames)
    spec = {"weights": "none", "image_height": 64, "image_width": 64, "epochs": 2}
    made = api.post(f"/projects/{project}/models", {"preset": "fast", "spec": spec})["model"]["id"]
    ready = lambda noun, id_: [one for one in [api.get(f"/projects/{project}/{noun}/{id_}")] if one["state"] == "ready"]  # noqa: E731
    api.wait(lambda: ready("models", made), seconds=150)
    body = {"model_id": made, "video_ids": [frames[0]["video"]["id"]]}
    prediction = api.post(f"/projects/{project}/predictions", body)["predictions"][0]["id"]
    api.wait(lambda: ready("predictions", prediction), seconds=150)
    page.goto(f"/projects/{project}/view/{prediction}")
    expect(page.get_by_test_id("clock")).to_contain_text("of 30", timeout=90_000)
    return page


@pytest.mark.slow
def test_the_viewer_shows_exactly_the_frame_it_names(viewer: Page) -> None:
    number = viewer.get_by_label("Frame number")
    for frame in (0, 17, 3, 29, 12, 11):
        number.fill(str(frame))
        expect(number).to_have_value(str(frame))
        viewer.wait_for_function(f"() => Math.abs(({LEFT_EDGE})() - {frame * 2 % 80}) < 0.9")
    number.blur()
    for key, frame in ((".", 12), (".", 13), (",", 12), ("Shift+ArrowRight", 22)):
        viewer.keyboard.press(key)
        expect(number).to_have_value(str(frame))
        viewer.wait_for_function(f"() => Math.abs(({LEFT_EDGE})() - {frame * 2 % 80}) < 0.9")
    viewer.keyboard.press("Home")
    viewer.keyboard.press(" ")
    expect(viewer.get_by_role("button", name="Pause (Space)")).to_be_visible()
    expect(number).to_have_value("29")
    expect(viewer.get_by_label("Likelihood of each keypoint").get_by_text("left paw")).to_be_visible()
    viewer.get_by_role("button", name="Draw for frame 29").click()
    expect(viewer.get_by_role("button", name="Hide")).to_be_visible(timeout=90_000)
    viewer.get_by_role("button", name="Hide").click()
    expect(viewer.get_by_role("button", name="Hide")).to_be_hidden()
