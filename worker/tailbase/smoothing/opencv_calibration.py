"""Reads camera calibrations that OpenCV's FileStorage wrote as YAML or JSON.

Either one section a camera, named as the camera, with its matrix, distortion, rotation and translation, or the pair of
OpenCV's stereo calibration: M1, D1, M2, D2 with R and T from the first camera to the second.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from numpy.typing import NDArray

from tailbase.errors import PoseError

MAX_NUMBERS = 1000
KEYS = {
    "matrix": ("camera_matrix", "cameraMatrix", "matrix", "K", "M"),
    "distortions": ("distortion_coefficients", "dist_coeffs", "distCoeffs", "distortion", "distortions", "D"),
    "rotation": ("rotation_matrix", "rotation", "rvec", "R"),
    "translation": ("translation_vector", "translation", "tvec", "T", "t"),
}


class _Loader(yaml.SafeLoader):
    """Plain values, and OpenCV's matrices."""


def _matrix(loader: yaml.SafeLoader, node: yaml.Node) -> Any:
    return loader.construct_mapping(node, deep=True) if isinstance(node, yaml.MappingNode) else None


_Loader.add_constructor("tag:yaml.org,2002:opencv-matrix", _matrix)


def read_opencv(path: Path) -> list[dict[str, Any]]:
    """Sections as in Anipose's layout: name, matrix, distortions, rotation (3 numbers or a 3 x 3 matrix), translation.

    Raises:
        PoseError: calibration.unreadable.
    """
    document = _document(path)
    if {"M1", "M2", "R", "T"} <= set(document):
        return _stereo(document)
    sections = [(name, value) for name, value in document.items() if isinstance(value, dict) and "data" not in value]
    return [{"name": str(section.get("name", name)), **_named(section)} for name, section in sections]


def _document(path: Path) -> dict[str, Any]:
    try:
        text = path.read_text(encoding="utf-8")
        if path.suffix.lower() == ".json":
            found = json.loads(text)
        else:
            # OpenCV writes `%YAML:1.0`, which is no YAML; a file of anchors could grow without bound.
            lines = [line for line in text.splitlines() if not line.startswith("%")]
            if any(isinstance(token, yaml.AliasToken) for token in yaml.scan("\n".join(lines))):
                raise ValueError("it uses aliases")
            found = yaml.load("\n".join(lines), _Loader)  # noqa: S506  (a safe loader)
    except (OSError, ValueError, RecursionError, yaml.YAMLError) as error:
        first = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise PoseError("calibration.unreadable", f"{path.name} is no calibration of OpenCV: {first}") from error
    if not isinstance(found, dict):
        raise PoseError("calibration.unreadable", f"{path.name} is no calibration of OpenCV: it has no sections.")
    return found


def _stereo(document: dict[str, Any]) -> list[dict[str, Any]]:
    first = {"matrix": _array(document["M1"]), "distortions": _flat(document.get("D1", []))}
    second = {"matrix": _array(document["M2"]), "distortions": _flat(document.get("D2", []))}
    return [
        {"name": "left", **first, "rotation": np.zeros(3), "translation": np.zeros(3)},
        {"name": "right", **second, "rotation": _array(document["R"]), "translation": _flat(document["T"])},
    ]


def _named(section: dict[str, Any]) -> dict[str, Any]:
    """The section's values under the names of Anipose's layout."""
    found: dict[str, Any] = {"fisheye": section.get("fisheye", False)}
    for wanted, names in KEYS.items():
        value = next((section[name] for name in names if name in section), None)
        if value is not None:
            array = _array(value)
            found[wanted] = array if array.shape == (3, 3) else array.reshape(-1)
    return found


def _flat(value: Any) -> NDArray[np.float64]:
    return _array(value).reshape(-1)


def _array(value: Any) -> NDArray[np.float64]:
    """A matrix of OpenCV, or a list of numbers; one NaN where it is neither."""
    try:
        if isinstance(value, dict):
            data = np.asarray(value["data"][:MAX_NUMBERS], np.float64)
            return data.reshape(int(value["rows"]), int(value["cols"]))
        return np.asarray(value, np.float64)
    except (KeyError, TypeError, ValueError):
        return np.array([np.nan])
