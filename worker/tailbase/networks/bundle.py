"""A model in one file: weights, spec, split, metrics, the labels it learnt from, and versions of what made it."""

import json
import platform
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import IO

from tailbase import __version__
from tailbase.errors import PoseError
from tailbase.formats.atomic import replacing
from tailbase.networks.model_folder import FACTS, WEIGHTS, ModelFacts, load_model
from tailbase.networks.tracker import Tracker

LABELS, VERSIONS = "labels.parquet", "versions.json"
PACKAGES = ("torch", "timm", "numpy", "av")

_MOST_BYTES = {WEIGHTS: 16 * 1024**3, FACTS: 256 * 1024**2}
_CHUNK = 1024 * 1024


def write_bundle(model: Path, labels: Path, out: Path) -> None:
    """Write `out`, a plain zip file.

    Args:
        model: the folder that training wrote.
        labels: a labels.parquet, kept as it is.

    Errors:
        model.not_a_model.
    """
    load_model(model)
    versions = {"python": platform.python_version(), "tailbase": __version__} | {p: version(p) for p in PACKAGES}
    with replacing(out) as part, zipfile.ZipFile(part, "w", zipfile.ZIP_STORED) as archive:
        archive.write(model / WEIGHTS, WEIGHTS)
        archive.write(model / FACTS, FACTS)
        archive.write(labels, LABELS)
        archive.writestr(VERSIONS, json.dumps(versions, indent=1))


def open_model(path: Path) -> tuple[Tracker, ModelFacts]:
    """The network of a model folder or of a bundle, ready to predict, and what is known about it.

    Errors:
        model.not_a_model.
    """
    if path.is_dir():
        return load_model(path)
    with _unpacked(path) as folder:
        return load_model(folder)


@contextmanager
def _unpacked(path: Path) -> Iterator[Path]:
    """The two files of a bundle that predicting needs; only these names are read, whatever else the file holds."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / path.stem
        folder.mkdir()
        try:
            with zipfile.ZipFile(path) as archive:
                for file, most in _MOST_BYTES.items():
                    with archive.open(file) as source, (folder / file).open("wb") as target:
                        _copy(source, target, most, path)
        except FileNotFoundError as error:
            raise _unusable(path, "there is no such file or folder") from error
        except KeyError as error:
            raise _unusable(path, "it lacks the weights or the model's description") from error
        except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError) as error:
            raise _unusable(path, f"it is no undamaged zip file ({error})") from error
        yield folder


def _copy(source: IO[bytes], target: IO[bytes], most: int, path: Path) -> None:
    written = 0
    while chunk := source.read(_CHUNK):
        written += len(chunk)
        if written > most:
            raise _unusable(path, f"it holds more than {most:,} bytes")
        target.write(chunk)


def _unusable(path: Path, why: str) -> PoseError:
    message = f"{path.name} is not a usable model: {why}. Give the folder that training wrote, or a bundle."
    return PoseError("model.not_a_model", message)
