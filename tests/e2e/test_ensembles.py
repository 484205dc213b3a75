"""An ensemble by clicking: three networks trained together, their track smoothed, its band looked at."""

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
