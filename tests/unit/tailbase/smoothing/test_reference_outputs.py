"""The smoothers against outputs of the ensemble-kalman-smoother package on real ensembles."""

import csv
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from tailbase.progress import JsonReporter
from tailbase.smoothing.ensemble import ensemble_statistics
from tailbase.smoothing.files import common_names, open_member, read_together
from tailbase.smoothing.kalman import observe as observe_states
from tailbase.smoothing.kalman import states_nll
from tailbase.smoothing.methods import smooth_files
from tailbase.smoothing.multiview import _model, _stack, fit_subspace
from tailbase.smoothing.options import Options, Outcome
from tailbase.smoothing.single import _observations, _variance_of_seen
from tailbase.smoothing.tables import COLUMNS
from tailbase.smoothing.walk import observe, walks_nll

Floats = NDArray[np.float64]

MIRRORED_CLI = (76.76, 71.68, 69.66, 75.04)
MULTICAM_CLI = (125.07, 66.21, 54.49, 80.90)
SINGLE_CLI = (44.47, 28.05, 20.58, 31.06, 15.00, 13.10, 15.12, 17.85)
TOLERANCE = {
    "x": 1e-3, "y": 1e-3, "x_ens_median": 1e-4, "y_ens_median": 1e-4, "likelihood": 1e-6,
    "x_ens_var": 1e-6, "y_ens_var": 1e-6, "x_posterior_var": 1e-3, "y_posterior_var": 1e-3,
}  # fmt: skip
"""px for positions; relative for variances. Upstream computes in 32 bits."""


def _expected(path: Path) -> dict[tuple[str, str], Floats]:
    with path.open(newline="") as file:
        rows = list(csv.reader(file))
    values = np.array([[float(cell) for cell in row] for row in rows[3:]])
    return {key: values[:, i] for i, key in enumerate(zip(rows[1], rows[2], strict=True)) if i}


def _smooth(files: Sequence[Path], **options: object) -> Outcome:
    return smooth_files(sorted(files), Options(**options), JsonReporter())  # type: ignore[arg-type]


def _assert_same(outcome: Outcome, table: str, expected: Path) -> None:
    found = outcome.tables[table]
    wanted = _expected(expected)
    assert {name for name, _ in wanted} == set(found.names)
    for (name, column), values in wanted.items():
        ours = np.asarray(found.values[found.names.index(name), COLUMNS.index(column)], np.float64)
        relative = np.maximum(np.abs(values), 1.0) if "var" in column else 1.0
        assert np.max(np.abs(ours - values) / relative) <= TOLERANCE[column], (name, column)


def test_one_camera_with_a_fixed_parameter(shared: Path) -> None:
    outcome = _smooth([*(shared / "datasets/eks-ensembles/mirror-mouse").glob("*.csv")], smoothing=(10.0,))
    _assert_same(outcome, "smoothed", shared / "vectors/eks/singlecam_mirror-mouse__s10/eks_singlecam.csv")


@pytest.mark.parametrize(
    ("case", "options"),
    [
        ("s10", {"smoothing": (10.0,)}),
        ("cli", {"smoothing": MIRRORED_CLI, "quantile": 95.0, "inflate": True}),
    ],
)
def test_mirrored_views(shared: Path, case: str, options: dict[str, object]) -> None:
    files = [*(shared / "datasets/eks-ensembles/mirror-mouse").glob("*.csv")]
    outcome = _smooth(files, method="mirrored", views=("top", "bot"), **options)
    _assert_same(outcome, "smoothed", shared / f"vectors/eks/mirrored_mirror-mouse__{case}/eks_mirrored_multicam.csv")


@pytest.mark.parametrize(
    ("case", "options"),
    [
        ("s10", {"smoothing": (10.0,)}),
        ("cli", {"smoothing": MULTICAM_CLI, "quantile": 95.0, "inflate": True}),
    ],
)
def test_separate_cameras(shared: Path, case: str, options: dict[str, object]) -> None:
    files = [*(shared / "datasets/eks-ensembles/mirror-mouse-separate").glob("*.csv")]
    outcome = _smooth(files, method="multiview", views=("top", "bot"), **options)
    for view in ("top", "bot"):
        expected = shared / f"vectors/eks/multicam_mirror-mouse-separate__{case}/multicam_{view}_results.csv"
        _assert_same(outcome, view, expected)


