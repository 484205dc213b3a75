"""`tailbase smooth` from files to files."""

import csv
import json
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from PIL import Image

from tailbase.cli import main
from tailbase.smoothing.calibration import read_calibration
from tailbase.smoothing.cameras import project

COLUMNS = ["x", "y", "likelihood", "x_ens_median", "y_ens_median", "x_ens_var", "y_ens_var"]
COLUMNS += ["x_posterior_var", "y_posterior_var"]
FRAMES = 60
CALIBRATION = "".join(
    f"""
[cam_{n}]
name = "{name}"
matrix = [[800.0, 0.0, 320.0], [0.0, 800.0, 240.0], [0.0, 0.0, 1.0]]
distortions = [-0.1, 0.0, 0.0, 0.0, 0.0]
rotation = [0.1, {angle}, 0.0]
translation = [0.0, 0.0, 60.0]
"""
    for n, (name, angle) in enumerate([("left", -0.7), ("front", 0.0), ("right", 0.8)])
)


def _csv(path: Path, names: list[str], points: np.ndarray, first: int = 0) -> Path:
    """Predictions of points with shape (frame, keypoint, 2), NaN as empty cells."""
    rows = [["scorer", *["net"] * 3 * len(names)], ["bodyparts", *(n for n in names for _ in range(3))]]
    rows += [["coords", *["x", "y", "likelihood"] * len(names)]]
    for frame, row in enumerate(points):
        cells = [c for x, y in row for c in (("", "", "0") if np.isnan(x) else (f"{x}", f"{y}", "0.9"))]
        rows.append([str(frame + first), *cells])
    with path.open("w", newline="") as file:
        csv.writer(file).writerows(rows)
    return path


def _truth(keypoints: int, seed: int = 0) -> np.ndarray:
    return np.cumsum(np.random.default_rng(seed).normal(0, 1.5, (FRAMES, keypoints, 2)), axis=0) + 100


def _ensemble(folder: Path, names: list[str], truth: np.ndarray, label: str = "", members: int = 3) -> list[str]:
    rng = np.random.default_rng(7)
    noisy = [truth + rng.normal(0, 1, truth.shape) for _ in range(members)]
    return [str(_csv(folder / f"net{m}{label}.csv", names, points)) for m, points in enumerate(noisy)]


def _read(path: Path) -> tuple[list[list[str]], dict[tuple[str, str], np.ndarray]]:
    with path.open(newline="") as file:
        rows = list(csv.reader(file))
    values = np.array([[float(cell) if cell else np.nan for cell in row] for row in rows[3:]])
    return rows[:3], {key: values[:, i] for i, key in enumerate(zip(rows[1], rows[2], strict=True)) if i}


def _result(capsys: pytest.CaptureFixture[str]) -> dict[str, object]:
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    return dict(next(line["values"] for line in lines if line["event"] == "result"))


