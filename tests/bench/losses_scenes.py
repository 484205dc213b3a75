"""Drawn recordings for losses.py: a labelled rig, and recordings of other days that nobody labelled."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tailbase.formats.labels_parquet import read_labels, write_labels
from tailbase.schema import Labels
from tailbase.synthetic.conditions import CONDITIONS, IN_DISTRIBUTION, Condition, scene_of
from tailbase.synthetic.project import Film, labels_of, write_film, write_images

LABELS = 75
LABELLED_FILMS = 3
TEST_FILMS = 2
_SEEDS_A_PROJECT = 100


@dataclass(frozen=True)
class Sizes:
    """Frames of each film that trains and of each that tests, and how many labels there are."""

    training: int = 200
    test: int = 120
    labels: int = LABELS


@dataclass(frozen=True)
class Tested:
    """A film that no training sees, and the truth about it."""

    video: Path
    condition: str
    points: NDArray[np.float64]


@dataclass(frozen=True)
class Project:
    """What one seed draws.

    Attributes:
        labels: of the labelled rig only; image paths are relative to `images`.
        videos: the films with labelled frames, and one film of each condition. Like a laboratory's project they hold
            the conditions the network will meet, but no label of them, and none of the tested films.
        tested: films of other walks and textures.
    """

    labels: Labels
    images: Path
    videos: tuple[Path, ...]
    tested: tuple[Tested, ...]


def draw(folder: Path, seed: int, sizes: Sizes) -> Project:
    """Draw the project of a seed into `folder`, or take it from there."""
    first = seed * _SEEDS_A_PROJECT
    labelled = [(f"rig-{i}", IN_DISTRIBUTION, first + i) for i in range(LABELLED_FILMS)]
    unlabelled = [(f"{c.name}-unlabelled", c, first + LABELLED_FILMS) for c in CONDITIONS]
    tested = [(f"rig-test-{i}", IN_DISTRIBUTION, first + 50 + i) for i in range(TEST_FILMS)]
    tested += [(f"{c.name}-test", c, first + 50) for c in CONDITIONS]
    drawn = [_film(folder, *one, sizes.training) for one in labelled]
    others = [_film(folder, *one, sizes.training).path for one in unlabelled]
    films = [(_film(folder, name, condition, number, sizes.test), condition) for name, condition, number in tested]
    if not (folder / "labels.parquet").is_file():
        _label(folder, drawn, sizes)
    return Project(
        labels=read_labels(folder / "labels.parquet"),
        images=folder / "images",
        videos=(*(film.path for film in drawn), *others),
        tested=tuple(Tested(film.path, condition.name, film.points) for film, condition in films),
    )


def _label(folder: Path, films: list[Film], sizes: Sizes) -> None:
    """Evenly spaced frames of each film."""
    count = sizes.labels // len(films)
    chosen = ((np.arange(count) + 0.5) * sizes.training / count).astype(int)
    for film in films:
        write_images(film.path, chosen, folder)
    write_labels(labels_of([(film, chosen) for film in films]), folder / "labels.parquet")


def _film(folder: Path, name: str, condition: Condition, seed: int, frames: int) -> Film:
    path, truth = folder / "videos" / f"{name}.mp4", folder / "truth" / f"{name}.npz"
    if truth.is_file():
        with np.load(truth) as arrays:
            return Film(path, arrays["points"], arrays["states"])
    film = write_film(path, scene_of(condition, seed), frames, effects=condition.effects)
    truth.parent.mkdir(exist_ok=True)
    np.savez(truth, points=film.points, states=film.states)
    return film
