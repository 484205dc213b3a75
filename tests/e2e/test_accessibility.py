"""Every page can be used with assistive technology: axe finds nothing serious, in light and in dark."""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

AXE = Path(__file__).resolve().parents[2] / "frontend/node_modules/axe-core/axe.min.js"
PAGES = (
    "/", "/account", "/projects/{project}/videos", "/projects/{project}/frames", "/projects/{project}/models",
    "/projects/{project}/predictions", "/projects/{project}/ensembles", "/projects/{project}/diagnostics",
    "/projects/{project}/labelling",
    "/projects/{project}/jobs", "/projects/{project}/settings/general", "/projects/{project}/settings/skeleton",
    "/projects/{project}/settings/members",
    "/projects/{project}/label?frame={frame}",
)  # fmt: skip
RUN = """async () => {
    const { violations } = await axe.run({ resultTypes: ['violations'] });
    return violations.filter((v) => ['serious', 'critical'].includes(v.impact))
        .map((v) => v.id + ': ' + v.nodes.slice(0, 5).map((n) => n.html.slice(0, 200)).join(' | '));
}"""


@pytest.mark.slow
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious_on_any_page(scheme: str, page: Page, api: Any) -> None:
    if not AXE.is_file():
        pytest.skip("axe-core is not installed here (npm ci in frontend/ installs it)")
    page.emulate_media(color_scheme="light" if scheme == "light" else "dark", reduced_motion="reduce")
    project = api.project()
    frames = api.frames(project, 3)
    api.label(project, frames[:1])
    found = {}
    for path in PAGES:
        page.goto(path.format(project=project, frame=frames[0]["id"]))
        page.wait_for_timeout(1500)  # nothing on a page tells that its lists, pictures and fonts are all there
        page.evaluate(AXE.read_text(encoding="utf-8"))
        if serious := page.evaluate(RUN):
            found[path] = serious
    assert found == {}, found
