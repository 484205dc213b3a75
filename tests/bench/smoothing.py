"""How fast, how exact and how honest smoothing is. Prints one JSON line a figure; times are of one thread.

    python tests/bench/smoothing.py [--peer] [--long] [--train] [--work DIR] [--rounds 3]

Real ensembles and reference outputs are read from ../shared; what needs them is left out where they are missing.
--peer installs ensemble-kalman-smoother into a throw-away environment and measures both sides in turns.
--long smooths an hour at 100 frames a second (30 keypoints, 5 networks) and takes the scaling up to a million frames.
--train trains three networks on some labelled frames of each of two real recordings and looks at their other labels;
with --work what they predict is kept there, and a run that was cut off goes on. The environment of --peer too.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "1")

import numpy as np  # noqa: E402
from numpy.typing import NDArray  # noqa: E402

Floats = NDArray[np.float64]

HERE = Path(__file__).resolve().parent
SHARED = HERE.parents[2] / "shared"
ENSEMBLES = SHARED / "datasets/eks-ensembles"
VECTORS = SHARED / "vectors/eks"
CASES = ("singlecam", "mirrored", "multicam", "calibrated", "pupil")
FLY_KEYPOINTS = ("L1A", "L1B")


def say(name: str, value: float, unit: str, compared_with: str) -> None:
    print(json.dumps({"name": name, "value": float(f"{value:.5g}"), "unit": unit, "compared_with": compared_with}))
    sys.stdout.flush()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--peer", action="store_true")
    parser.add_argument("--long", action="store_true")
    parser.add_argument("--train", action="store_true")
    parser.add_argument("--work", type=Path)
    parser.add_argument("--rounds", type=int, default=3)
    args = parser.parse_args()
    if ENSEMBLES.is_dir():
        differences()
        speeds(args.rounds, args.peer, args.work)
    else:
        sys.stderr.write(f"{ENSEMBLES} is missing: no real ensembles.\n")
    scaling(1_000_000 if args.long else 100_000)
    known_truth()
    if (SHARED / "datasets/dlc-primer").is_dir():
        jumps()
    if args.long:
        an_hour()
    if args.train:
        import smoothing_real

        with tempfile.TemporaryDirectory() as folder:
            smoothing_real.main(SHARED / "datasets", args.work or Path(folder), say)


def load(pattern: str, keypoints: tuple[str, ...] = ()) -> tuple[Floats, tuple[str, ...]]:
    from tailbase.smoothing.files import common_names, open_member, read_together

    members = [open_member(path) for path in sorted(ENSEMBLES.glob(pattern))]
    names = keypoints or common_names(members)
    return read_together(members, names), names


def cases() -> dict[str, Callable[[bool], object]]:
    """Each case as a function that takes whether the parameter is fixed, and starts from the members' values."""
    from tailbase.smoothing.calibrated import smooth_calibrated
    from tailbase.smoothing.calibration import read_calibration
    from tailbase.smoothing.ensemble import ensemble_statistics
    from tailbase.smoothing.multiview import smooth_views
    from tailbase.smoothing.pupil import rim_positions, smooth_pupil
    from tailbase.smoothing.single import smooth_single

    mouse, names = load("mirror-mouse/*.csv")
    mirrors = [mouse[:, :, [i for i, n in enumerate(names) if n.endswith(v)]] for v in ("_top", "_bot")]
    apart = [load(f"mirror-mouse-separate/*.{view}.csv")[0] for view in ("top", "bot")]
    pupil, rim = load("ibl-pupil/*.csv")
    cameras = read_calibration(ENSEMBLES / "fly/calibration.toml")
    fly = [load(f"fly/*{name}*.csv", FLY_KEYPOINTS)[0] for name in cameras.names]
    return {
        "singlecam": lambda fixed: smooth_single(ensemble_statistics(mouse), 10.0 if fixed else None),
        "mirrored": lambda fixed: smooth_views([ensemble_statistics(v) for v in mirrors], 10.0 if fixed else None),
        "multicam": lambda fixed: smooth_views([ensemble_statistics(v) for v in apart], 10.0 if fixed else None),
        "calibrated": lambda fixed: smooth_calibrated(
            cameras, fly, [ensemble_statistics(v) for v in fly], 10.0 if fixed else None
        ),
        "pupil": lambda fixed: smooth_pupil(
            ensemble_statistics(pupil), rim_positions(rim), (0.99, 0.99) if fixed else None
        ),
    }


def seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def speeds(rounds: int, peer: bool, work: Path | None) -> None:
    ours = cases()
    measured: dict[tuple[str, bool], list[float]] = {}
    theirs: dict[tuple[str, bool], list[float]] = {}
    with tempfile.TemporaryDirectory() as folder:
        python = install_peer(work or Path(folder)) if peer else None
        for _ in range(rounds):
            for case, work in ours.items():
                for fixed in (True, False):
                    measured.setdefault((case, fixed), []).append(seconds(lambda w=work, f=fixed: w(f)))  # type: ignore[misc]
            if python is not None:
                for case, fixed, took in run_peer(python, Path(folder)):
                    theirs.setdefault((case, fixed), []).append(took)
        for case in CASES:
            for fixed in (True, False):
                words = from_the_start(case, fixed)
                took = statistics.median(seconds(lambda w=words: run_from_the_start(w)) for _ in range(rounds))  # type: ignore[misc]
                name = f"smooth.{case}.{'fixed' if fixed else 'auto'}.seconds_from_start"
                say(name, took, "s", "the command: start of Python, import, reading and writing included")
    for (case, fixed), times in measured.items():
        say(f"smooth.{case}.{'fixed' if fixed else 'auto'}.seconds", statistics.median(times), "s", "import excluded")
    for fixed, name in ((False, "auto"), (True, "fixed")):
        if ratios := {
            case: statistics.median(theirs[case, fixed]) / statistics.median(measured[case, fixed])
            for case in CASES
            if (case, fixed) in theirs
        }:
            told = ", ".join(f"{case} {ratio:.1f}" for case, ratio in ratios.items())
            say(
                f"smooth.{name}.speedup", min(ratios.values()), "ratio",
                f"ensemble-kalman-smoother in this run, slowest case counts, import excluded on both sides: {told}",
            )  # fmt: skip


def from_the_start(case: str, fixed: bool) -> list[str]:
    """Words of the command for a case."""
    folder, more = {
        "singlecam": ("mirror-mouse", ["--method", "single"]),
        "mirrored": ("mirror-mouse", ["--method", "mirrored", "--views", "top,bot"]),
        "multicam": ("mirror-mouse-separate", ["--method", "multiview", "--views", "top,bot"]),
        "calibrated": ("fly", ["--method", "calibrated", "--calibration", str(ENSEMBLES / "fly/calibration.toml"),
                               "--keypoints", ",".join(FLY_KEYPOINTS)]),
        "pupil": ("ibl-pupil", ["--method", "pupil"]),
    }[case]  # fmt: skip
    parameter = ["--smoothing", "0.99,0.99" if case == "pupil" else "10"] if fixed else []
    return [*(str(path) for path in sorted((ENSEMBLES / folder).glob("*.csv"))), *more, *parameter]


def run_from_the_start(words: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "tailbase.cli", "smooth", *words, "--out", folder, "--json"]
        subprocess.run(command, check=True, capture_output=True)


def install_peer(folder: Path) -> Path:
    """Python of an environment with the package in a folder; a fresh one unless it is there already."""
    python = folder / "peer/bin/python"
    if python.is_file():
        return python
    subprocess.run([sys.executable, "-m", "venv", str(folder / "peer")], check=True)
    subprocess.run([str(python), "-m", "pip", "install", "-q", "ensemble-kalman-smoother"], check=True)
    return python


def run_peer(python: Path, folder: Path) -> Iterator[tuple[str, bool, float]]:
    script = [str(python), str(HERE / "smoothing_peer.py"), str(ENSEMBLES), str(folder / "out")]
    told = subprocess.run(script, check=True, capture_output=True, text=True).stdout
    for line in told.splitlines():
        if line.startswith("{"):
            found = json.loads(line)
            if found["counts"]:
                yield found["case"], found["fixed"], found["seconds"]


def differences() -> None:
    """Largest distance to upstream's smoothed coordinates, of all cases with a fixed parameter."""
    from tailbase.smoothing.ensemble import ensemble_statistics
    from tailbase.smoothing.multiview import smooth_views
    from tailbase.smoothing.single import smooth_single

    mouse, names = load("mirror-mouse/*.csv")
    worst = [
        _difference(
            smooth_single(ensemble_statistics(mouse), 10.0).points, names, "singlecam_mirror-mouse__s10/eks_singlecam"
        )
    ]
    views = {v: [i for i, n in enumerate(names) if n.endswith(v)] for v in ("_top", "_bot")}
    tracks = smooth_views([ensemble_statistics(mouse[:, :, chosen]) for chosen in views.values()], 10.0)
    for track, chosen in zip(tracks, views.values(), strict=True):
        own = tuple(names[i] for i in chosen)
        worst.append(_difference(track.points, own, "mirrored_mirror-mouse__s10/eks_mirrored_multicam"))
    apart = {view: load(f"mirror-mouse-separate/*.{view}.csv") for view in ("top", "bot")}
    tracks = smooth_views([ensemble_statistics(values) for values, _ in apart.values()], 10.0)
    for track, (view, (_, own)) in zip(tracks, apart.items(), strict=True):
        worst.append(_difference(track.points, own, f"multicam_mirror-mouse-separate__s10/multicam_{view}_results"))
    say("smooth.max_abs_diff_px", max(worst), "px", "ensemble-kalman-smoother 4.6.2, parameter 10, x and y, all cases")


def _difference(points: Floats, names: tuple[str, ...], expected: str) -> float:
    import csv

    with (VECTORS / f"{expected}.csv").open(newline="") as file:
        rows = list(csv.reader(file))
    columns = {key: i for i, key in enumerate(zip(rows[1], rows[2], strict=True))}
    values = np.array([[float(cell) for cell in row] for row in rows[3:]])
    wanted = np.stack([values[:, [columns[name, "x"], columns[name, "y"]]] for name in names], axis=1)
    return float(np.abs(points - wanted).max())


