import json
from pathlib import Path

import numpy as np
import pytest

from tailbase.errors import PoseError
from tailbase.formats.sleap_analysis import read_sleap_analysis
from tailbase.smoothing.bad_camera import check_cameras
from tailbase.smoothing.calibration import read_calibration
from tailbase.smoothing.cameras import Cameras, project, project_with_jacobian, rotation_matrix, triangulate, undistort

CAMERA = """
[cam_{n}]
name = "{name}"
size = [640, 480]
matrix = [[800.0, 0.0, 320.0], [0.0, 800.0, 240.0], [0.0, 0.0, 1.0]]
distortions = [-0.1, 0.0, 0.0, 0.0, 0.0]
rotation = [0.0, {angle}, 0.0]
translation = [0.0, 0.0, 60.0]
"""


def _toml(folder: Path, text: str) -> Path:
    path = folder / "calibration.toml"
    path.write_text(text)
    return path


def _points(seed: int, count: int = 50) -> np.ndarray:
    return np.random.default_rng(seed).uniform(-8, 8, (count, 3))


def test_the_jacobian_is_that_of_finite_differences(cameras: Cameras) -> None:
    points, step = _points(0), 1e-5
    jacobian = project_with_jacobian(cameras, points)[1]
    for axis in range(3):
        shift = step * np.eye(3)[axis]
        numeric = (project(cameras, points + shift) - project(cameras, points - shift)) / (2 * step)
        np.testing.assert_allclose(jacobian[..., axis], numeric, rtol=1e-5, atol=1e-5)


def test_projected_points_are_found_again(cameras: Cameras) -> None:
    points = _points(1)
    np.testing.assert_allclose(triangulate(cameras, project(cameras, points)), points, atol=1e-6)


def test_a_point_of_one_camera_alone_is_not_placed(cameras: Cameras) -> None:
    pixels = project(cameras, _points(2, 3))
    pixels[0, 1:] = np.nan
    pixels[1, 0] = np.nan
    found = triangulate(cameras, pixels)
    assert np.isnan(found[0]).all()
    assert np.isfinite(found[1:]).all()


def test_undistortion_undoes_the_lens(cameras: Cameras) -> None:
    points = _points(3)
    seen = np.einsum("cij,nj->nci", cameras.rotation, points) + cameras.translation
    np.testing.assert_allclose(undistort(cameras, project(cameras, points)), seen[..., :2] / seen[..., 2:], atol=1e-8)


def test_a_rotation_of_no_angle_is_none_and_of_a_quarter_turn_is_one() -> None:
    np.testing.assert_array_equal(rotation_matrix(np.zeros(3)), np.eye(3))
    quarter = rotation_matrix(np.array([0, 0, np.pi / 2]))
    np.testing.assert_allclose(quarter @ [1, 0, 0], [0, 1, 0], atol=1e-12)


def test_a_calibration_is_read(tmp_path: Path) -> None:
    text = CAMERA.format(n=0, name="a", angle=0.0) + CAMERA.format(n=1, name="b", angle=0.5) + "[metadata]\n"
    found = read_calibration(_toml(tmp_path, text))
    assert found.names == ("a", "b")
    np.testing.assert_allclose(found.distortion[0], [-0.1, 0, 0, 0, 0, 0, 0, 0])
    assert found.only(("b",)).names == ("b",)
    with pytest.raises(PoseError, match="it has a, b"):
        found.only(("c",))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("not toml at all [", "not a TOML file"),
        (CAMERA.format(n=0, name="a", angle=0), "describes 1 cameras"),
        (CAMERA.format(n=0, name="a", angle=0) + CAMERA.format(n=1, name="a", angle=0), "names a camera twice"),
        (CAMERA.format(n=0, name="a", angle=0) + '[cam_1]\nname = "b"\n', "matrix of camera b is not 3 x 3"),
        (CAMERA.format(n=0, name="a", angle="[1]") + CAMERA.format(n=1, name="b", angle=0), "rotation of camera a"),
        (
            CAMERA.format(n=0, name="a", angle=0).replace("[0.0, 0,", "[[1.0], [0.0, 1.0],")
            + CAMERA.format(n=1, name="b", angle=0),
            "rotation of camera a",
        ),
        (CAMERA.format(n=0, name="a", angle="nan") + CAMERA.format(n=1, name="b", angle=0), "rotation of camera a"),
        (CAMERA.format(n=0, name="a", angle=0) + CAMERA.format(n=1, name="b", angle=0) + "fisheye = true\n", "fisheye"),
    ],
)
def test_wrong_calibrations_are_refused_with_what_is_wrong(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(PoseError, match=message):
        read_calibration(_toml(tmp_path, text))


def test_a_calibration_that_is_missing_or_huge_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PoseError):
        read_calibration(tmp_path / "none.toml")
    with pytest.raises(PoseError, match="too large"):
        read_calibration(_toml(tmp_path, "#" * 1_100_000))


def _moved(cameras: Cameras, camera: int) -> np.ndarray:
    """What the cameras see after one of them was turned."""
    rotation = cameras.rotation.copy()
    rotation[camera] = rotation_matrix(np.array([0.5, 0.0, 0.3])) @ rotation[camera]
    turned = Cameras(cameras.names, cameras.matrix, cameras.distortion, rotation, cameras.translation)
    pixels = project(turned, _points(5, 400)).reshape(100, 4, len(cameras.names), 2)
    return pixels + np.random.default_rng(0).normal(0, 0.5, pixels.shape)