def test_calibrated_cameras(shared: Path) -> None:
    folder = shared / "datasets/eks-ensembles/fly"
    outcome = _smooth(
        [*folder.glob("*.csv")], method="calibrated", calibration=folder / "calibration.toml",
        keypoints=("L1A", "L1B"), smoothing=(10.0,),
    )  # fmt: skip
    at = {name: table.values[0, :3, 250] for name, table in outcome.tables.items()}
    np.testing.assert_allclose(at["Cam-A"][:2], [192.9740, 160.9268], atol=1e-3)
    np.testing.assert_allclose(at["Cam-B"][:2], [207.1344, 117.3553], atol=1e-3)
    np.testing.assert_allclose(at["Cam-C"][:2], [374.9016, 210.4929], atol=1e-3)
    np.testing.assert_allclose(at["points3d"], [-1.830580, -0.387388, 3.441612], atol=1e-5)


def test_pupil(shared: Path) -> None:
    files = [*(shared / "datasets/eks-ensembles/ibl-pupil").glob("*.csv")]
    outcome = _smooth(files, method="pupil", smoothing=(0.99, 0.99))
    table = outcome.tables["smoothed"]
    top = table.names.index("pupil_top_r")
    np.testing.assert_allclose(table.values[top, :2, 0], [54.85487, 40.96302], atol=1e-4)
    means = table.values[:, :2].mean(axis=2)
    assert abs(means[table.names.index("pupil_bottom_r")] - [52.2, 58.9]).max() < 1.0


def test_paws_of_two_cameras_without_a_common_clock(shared: Path) -> None:
    folder = shared / "datasets/eks-ensembles/ibl-paw"
    times = tuple(next(folder.glob(f"*timestamps.{side}.npy")) for side in ("left", "right"))
    outcome = _smooth([*folder.glob("*.csv")], method="paw", times=times, width=128.0, quantile=95.0, smoothing=(10.0,))
    left = outcome.tables["left"]
    found = left.values[left.names.index("paw_l")][[0, 1, 7, 8], 0]
    np.testing.assert_allclose(found, [37.448, 71.2439, 0.3688, 0.1718], atol=1e-3)


def test_the_parameter_of_one_camera_is_at_least_as_likely_as_upstreams(shared: Path) -> None:
    files = sorted((shared / "datasets/eks-ensembles/mirror-mouse").glob("*.csv"))
    ours = _smooth(files)
    members = [open_member(path) for path in files]
    names = common_names(members)
    y, r, _ = _observations(ensemble_statistics(read_together(members, names)))
    walks = observe(y, r, _variance_of_seen(y, r))
    chosen = np.array([[ours.parameters[name] for name in names], SINGLE_CLI]).T
    nll = walks_nll(walks, np.repeat(chosen, 2, axis=0)).reshape(-1, 2, 2).sum(axis=1)
    assert np.all(nll[:, 0] <= nll[:, 1] + 1e-3)


@pytest.mark.parametrize(
    ("folder", "method", "theirs"),
    [("mirror-mouse", "mirrored", MIRRORED_CLI), ("mirror-mouse-separate", "multiview", MULTICAM_CLI)],
)
def test_the_parameter_of_several_views_is_at_least_as_likely_as_upstreams(
    shared: Path, folder: str, method: str, theirs: tuple[float, ...]
) -> None:
    files = sorted((shared / "datasets/eks-ensembles" / folder).glob("*.csv"))
    ours = _smooth(files, method=method, views=("top", "bot"), quantile=95.0)
    views = []
    for view in ("top", "bot"):
        own = [path for path in files if method == "mirrored" or f".{view}." in path.name]
        members = [open_member(path) for path in own]
        names = [name for name in common_names(members) if method != "mirrored" or name.endswith(view)]
        views.append(ensemble_statistics(read_together(members, names)))
    y, r = _stack(views)
    space = fit_subspace(y, r, 95.0, 3)
    chosen = np.array([list(ours.parameters.values()), theirs]).T
    nll = states_nll(observe_states(space.directions, y - space.offset, r), _model(space, chosen))
    assert np.all(nll[:, 0] <= nll[:, 1] + 1e-3)
