"""Reads camera calibrations: the TOML layout of Anipose, and OpenCV's YAML or JSON."""

import tomllib
from pathlib import Path
from typing import Any

import numpy as np

from tailbase.errors import PoseError
from tailbase.smoothing.cameras import Cameras, rotation_matrix
from tailbase.smoothing.opencv_calibration import read_opencv

MAX_BYTES = 1024 * 1024
DISTORTION_TERMS = 8
OPENCV = frozenset({".yml", ".yaml", ".json"})


def read_calibration(path: Path) -> Cameras:
    """Cameras of an Anipose ``calibration.toml``, or of a YAML or JSON file of OpenCV.

    Raises:
        PoseError: calibration.unreadable, with what is missing or wrong; calibration.fisheye.
    """
    if path.is_file() and path.stat().st_size > MAX_BYTES:
        raise PoseError("calibration.unreadable", f"{path.name} is too large for a calibration file.")
    sections = read_opencv(path) if path.suffix.lower() in OPENCV else _read_toml(path)
    if len(sections) < 2:
        raise PoseError(
            "calibration.unreadable", f"{path.name} describes {len(sections)} cameras; two or more are needed."
        )
    cameras = [_camera(section, path.name) for section in sections]
    names, *arrays = zip(*cameras, strict=True)
    if len(set(names)) != len(names):
        raise PoseError("calibration.unreadable", f"{path.name} names a camera twice.")
    return Cameras(tuple(names), *(np.stack(array) for array in arrays))


def _read_toml(path: Path) -> list[dict[str, Any]]:
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise PoseError("calibration.unreadable", f"{path.name} is not a TOML file: {error}") from error
    return [value for name, value in document.items() if name != "metadata" and isinstance(value, dict)]


def _camera(section: dict[str, Any], file: str) -> tuple[str, Any, Any, Any, Any]:
    name = str(section.get("name", "?"))
    if section.get("fisheye"):
        raise PoseError("calibration.fisheye", f"{file}: camera {name} is a fisheye camera, which is not supported.")
    matrix = _numbers(section, "matrix", (3, 3), name, file)
    rotation = _rotation(section, name, file)
    translation = _numbers(section, "translation", (3,), name, file)
    terms = np.asarray(section.get("distortions", []), np.float64)
    if terms.ndim != 1 or len(terms) > DISTORTION_TERMS or not np.isfinite(terms).all():
        raise PoseError(
            "calibration.unreadable", f"{file}: the distortions of camera {name} are not up to eight numbers."
        )
    distortion = np.zeros(DISTORTION_TERMS)
    distortion[: len(terms)] = terms
    return name, matrix, distortion, rotation, translation


def _rotation(section: dict[str, Any], name: str, file: str) -> Any:
    """A rotation given as three numbers (Rodrigues) or as a matrix."""
    given = section.get("rotation")
    of_lines = isinstance(given, list | np.ndarray) and len(given) == 3 and isinstance(given[0], list | np.ndarray)
    if not of_lines:
        return rotation_matrix(_numbers(section, "rotation", (3,), name, file))
    matrix = _numbers(section, "rotation", (3, 3), name, file)
    if not np.allclose(matrix @ matrix.T, np.eye(3), atol=1e-4) or np.linalg.det(matrix) < 0:
        raise PoseError("calibration.unreadable", f"{file}: the rotation of camera {name} is no rotation.")
    return matrix


def _numbers(section: dict[str, Any], key: str, shape: tuple[int, ...], name: str, file: str) -> Any:
    try:
        values = np.asarray(section[key], np.float64)
    except (KeyError, TypeError, ValueError):
        values = np.array([np.nan])
    if values.shape != shape or not np.isfinite(values).all():
        wanted = " x ".join(str(n) for n in shape)
        raise PoseError("calibration.unreadable", f"{file}: {key} of camera {name} is not {wanted} numbers.")
    return values