def scaling(longest: int) -> None:
    """How time grows with frames; the exponent is the slope over the logarithms."""
    from tailbase.smoothing.ensemble import Ensemble
    from tailbase.smoothing.single import smooth_single

    rng = np.random.default_rng(0)
    frames = [n for n in (1000, 3162, 10_000, 31_623, 100_000, 316_228, 1_000_000) if n <= longest]
    took = []
    for n in frames:
        truth = np.cumsum(rng.normal(size=(n, 2, 2)), axis=0)
        flat = np.ones(truth.shape)
        ensemble = Ensemble(truth + rng.normal(size=truth.shape), flat, flat, np.ones(truth.shape[:2]))
        took.append(min(seconds(lambda e=ensemble: smooth_single(e, 1.0)) for _ in range(3 if n < 1e5 else 1)))  # type: ignore[misc]
    exponent = float(np.polyfit(np.log(frames), np.log(took), 1)[0])
    told = ", ".join(f"{n} frames {s:.3g} s" for n, s in zip(frames, took, strict=True))
    say("smooth.scaling_exponent", exponent, "exponent", f"one camera, 2 keypoints, parameter fixed: {told}")


def known_truth() -> None:
    """Errors and coverage on scenes with occlusions whose truth is known; the worst scene counts."""
    import smoothing_scenes

    found = {name: smoothing_scenes.judge(scene) for name, scene in smoothing_scenes.scenes().items()}
    for key, name in (("over_best", "smooth.error_over_best_member"), ("over_median", "smooth.error_over_median")):
        told = ", ".join(f"{scene} {result[key]:.3f}" for scene, result in found.items())
        say(name, max(result[key] for result in found.values()), "ratio", f"synthetic scenes, worst counts: {told}")
    gaps = smoothing_scenes.coverage_gaps()
    told = ", ".join(f"{scene} {gap:.4f}" for scene, gap in gaps.items())
    say("smooth.coverage_gap", max(gaps.values()), "share", f"50, 90 and 99 % intervals, worst counts: {told}")


def jumps() -> None:
    """Jumps of more than 20 px from frame to frame, per 1000 frames, before and after, of three real networks."""
    from tailbase.smoothing.ensemble import ensemble_statistics
    from tailbase.smoothing.files import common_names, open_member, read_together
    from tailbase.smoothing.single import smooth_single

    folder = SHARED / "datasets/dlc-primer/ResultsComparison"
    members = [open_member(path) for path in sorted(folder.glob("m3v1mp4DLC_*.h5"))]
    values = read_together(members, common_names(members))
    smoothed = smooth_single(ensemble_statistics(values)).points
    before = [_jumps(member[..., :2]) for member in values]
    told = ", ".join(f"{count:.1f}" for count in before)
    say("smooth.jumps_per_1000", _jumps(smoothed), "jumps", f"dlc-primer, each network alone: {told}")


def _jumps(points: Floats) -> float:
    far = np.linalg.norm(np.diff(points, axis=0), axis=-1) > 20
    return float(far.any(axis=1).sum() / len(far) * 1000)


def an_hour() -> None:
    """Peak memory and time of the command on an hour at 100 frames a second, from Parquet files."""
    import resource

    with tempfile.TemporaryDirectory() as folder:
        files = [str(write_member(Path(folder) / f"net{m}.parquet", m, 360_000, 30)) for m in range(5)]
        command = [sys.executable, "-m", "tailbase.cli", "smooth", *files, "--out", f"{folder}/out", "--json"]
        took = seconds(lambda: subprocess.run(command, check=True, capture_output=True))
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024**2
    said = "360,000 frames, 30 keypoints, 5 networks, from Parquet to CSV and Parquet"
    say("smooth.hour.seconds", took, "s", said)
    say("smooth.hour.peak_memory", peak, "GiB", said)


def write_member(path: Path, seed: int, frames: int, keypoints: int) -> Path:
    from tailbase.formats.predictions_parquet import PredictionsWriter
    from tailbase.schema import Keypoint, Skeleton

    truth, rng = np.random.default_rng(0), np.random.default_rng(seed + 1)
    skeleton = Skeleton(keypoints=tuple(Keypoint(name=f"point{k}") for k in range(keypoints)))
    last = np.zeros((keypoints, 2))
    with PredictionsWriter(path, skeleton, ("animal",)) as writer:
        for start in range(0, frames, 20_000):
            count = min(20_000, frames - start)
            track = last + np.cumsum(truth.normal(size=(count, keypoints, 2)), axis=0)
            last = track[-1]
            seen = (track + rng.normal(size=track.shape)).astype(np.float32)[:, None]
            times = np.arange(start, start + count) / 100
            writer.write(seen, np.full(seen.shape[:3], 0.9, np.float32), times)
    return path


if __name__ == "__main__":
    main()
