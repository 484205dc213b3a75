"""Writes the outcome of smoothing into a folder."""

import csv
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from tailbase import __version__
from tailbase.formats.atomic import replacing
from tailbase.formats.cells import protect
from tailbase.smoothing.methods import POINTS_3D, SMOOTHED
from tailbase.smoothing.options import Options, Outcome
from tailbase.smoothing.plot import write_plot
from tailbase.smoothing.tables import write_blocks, write_csv, write_parquet, write_plain_csv

INTERVALS = "intervals.csv"


def write_outcome(
    outcome: Outcome, folder: Path, options: Options, provenance: dict[str, str], plot: bool, blocks: bool
) -> dict[str, str]:
    """Write every table; gives the paths of the files by their names."""
    folder.mkdir(parents=True, exist_ok=True)
    facts = provenance | {"method": options.method, "tailbase_version": __version__}
    paths: dict[str, Path] = {}
    for name, table in outcome.tables.items():
        paths[f"{name}.csv"] = folder / f"{name}.csv"
        write_csv(table, paths[f"{name}.csv"])
        if name == POINTS_3D:
            continue
        paths[f"{name}.parquet"] = folder / f"{name}.parquet"
        write_parquet(table, paths[f"{name}.parquet"], facts)
        if blocks:
            paths[f"{name}.f32"], paths[f"{name}.variance.f32"] = (
                folder / f"{name}.f32",
                folder / f"{name}.variance.f32",
            )
            write_blocks(table, paths[f"{name}.f32"], paths[f"{name}.variance.f32"])
        if plot:
            paths[f"{name}.png"] = folder / f"{name}.png"
            write_plot(table, paths[f"{name}.png"])
    for name, columns in outcome.sides.items():
        paths[f"{name}.csv"] = folder / f"{name}.csv"
        write_plain_csv(paths[f"{name}.csv"], outcome.tables[SMOOTHED].axis, columns)
    if outcome.curves:
        paths["likelihood.csv"] = folder / "likelihood.csv"
        _write_curves(outcome, paths["likelihood.csv"])
    return {name: str(path) for name, path in paths.items()}


def write_recalibration(recalibrated: Mapping[str, Mapping[str, Mapping[str, Any]]], path: Path) -> Path:
    """How intervals were judged and widened, one row a view and keypoint."""
    with replacing(path) as part, part.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        columns = ("variance_factor", "labelled", "coverage_90_before", "coverage_90_after")
        writer.writerow(["view", "keypoint", *columns])
        for view, keypoints in recalibrated.items():
            for name, said in keypoints.items():
                writer.writerow([view, protect(name), *(said[column] for column in columns)])
    return path


def _write_curves(outcome: Outcome, path: Path) -> None:
    with replacing(path) as part, part.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["keypoint", "parameter", "negative_log_likelihood"])
        for name, (log_parameter, nll) in outcome.curves.items():
            rows = zip(np.exp(log_parameter).tolist(), nll.tolist(), strict=True)
            writer.writerows([name, f"{parameter:.6g}", f"{value:.6f}"] for parameter, value in rows)
