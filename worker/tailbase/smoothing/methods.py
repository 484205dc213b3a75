"""Smooths files of predictions by the method that is asked for, a few keypoints at a time."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tailbase.errors import PoseError
from tailbase.progress import Reporter
from tailbase.smoothing.bad_camera import check_cameras
from tailbase.smoothing.calibrated import smooth_calibrated
from tailbase.smoothing.calibration import read_calibration
from tailbase.smoothing.cameras import Cameras
from tailbase.smoothing.ensemble import Ensemble, ensemble_statistics
from tailbase.smoothing.files import Member, check_same_frames, common_names, open_members, read_together
from tailbase.smoothing.gaps import fill_gaps, in_long_gap, median_filter
from tailbase.smoothing.multiview import smooth_views
from tailbase.smoothing.options import Options, Outcome, blocks, choose, parameter_of, positions_of_groups
from tailbase.smoothing.paw import align_right_camera, overlap, swapped
from tailbase.smoothing.pupil import rim_positions, smooth_pupil
from tailbase.smoothing.single import Smoothed, smooth_single
from tailbase.smoothing.tables import Axis, TrackTable
from tailbase.smoothing.views import check_views, files_by_view, mirrored_parts, split_name

Floats = NDArray[np.float64]

POINTS_AT_A_TIME = {"single": 3_000_000, "median": 1_000_000, "calibrated": 400_000}
OF_SEVERAL_VIEWS = 1_000_000
"""Frames times keypoints that are smoothed at once; bounds the memory of long recordings."""

POINTS_OF_MEMBERS = 400_000
"""As many are read of every member at once."""

SMOOTHED = "smoothed"
POINTS_3D = "points3d"
COLUMNS_3D = ("x", "y", "z", "x_posterior_var", "y_posterior_var", "z_posterior_var")
PAW_VIEWS = ("left", "right")
RIGHT_CAMERA = "right_camera"


def smooth_files(paths: Sequence[Path], options: Options, report: Reporter) -> Outcome:
    """Smooth an ensemble's files.

    Raises:
        PoseError: smoothing.*, calibration.*, ensemble.empty, or as the readers of the files.
    """
    run = {
        "single": _single, "mirrored": _mirrored, "multiview": _multiview, "calibrated": _calibrated,
        "pupil": _pupil, "paw": _paw, "median": _median,
    }[options.method]  # fmt: skip
    return run(paths, options, report)


def _open(paths: Sequence[Path], options: Options) -> list[Member]:
    return open_members(paths, options.frames_per_second)


def _axis(member: Member) -> Axis:
    return Axis(member.first, member.frames, member.times)


def _missing_names(members: Sequence[Member], names: Sequence[str]) -> list[str]:
    return [
        f"{member.path.name} has no {', '.join(lacking)}: there the other networks are used."
        for member in members
        if (lacking := [name for name in names if name not in member.names])
    ]


def _ensemble(members: Sequence[Member], names: Sequence[str], options: Options) -> Ensemble:
    """Statistics of the named keypoints; of long recordings the members' values are held one keypoint at a time."""
    size = max(1, POINTS_OF_MEMBERS // members[0].frames)
    pieces = [names[at : at + size] for at in range(0, len(names), size)]
    parts = [_statistics(read_together(members, piece), options) for piece in pieces]
    if len(parts) == 1:
        return parts[0]
    return Ensemble(
        *(np.concatenate(values, axis=1) for values in zip(*(vars(p).values() for p in parts), strict=True))
    )


def _statistics(members: Floats, options: Options, weighted: bool = True) -> Ensemble:
    members[..., :2][members[..., 2] < options.min_likelihood] = np.nan
    return ensemble_statistics(members, weighting="likelihood" if weighted else "none")


def _in_blocks(
    names: Sequence[str], axis: Axis, options: Options, report: Reporter
) -> Iterator[tuple[tuple[str, ...], Floats | None, list[list[int]]]]:
    """Keypoints, their given parameters, and the positions of groups among them."""
    done = 0
    size = max(1, POINTS_AT_A_TIME.get(options.method, OF_SEVERAL_VIEWS) // axis.frames)
    for some in blocks(names, options.groups, size):
        yield some, parameter_of(options, names, some), positions_of_groups(options.groups, some)
        done += len(some)
        report.step("smooth", done, len(names))


def _bounded(smoothed: Smoothed, ensemble: Ensemble, options: Options) -> Smoothed:
    """Without the points in gaps that are longer than wanted."""
    if options.longest_gap is not None:
        missing = np.asarray(~np.isfinite(ensemble.variance).all(axis=-1))
        away = in_long_gap(missing, options.longest_gap)
        smoothed.points[away] = smoothed.predictive[away] = np.nan
    return smoothed


def _single(paths: Sequence[Path], options: Options, report: Reporter) -> Outcome:
    members = _open(paths, options)
    check_same_frames(members)
    names = choose(common_names(members), options.keypoints)
    outcome, table = Outcome(notes=_missing_names(members, names)), TrackTable(names, _axis(members[0]))
    for some, parameter, groups in _in_blocks(names, table.axis, options, report):
        ensemble = _ensemble(members, some, options)
        smoothed = smooth_single(ensemble, parameter, groups)
        outcome.keep_parameters(some, smoothed.parameter, smoothed.curve)
        table.put(some, ensemble, _bounded(smoothed, ensemble, options))
    outcome.tables[SMOOTHED] = table
    return outcome


def _median(paths: Sequence[Path], options: Options, report: Reporter) -> Outcome:
    members = _open(paths, options)
    check_same_frames(members)
    names = choose(common_names(members), options.keypoints)
    outcome, table = Outcome(notes=_missing_names(members, names)), TrackTable(names, _axis(members[0]))
    for some, _, _ in _in_blocks(names, table.axis, options, report):
        ensemble = _ensemble(members, some, options)
        points = fill_gaps(median_filter(ensemble.centre, options.window), options.longest_gap or 0)[0]
        unknown = np.full_like(points, np.nan)
        table.put(some, ensemble, Smoothed(points, unknown, unknown, ensemble.variance, np.full(len(some), np.nan)))
    outcome.tables[SMOOTHED] = table
    return outcome


def _mirrored(paths: Sequence[Path], options: Options, report: Reporter) -> Outcome:
    members = _open(paths, options)
    check_same_frames(members)
    known = common_names(members)
    whole, left_over = mirrored_parts(known, options.views)
    parts = choose(tuple(whole), _parts_of(options.keypoints, options.views))
    if not parts:
        raise PoseError(
            "smoothing.views", f"No keypoint is in every view; names must end in {_endings(options.views)}."
        )
    names = tuple(name for name in known if any(name in whole[part].values() for part in parts))
    outcome, table = Outcome(), TrackTable(names, _axis(members[0]))
    outcome.notes += _missing_names(members, names) + _left_over([] if options.keypoints else left_over)
    for some, parameter, groups in _in_blocks(parts, table.axis, options, report):
        places = {view: [whole[part][view] for part in some] for view in options.views}
        views = [_ensemble(members, places[view], options) for view in options.views]
        tracks = smooth_views(views, parameter, options.quantile, inflate=options.inflate, groups=groups)
        outcome.keep_parameters(some, tracks[0].parameter, tracks[0].curve)
        for view, ensemble, track in zip(options.views, views, tracks, strict=True):
            table.put(places[view], ensemble, _bounded(track, ensemble, options))
    outcome.tables[SMOOTHED] = table
    return outcome


def _parts_of(keypoints: Sequence[str], views: Sequence[str]) -> tuple[str, ...]:
    """Body parts, whether asked for by their own name or by that of a view's keypoint."""
    parts = (split[0] if (split := split_name(name, views)) else name for name in keypoints)
    return tuple(dict.fromkeys(parts))


def _endings(views: Sequence[str]) -> str:
    return " and ".join(f"_{view}" for view in views)


def _left_over(names: Sequence[str]) -> list[str]:
    if not names:
        return []
    return [f"Not in every view and therefore left out: {', '.join(names)}. Smooth them with --method single."]


def _open_views(paths: Sequence[Path], views: Sequence[str], options: Options) -> dict[str, list[Member]]:
    of_view = files_by_view(paths, views)
    members = _open([path for files in of_view.values() for path in files], options)
    check_same_frames(members)
    each = len(members) // len(of_view)
    return {view: members[number * each : (number + 1) * each] for number, view in enumerate(of_view)}


def _names_in_all(members: dict[str, list[Member]], options: Options, outcome: Outcome) -> tuple[str, ...]:
    known = {view: common_names(files) for view, files in members.items()}
    everywhere = [name for name in next(iter(known.values())) if all(name in names for names in known.values())]
    if not everywhere:
        raise PoseError("smoothing.keypoints_differ", "The views have no keypoint of the same name.")
    some = [name for names in known.values() for name in names if name not in everywhere]
    names = choose(everywhere, options.keypoints)
    outcome.notes += [] if options.keypoints else _left_over(list(dict.fromkeys(some)))
    outcome.notes += [note for files in members.values() for note in _missing_names(files, names)]
    return names


def _multiview(paths: Sequence[Path], options: Options, report: Reporter) -> Outcome:
    outcome = Outcome()
    members = _open_views(paths, options.views, options)
    names = _names_in_all(members, options, outcome)
    axis = _axis(members[options.views[0]][0])
    outcome.tables = {view: TrackTable(names, axis) for view in options.views}
    for some, parameter, groups in _in_blocks(names, axis, options, report):
        views = [_ensemble(members[view], some, options) for view in options.views]
        tracks = smooth_views(views, parameter, options.quantile, inflate=options.inflate, groups=groups)
        _put_views(outcome, options, options.views, some, views, tracks)
    return outcome


def _put_views(
    outcome: Outcome, options: Options, views: Sequence[str], some: Sequence[str],
    ensembles: Sequence[Ensemble], tracks: Sequence[Smoothed],
) -> None:  # fmt: skip
    outcome.keep_parameters(some, tracks[0].parameter, tracks[0].curve)
    for view, ensemble, track in zip(views, ensembles, tracks, strict=True):
        outcome.tables[view].put(some, ensemble, _bounded(track, ensemble, options))


def _calibrated(paths: Sequence[Path], options: Options, report: Reporter) -> Outcome:
    if options.calibration is None:
        raise PoseError("calibration.missing", "Calibrated cameras need their calibration: --calibration FILE.")
    cameras = read_calibration(options.calibration)
    cameras = cameras.only(options.views or cameras.names)
    check_views(cameras.names)
    outcome = Outcome()
    members = _open_views(paths, cameras.names, options)
    names = _names_in_all(members, options, outcome)
    axis = _axis(members[cameras.names[0]][0])
    outcome.tables = {view: TrackTable(names, axis) for view in cameras.names}
    space = outcome.tables[POINTS_3D] = TrackTable(names, axis, COLUMNS_3D)
    for some, parameter, groups in _in_blocks(names, axis, options, report):
        values = [read_together(members[view], some) for view in cameras.names]
        views = [_statistics(view, options) for view in values]
        _warn_of_bad_camera(cameras, views, outcome)
        smoothed = smooth_calibrated(cameras, values, views, parameter, options.inflate, groups)
        _put_views(outcome, options, cameras.names, some, views, smoothed.views)
        block = np.concatenate([smoothed.points, smoothed.variance], axis=2).transpose(1, 2, 0)
        space.values[[names.index(name) for name in some]] = block
    return outcome


def _warn_of_bad_camera(cameras: Cameras, views: Sequence[Ensemble], outcome: Outcome) -> None:
    check = check_cameras(cameras, np.stack([view.centre for view in views], axis=2))
    if check.bad is not None:
        missed = check.left_out[cameras.names.index(check.bad)]
        note = (
            f"Camera {check.bad} does not agree with its calibration: points of the other cameras miss it by "
            f"{missed:.0f} px. Calibrate it again, or leave it out with --views."
        )
        outcome.notes += [] if note.split(":")[0] in "".join(outcome.notes) else [note]


def _pupil(paths: Sequence[Path], options: Options, report: Reporter) -> Outcome:
    members = _open(paths, options)
    check_same_frames(members)
    names = choose(common_names(members), options.keypoints)
    rim = rim_positions(names)
    if options.smoothing is not None and (len(options.smoothing) != 2 or max(options.smoothing) >= 1):
        raise PoseError(
            "smoothing.parameter", "The pupil needs two factors below 1, of diameter and centre: --smoothing 0.99,0.98"
        )
    factors = None if options.smoothing is None else (options.smoothing[0], options.smoothing[1])
    ensemble = _ensemble(members, names, options)
    smoothed = smooth_pupil(ensemble, rim, factors)
    outcome = Outcome(notes=_missing_names(members, names))
    table = outcome.tables[SMOOTHED] = TrackTable(names, _axis(members[0]))
    table.put(names, ensemble, _bounded(smoothed.rim, ensemble, options))
    outcome.parameters = dict(zip(("diameter", "centre"), smoothed.rim.parameter.tolist(), strict=True))
    columns = ("diameter", "x", "y")
    outcome.sides["pupil"] = {name: smoothed.pupil[:, i] for i, name in enumerate(columns)} | {
        f"{name}_posterior_var": smoothed.pupil_variance[:, i] for i, name in enumerate(columns)
    }
    report.step("smooth", len(names), len(names))
    return outcome


def _paw(paths: Sequence[Path], options: Options, report: Reporter) -> Outcome:
    """Two views at the left camera's frames and in its orientation; and the right camera as it sees itself."""
    if options.times is None or options.width is None:
        raise PoseError("smoothing.times", "Paws need --times LEFT.npy RIGHT.npy and --width, the images' width in px.")
    files = files_by_view(paths, PAW_VIEWS)
    left, right = (_open(files[view], options) for view in PAW_VIEWS)
    check_same_frames(left)
    check_same_frames(right)
    outcome = Outcome()
    right_names = common_names(right)
    names = choose(tuple(n for n in common_names(left) if swapped(n) in right_names), options.keypoints)
    times, right_times = (read_times(path) for path in options.times)
    if len(times) != left[0].frames:
        raise PoseError("smoothing.lengths_differ", f"The left camera has {left[0].frames} frames, {len(times)} times.")
    inside = overlap(times, right_times)
    axis = Axis(left[0].first + int(inside.argmax()), int(inside.sum()), times[inside], of=left[0].frames)
    outcome.tables = {view: TrackTable(names, axis) for view in PAW_VIEWS}
    for some, parameter, groups in _in_blocks(names, axis, options, report):
        seen = read_together(left, some)[:, inside]
        other = read_together(right, right_names)
        turned = align_right_camera(other, right_names, some, right_times, times[inside], options.width)
        views = [_statistics(values, options, weighted=False) for values in (seen, turned)]
        tracks = smooth_views(views, parameter, options.quantile, inflate=options.inflate, groups=groups)
        _put_views(outcome, options, PAW_VIEWS, some, views, tracks)
    outcome.tables[RIGHT_CAMERA] = _as_right_camera(outcome.tables["right"], options.width, right_times)
    return outcome


def _as_right_camera(aligned: TrackTable, width: float, right_times: Floats) -> TrackTable:
    """The aligned track at the right camera's own frames, linear between the left one's."""
    times = aligned.axis.times
    inside = np.flatnonzero((right_times >= times[0]) & (right_times <= times[-1]))
    axis = Axis(int(inside[0]) if len(inside) else 0, len(inside), right_times[inside], of=len(right_times))
    table = TrackTable(tuple(swapped(name) for name in aligned.names), axis)
    mirrored = [table.columns.index(column) for column in ("x", "x_ens_median")]
    for keypoint, columns in enumerate(aligned.values):
        for place, values in enumerate(columns):
            here = np.interp(axis.times, times, values)
            table.values[keypoint, place] = width - here if place in mirrored else here
    return table


def read_times(path: Path) -> Floats:
    """Seconds of a camera's frames from a .npy file.

    Raises:
        PoseError: smoothing.times.
    """
    try:
        times = np.load(path, allow_pickle=False)
    except (OSError, ValueError) as error:
        raise PoseError("smoothing.times", f"{path.name} is no .npy file of numbers: {error}") from error
    if not isinstance(times, np.ndarray) or times.ndim != 1 or len(times) < 2 or times.dtype.kind not in "fiu":
        raise PoseError("smoothing.times", f"{path.name} is not a list of at least two times.")
    return times.astype(np.float64)