def test_an_ensemble_becomes_one_track_as_csv_and_parquet(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    truth = _truth(2)
    files = _ensemble(tmp_path, ["nose", "tail"], truth)
    assert main(["smooth", *files, "--out", str(tmp_path / "out"), "--plot", "--blocks", "--json"]) == 0
    header, values = _read(tmp_path / "out/smoothed.csv")
    assert header[0][1] == "ensemble-kalman_tracker"
    assert header[2][1:10] == COLUMNS
    error = np.hypot(values["nose", "x"] - truth[:, 0, 0], values["nose", "y"] - truth[:, 0, 1]).mean()
    raw = np.hypot(values["nose", "x_ens_median"] - truth[:, 0, 0], values["nose", "y_ens_median"] - truth[:, 0, 1])
    assert error < raw.mean()
    twin = pq.read_table(tmp_path / "out/smoothed.parquet")
    np.testing.assert_allclose(
        twin["animal/tail/x_posterior_var"].to_numpy(), values["tail", "x_posterior_var"], rtol=1e-5
    )
    block = np.fromfile(tmp_path / "out/smoothed.f32", "<f4").reshape(FRAMES, 2, 3)
    np.testing.assert_allclose(block[:, 1, 0], values["tail", "x"], rtol=1e-5)
    assert np.fromfile(tmp_path / "out/smoothed.variance.f32", "<f4").size == FRAMES * 2 * 2
    with Image.open(tmp_path / "out/smoothed.png") as picture:
        assert picture.size[0] == 1200
    assert (tmp_path / "out/likelihood.csv").read_text().startswith("keypoint,parameter,negative_log_likelihood\nnose,")
    result = _result(capsys)
    assert set(result["parameters"]) == {"nose", "tail"}  # type: ignore[call-overload]


def test_keypoints_are_matched_by_name_whatever_their_order(tmp_path: Path) -> None:
    truth = _truth(2)
    one = _csv(tmp_path / "a.csv", ["nose", "tail"], truth)
    other = _csv(tmp_path / "b.csv", ["tail", "nose"], truth[:, ::-1])
    assert main(["smooth", str(one), str(other), "--smoothing", "10", "--out", str(tmp_path), "--json"]) == 0
    _, values = _read(tmp_path / "smoothed.csv")
    np.testing.assert_allclose(values["nose", "x_ens_median"], truth[:, 0, 0], atol=1e-3)
    assert values["nose", "x_ens_var"].max() < 1e-3


def test_a_keypoint_that_one_network_lacks_is_told_and_taken_from_the_others(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    truth = _truth(2)
    one, other = _csv(tmp_path / "a.csv", ["nose"], truth[:, :1]), _csv(tmp_path / "b.csv", ["nose", "tail"], truth)
    assert main(["smooth", str(one), str(other), "--out", str(tmp_path), "--json"]) == 0
    assert "a.csv has no tail" in str(_result(capsys)["notes"])
    assert np.isfinite(_read(tmp_path / "smoothed.csv")[1]["tail", "x"]).all()


def test_points_that_no_network_has_are_bridged_up_to_the_longest_gap(tmp_path: Path) -> None:
    truth = _truth(1)
    truth[10:12] = truth[30:50] = np.nan
    files = _ensemble(tmp_path, ["nose"], truth)
    assert main(["smooth", *files, "--smoothing", "5", "--longest-gap", "5", "--out", str(tmp_path), "--json"]) == 0
    _, values = _read(tmp_path / "smoothed.csv")
    missing = np.isnan(values["nose", "x"])
    assert missing[30:50].all()
    assert missing.sum() == 20
    assert np.isnan(values["nose", "x_ens_median"])[10:12].all()


def test_one_network_is_cleaned_by_a_median_and_its_raw_values_are_kept(tmp_path: Path) -> None:
    truth = _truth(1)
    truth[20] += 80
    truth[40:42] = np.nan
    file = _csv(tmp_path / "net.csv", ["nose"], truth)
    words = ["smooth", str(file), "--method", "median", "--window", "3", "--longest-gap", "3", "--out", str(tmp_path)]
    assert main([*words, "--json"]) == 0
    _, values = _read(tmp_path / "smoothed.csv")
    assert abs(values["nose", "x"][20] - truth[20, 0, 0]) > 50
    assert values["nose", "x_ens_median"][20] == pytest.approx(truth[20, 0, 0], abs=1e-3)
    assert np.isfinite(values["nose", "x"]).all()
    assert np.isnan(values["nose", "x_posterior_var"]).all()


def test_mirrored_views_come_out_under_their_own_names(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    names = ["paw_top", "paw_bot", "nose"]
    files = _ensemble(tmp_path, names, _truth(3))
    words = ["smooth", *files, "--method", "mirrored", "--views", "top,bot", "--out", str(tmp_path), "--json"]
    assert main(words) == 0
    _, values = _read(tmp_path / "smoothed.csv")
    assert {name for name, _ in values} == {"paw_top", "paw_bot"}
    assert "nose" in str(_result(capsys)["notes"])


def test_separate_cameras_give_a_file_a_view(tmp_path: Path) -> None:
    truth = _truth(2)
    files = _ensemble(tmp_path, ["a", "b"], truth, ".top") + _ensemble(tmp_path, ["b", "a"], truth[:, ::-1], ".bot")
    words = ["smooth", *files, "--method", "multiview", "--views", "top,bot", "--inflate", "--groups", "a,b"]
    assert main([*words, "--out", str(tmp_path / "out"), "--json"]) == 0
    names = {path.name for path in (tmp_path / "out").iterdir()}
    assert names == {"top.csv", "top.parquet", "bot.csv", "bot.parquet", "likelihood.csv"}
    np.testing.assert_allclose(_read(tmp_path / "out/bot.csv")[1]["a", "x"].mean(), truth[:, 0, 0].mean(), atol=1)


def _calibrated(folder: Path) -> list[str]:
    (folder / "calibration.toml").write_text(CALIBRATION)
    cameras = read_calibration(folder / "calibration.toml")
    track = np.cumsum(np.random.default_rng(3).normal(0, 0.1, (FRAMES, 2, 3)), axis=0)
    pixels = project(cameras, track)
    np.save(folder / "track.npy", track)
    return [
        f for v, view in enumerate(cameras.names) for f in _ensemble(folder, ["a", "b"], pixels[:, :, v], f"_{view}")
    ]


def test_calibrated_cameras_give_points_in_space(tmp_path: Path) -> None:
    files = _calibrated(tmp_path)
    words = ["smooth", *files, "--method", "calibrated", "--calibration", str(tmp_path / "calibration.toml")]
    assert main([*words, "--out", str(tmp_path / "out"), "--json"]) == 0
    _, space = _read(tmp_path / "out/points3d.csv")
    track = np.load(tmp_path / "track.npy")
    for axis, name in enumerate("xyz"):
        assert np.abs(space["a", name] - track[:, 0, axis]).mean() < 0.1
    assert set(space) == {
        (k, c) for k in "ab" for c in ("x", "y", "z", "x_posterior_var", "y_posterior_var", "z_posterior_var")
    }
    assert (tmp_path / "out/front.csv").is_file()


def test_a_bad_camera_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = _calibrated(tmp_path)
    moved = "translation = [6.0, 4.0, 60.0]".join(CALIBRATION.rsplit("translation = [0.0, 0.0, 60.0]", 1))
    moved += (
        CALIBRATION.split("[cam_1]")[0].replace("cam_0", "cam_3").replace('"left"', '"far"').replace("-0.7", "-1.2")
    )
    (tmp_path / "calibration.toml").write_text(moved)
    cameras = read_calibration(tmp_path / "calibration.toml")
    far = project(cameras, np.load(tmp_path / "track.npy"))[:, :, 3]
    files += _ensemble(tmp_path, ["a", "b"], far, "_far")
    words = ["smooth", *files, "--method", "calibrated", "--calibration", str(tmp_path / "calibration.toml")]
    assert main([*words, "--smoothing", "1", "--out", str(tmp_path / "out"), "--json"]) == 0
    assert "Camera right does not agree" in str(_result(capsys)["notes"])


def _pupil(folder: Path) -> list[str]:
    rng = np.random.default_rng(1)
    diameter, centre = (
        20 + np.cumsum(rng.normal(0, 0.1, FRAMES)),
        50 + np.cumsum(rng.normal(0, 0.1, (FRAMES, 2)), axis=0),
    )
    rim = np.array([[0, -0.5], [0, 0.5], [0.5, 0], [-0.5, 0]])
    return _ensemble(folder, ["top", "bottom", "right", "left"], centre[:, None] + diameter[:, None, None] * rim)


def test_a_pupil_comes_with_its_diameter(tmp_path: Path) -> None:
    files = _pupil(tmp_path)
    assert main(["smooth", *files, "--method", "pupil", "--out", str(tmp_path / "out"), "--json"]) == 0
    lines = (tmp_path / "out/pupil.csv").read_text().splitlines()
    assert lines[0].replace('"', "").startswith("frame,time_s,diameter,x,y,diameter_posterior_var")
    assert abs(float(lines[10].split(",")[2]) - 20) < 3


def test_paws_are_aligned_in_time_and_side(tmp_path: Path) -> None:
    truth = _truth(2)
    left = _ensemble(tmp_path, ["paw_l", "paw_r"], truth, ".left")
    seen = truth[:, ::-1].copy()
    seen[..., 0] = 300 - seen[..., 0]
    right = _ensemble(tmp_path, ["paw_l", "paw_r"], seen, ".right")
    np.save(tmp_path / "l.npy", np.arange(FRAMES) / 10)
    np.save(tmp_path / "r.npy", np.arange(FRAMES) / 10 + 0.2)
    words = ["smooth", *left, *right, "--method", "paw", "--times", str(tmp_path / "l.npy"), str(tmp_path / "r.npy")]
    assert main([*words, "--width", "300", "--smoothing", "10", "--out", str(tmp_path / "out"), "--json"]) == 0
    _, aligned = _read(tmp_path / "out/right.csv")
    _, own = _read(tmp_path / "out/right_camera.csv")
    np.testing.assert_allclose(own["paw_r", "x"], 300 - aligned["paw_l", "x"], atol=1e-3)
    assert len(own["paw_r", "x"]) == FRAMES - 2
    assert (tmp_path / "out/right.csv").read_text().splitlines()[3].startswith("2,")


def test_labels_widen_intervals_that_are_too_narrow_and_that_is_marked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    truth = _truth(1)
    files = _ensemble(tmp_path, ["nose"], truth)
    wrong = truth + np.random.default_rng(4).normal(0, 10, truth.shape)
    rows = [["scorer", "me", "me"], ["bodyparts", "nose", "nose"], ["coords", "x", "y"]]
    rows += [[f"labeled-data/day/img{frame:04d}.png", *wrong[frame, 0].tolist()] for frame in range(0, FRAMES, 2)]
    with (tmp_path / "labels.csv").open("w", newline="") as file:
        csv.writer(file).writerows(rows)
    words = ["smooth", *files, "--smoothing", "5", "--out", str(tmp_path / "plain"), "--json"]
    assert main(words) == 0
    capsys.readouterr()
    words[-2] = str(tmp_path / "wide")
    assert main([*words, "--labels", str(tmp_path / "labels.csv")]) == 0
    told = _result(capsys)["recalibrated"]["smoothed"]["nose"]  # type: ignore[index, call-overload]
    assert told["variance_factor"] > 20
    assert told["coverage_90_before"] < 0.5 < told["coverage_90_after"]
    narrow, wide = (
        _read(tmp_path / f"{name}/smoothed.csv")[1]["nose", "x_posterior_var"] for name in ("plain", "wide")
    )
    np.testing.assert_allclose(wide / narrow, told["variance_factor"], rtol=1e-4)
    metadata = json.loads(pq.read_schema(tmp_path / "wide/smoothed.parquet").metadata[b"tailbase"])
    assert metadata["provenance"]["intervals"] == "recalibrated on labels"


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["--method", "calibrated"], "calibration.missing"),
        (["--method", "paw"], "smoothing.times"),
        (["--method", "multiview"], "smoothing.views"),
        (["--method", "mirrored", "--views", "top,bot"], "smoothing.views"),
        (["--method", "pupil"], "smoothing.pupil_keypoints"),
        (["--keypoints", "ear"], "smoothing.unknown_keypoint"),
        (["--groups", "ear"], "smoothing.unknown_keypoint"),
        (["--smoothing", "1,2,3"], "smoothing.parameter"),
        (["--smoothing=-1"], "smoothing.parameter"),
        (["--quantile", "200"], "smoothing.quantile"),
        (["--method", "median", "--window", "4"], "smoothing.window"),
    ],
)
def test_wrong_wishes_are_refused_with_a_code(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], words: list[str], code: str
) -> None:
    files = _ensemble(tmp_path, ["nose", "tail"], _truth(2))
    assert main(["smooth", *files, *words, "--out", str(tmp_path / "out"), "--json"]) == 2
    assert json.loads(capsys.readouterr().out.splitlines()[-1])["code"] == code


def test_files_of_different_lengths_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    one = _csv(tmp_path / "a.csv", ["nose"], _truth(1))
    other = _csv(tmp_path / "b.csv", ["nose"], _truth(1)[:50])
    assert main(["smooth", str(one), str(other), "--out", str(tmp_path), "--json"]) == 2
    assert json.loads(capsys.readouterr().out)["code"] == "smoothing.lengths_differ"
