"""An ensemble by clicking: three networks trained together, their track smoothed, its band looked at."""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect


@pytest.mark.slow
@pytest.mark.timeout(500)
def test_three_seeds_become_one_track_with_a_band(page: Page, api: Any) -> None:
    project = api.project()
    api.label(project, api.frames(project))
    page.goto(f"/projects/{project}/models")
    page.get_by_role("link", name="Train an ensemble").click()
    page.get_by_label("Networks").fill("3")
    page.get_by_role("button", name="Advanced: training").click()
    for label, value in (("Epochs", 2), ("Image height (px)", 64), ("Image width (px)", 64)):
        page.get_by_label(label, exact=True).fill(str(value))
    page.get_by_role("button", name="Train 3 networks").click()

    expect(page.get_by_role("heading", name="Ensemble 1")).to_be_visible()
    expect(page.get_by_role("list", name="Parts").get_by_role("listitem")).to_have_count(4)
    # Six children load torch one after the other: half a minute alone, minutes beside other tests.
    page.get_by_role("link", name="View 2026-05-01_mouse1.mp4").click(timeout=280_000)

    expect(page.get_by_test_id("clock")).to_contain_text("of 30", timeout=60_000)
    expect(page.get_by_test_id("trace")).to_have_attribute("data-band", "true")
    members = page.get_by_label("Compare with")
    for number in (1, 2, 3):
        expect(members.get_by_label(f"Ensemble 1 #{number}")).to_be_checked()
    expect(page.get_by_label("Likelihood of each keypoint").get_by_text("±").first).to_be_visible()
    page.get_by_role("combobox", name="Keypoint").click()
    page.get_by_role("option", name="right paw").click()
    expect(page.get_by_role("img", name="x of right paw")).to_be_visible()
    members.get_by_label("Ensemble 1 #2").uncheck()
    page.get_by_test_id("trace").click(position={"x": 200, "y": 60})
    expect(page.get_by_label("Frame number")).not_to_have_value("0")


def write_poses(path: Path, shift: float, keypoints: tuple[str, ...]) -> None:
    """What another program could have found in the video of 30 frames."""
    header = [["scorer"], ["bodyparts"], ["coords"]]
    for name in keypoints:
        for row, word in zip(header, (["net"] * 3, [name] * 3, ["x", "y", "likelihood"]), strict=True):
            row += word
    lines = [",".join(row) for row in header]
    for t in range(30):
        points = [
            f"{(t * 2) % 80 + 5 * k + 3 + shift * (t % 5):.2f},{27 + k + shift},0.9" for k in range(len(keypoints))
        ]
        lines.append(",".join([str(t), *points]))
    path.write_text("\n".join(lines) + "\n")


def imported(api: Any, project: str, running: Any) -> None:
    """Two models made elsewhere; the second has no right paw. Labels are three pixels away from both."""
    video = api.frames(project)[0]["video"]["id"]
    api.label(project, api.get(f"/projects/{project}/frames?limit=100")["items"])
    for name, shift, count in (("A", 0.1, 3), ("B", -0.1, 2)):
        write_poses(running.videos / f"{name}.csv", shift, ("nose", "left paw", "right paw")[:count])
        file = {"video_id": video, "root": "videos", "path": f"{name}.csv"}
        api.post(f"/projects/{project}/predictions/import", {"name": name, "files": [file]})
    api.wait(lambda: found if len(found := api.get(f"/projects/{project}/models")["items"]) == 2 else [])


@pytest.mark.slow
def test_models_made_elsewhere_are_combined_judged_by_labels_and_smoothed_another_way(
    page: Page, api: Any, running: Any
) -> None:
    project = api.project()
    imported(api, project, running)
    page.goto(f"/projects/{project}/ensembles")
    page.get_by_role("button", name="Combine models").click()
    for name in "AB":
        page.get_by_label(f"{name} · made elsewhere").check()
    page.get_by_role("button", name="Combine 2").click()
    expect(page.get_by_text("Has no right paw: there the other members are used.")).to_be_visible()

    page.get_by_role("button", name="Run on videos").click()
    page.get_by_label("2026-05-01_mouse1.mp4").check()
    page.get_by_role("button", name="Run", exact=True).click()
    seen = page.get_by_role("link", name="View 2026-05-01_mouse1.mp4")
    expect(seen).to_be_visible(timeout=60_000)
    bands = page.get_by_text("Bands recalibrated: those of nose, left paw")
    expect(bands).to_be_visible()

    page.get_by_role("button", name="More").click()
    page.get_by_role("menuitem", name="Change smoothing").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("radio", name="Plain median").click()
    dialog.get_by_label("Run 1 video again").uncheck()
    dialog.get_by_role("button", name="Save").click()
    page.get_by_role("button", name="Run again").click()
    expect(bands).to_be_hidden(timeout=60_000)
    expect(seen).to_be_visible(timeout=60_000)
    expect(page.get_by_text("smoothed with earlier settings")).to_be_hidden()
    expect(page.get_by_text("Plain median")).to_be_visible()