def _four(cameras: Cameras) -> Cameras:
    extra = rotation_matrix(np.array([0.6, 0.1, 0.2]))
    matrix, distortion = (np.concatenate([values, values[:1]]) for values in (cameras.matrix, cameras.distortion))
    return Cameras(
        (*cameras.names, "top"), matrix, distortion,
        np.concatenate([cameras.rotation, extra[None]]), np.tile([0.0, 0.0, 60.0], (4, 1)),
    )  # fmt: skip


@pytest.mark.parametrize("camera", range(4))
def test_a_camera_that_was_turned_is_named(cameras: Cameras, camera: int) -> None:
    four = _four(cameras)
    assert check_cameras(four, _moved(four, camera)).bad == four.names[camera]


def test_good_cameras_are_not_blamed(cameras: Cameras) -> None:
    pixels = project(cameras, _points(6, 100)).reshape(50, 2, 3, 2)
    noisy = pixels + np.random.default_rng(1).normal(0, 2.0, pixels.shape)
    assert check_cameras(cameras, noisy).bad is None
    assert check_cameras(cameras.only(("left", "right")), noisy[:, :, [0, 2]]).bad is None
    assert check_cameras(cameras, np.full((5, 2, 3, 2), np.nan)).bad is None


def test_the_bad_camera_of_a_real_recording_is_named_and_the_others_are_not(shared: Path) -> None:
    session = shared / "datasets/sleap-anipose-multiview/minimal_session"
    cameras = read_calibration(session / "calibration.toml")
    files = [session / name / f"minimal_{name}_proofread.analysis.h5" for name in cameras.names]
    pixels = np.stack([read_sleap_analysis(path).points[:, 0] for path in files], axis=2).astype(np.float64)
    assert check_cameras(cameras, pixels).bad == "side"
    assert check_cameras(cameras.only(("back", "mid", "top")), pixels[:, :, [0, 1, 3]]).bad is None


OPENCV = """%YAML:1.0
---
{name}:
   camera_matrix: !!opencv-matrix
      rows: 3
      cols: 3
      dt: d
      data: [ 800., 0., 320., 0., 790., 240., 0., 0., 1. ]
   dist_coeffs: !!opencv-matrix
      rows: 1
      cols: 5
      dt: d
      data: [ -0.1, 0.02, 0.001, 0.002, 0. ]
   R: !!opencv-matrix
      rows: 3
      cols: 3
      dt: d
      data: {rotation}
   tvec: [ 0., 1., 60. ]
second:
   K: [[700, 0, 300], [0, 700, 200], [0, 0, 1]]
   rvec: [0.0, 0.5, 0.0]
   T: [[0.0], [0.0], [50.0]]
"""
TURN = "[ 1., 0., 0., 0., 0., -1., 0., 1., 0. ]"


def test_a_calibration_of_opencv_is_read(tmp_path: Path) -> None:
    path = tmp_path / "cameras.yml"
    path.write_text(OPENCV.format(name="first", rotation=TURN))
    found = read_calibration(path)
    assert found.names == ("first", "second")
    np.testing.assert_allclose(found.rotation[0] @ [0, 1, 0], [0, 0, 1])
    np.testing.assert_allclose(found.translation, [[0, 1, 60], [0, 0, 50]])
    np.testing.assert_allclose(found.distortion, [[-0.1, 0.02, 0.001, 0.002, 0, 0, 0, 0], [0] * 8])


def test_a_stereo_calibration_of_opencv_is_read(tmp_path: Path) -> None:
    eye = [[800.0, 0, 320], [0, 800, 240], [0, 0, 1]]
    stereo = {
        "M1": eye,
        "D1": [[0.1, 0, 0, 0, 0]],
        "M2": eye,
        "D2": [0.2],
        "R": np.eye(3).tolist(),
        "T": [[-5], [0], [0]],
    }
    path = tmp_path / "stereo.json"
    path.write_text(json.dumps(stereo))
    found = read_calibration(path)
    assert found.names == ("left", "right")
    np.testing.assert_allclose(found.translation, [[0, 0, 0], [-5, 0, 0]])
    np.testing.assert_allclose(found.distortion[:, 0], [0.1, 0.2])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[1, 2", "no calibration of OpenCV"),
        ("just text", "has no sections"),
        ("a: &x [1]\nb: *x\n", "uses aliases"),
        ("a: !!python/object/apply:os.system [ls]\n", "no calibration of OpenCV"),
        (OPENCV.format(name="one", rotation="[ 2., 0., 0., 0., 1., 0., 0., 0., 1. ]"), "is no rotation"),
        (OPENCV.format(name="one", rotation="[ 1., 0. ]"), "rotation of camera one"),
        (OPENCV.format(name="one", rotation="nothing"), "rotation of camera one"),
    ],
)
def test_wrong_calibrations_of_opencv_are_refused(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "cameras.yaml"
    path.write_text(text)
    with pytest.raises(PoseError, match=message):
        read_calibration(path)
