"""What SLEAP saves (.slp) and exports (analysis CSV): the same tracks as its analysis files hold."""

import json
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from tailbase.errors import PoseError
from tailbase.formats.lengthen import lengthened
from tailbase.formats.project import holds_predictions, open_predictions
from tailbase.schema import SINGLE, Predictions

SESSION = Path(__file__).parents[5] / "shared/datasets/sleap-anipose-multiview/minimal_session/top"
FRAME = [(name, "<u8") for name in ("frame_id", "video", "frame_idx", "instance_id_start", "instance_id_end")]
INSTANCE = [
    ("instance_id", "<i8"), ("instance_type", "u1"), ("frame_id", "<u8"), ("skeleton", "<u4"), ("track", "<i4"),
    ("from_predicted", "<i8"), ("score", "<f4"), ("point_id_start", "<u8"), ("point_id_end", "<u8"),
]  # fmt: skip
POINT = [("x", "<f8"), ("y", "<f8"), ("visible", "?"), ("complete", "?")]
METADATA = {"nodes": [{"name": "tail"}, {"name": "nose"}], "skeletons": [{"nodes": [{"id": 1}, {"id": 0}]}]}


def write_slp(path: Path, instances: list[tuple[Any, ...]], videos: tuple[int, ...] = (0, 0), **attrs: Any) -> Path:
    """Frames 0 and 3; the nose of a person's n-th animal is at (10 n, 1), of a predicted one at (10 n, 2)."""
    with h5py.File(path, "w") as file:
        frames = [(0, videos[0], 0, 0, 0), (1, videos[1], 3, 0, 0)]
        file["frames"] = np.array(frames, FRAME)
        file["instances"] = np.array(instances, INSTANCE)
        theirs = [(10.0 * (n // 2), 1.0, n % 2 == 0, True) for n in range(6)]
        file["points"] = np.array(theirs, POINT)
        file["pred_points"] = np.array([(x, 2.0, True, True, 0.5) for x, *_ in theirs], [*POINT, ("score", "<f8")])
        file["tracks_json"] = np.array([b'[0,"anna"]', b'[0,"bert"]'])
        group = file.create_group("metadata")
        group.attrs["format_id"], group.attrs["json"] = attrs.get("format_id", 1.2), json.dumps(METADATA)
    return path


def instance(id: int, predicted: bool, frame: int, track: int, start: int, replaces: int = -1) -> tuple[Any, ...]:
    return (id, int(predicted), frame, 0, track, replaces, 1.0, 2 * start, 2 * start + 2)


def test_an_slp_file_gives_tracks_by_name_with_the_skeletons_order_of_keypoints(tmp_path: Path) -> None:
    path = write_slp(tmp_path / "a.slp", [instance(0, True, 0, 1, 1), instance(1, True, 1, 0, 2)])
    read = open_predictions(path, 25.0)
    assert holds_predictions(path)
    assert (read.individuals, read.skeleton.names, read.points.shape[0]) == (("bert", "anna"), ("nose", "tail"), 4)
    np.testing.assert_array_equal(read.points[[0, 3], [0, 1], 0], [[10, 2], [20, 2]])
    assert np.isnan(read.points[1:3]).all()
    assert (read.likelihood[0, 0, 0], read.likelihood[0, 1, 0], read.times[3]) == (0.5, 0.0, 0.12)


def test_what_a_person_corrected_replaces_what_was_predicted_and_hidden_points_are_missing(tmp_path: Path) -> None:
    path = write_slp(tmp_path / "a.slp", [instance(0, True, 0, -1, 1), instance(1, False, 0, -1, 2, replaces=0)])
    read = open_predictions(path)
    assert read.individuals == (SINGLE,)
    np.testing.assert_array_equal(read.points[0, 0], [[20, 1], [np.nan, np.nan]])
    assert read.likelihood[0, 0].tolist() == [1.0, 0.0]


def test_an_older_slp_file_is_moved_by_half_a_pixel(tmp_path: Path) -> None:
    path = write_slp(tmp_path / "a.slp", [instance(0, True, 0, 0, 1)], format_id=1.0)
    np.testing.assert_array_equal(open_predictions(path).points[0, 0, 0], [9.5, 1.5])


@pytest.mark.parametrize(
    ("instances", "videos", "code"),
    [
        ([instance(0, True, 0, 0, 1)], (0, 1), "predictions.several_videos"),
        ([instance(0, True, 0, 0, 900)], (0, 0), "predictions.damaged"),
        ([instance(0, True, 0, 0, 0), instance(1, True, 0, 0, 1)], (0, 0), "predictions.track_twice"),
        ([], (0, 0), "predictions.no_frames"),
    ],
)
def test_an_slp_file_that_makes_no_sense_is_refused(
    tmp_path: Path, instances: list[tuple[Any, ...]], videos: tuple[int, ...], code: str
) -> None:
    with pytest.raises(PoseError) as caught:
        open_predictions(write_slp(tmp_path / "a.slp", instances, videos))
    assert caught.value.code == code


def test_an_slp_file_whose_tables_lie_in_another_file_is_refused(tmp_path: Path) -> None:
    path = write_slp(tmp_path / "a.slp", [instance(0, True, 0, 0, 1)])
    with h5py.File(path, "a") as file:
        del file["points"]
        file["points"] = h5py.ExternalLink("/etc/passwd", "points")
    with pytest.raises(PoseError, match="no readable file of SLEAP"):
        open_predictions(path)


def write_csv(path: Path, rows: str) -> Path:
    path.write_text(f"track,frame_idx,instance.score,nose.x,nose.y,nose.score,tail.x,tail.y,tail.score\n{rows}")
    return path


def test_an_analysis_csv_gives_a_track_an_animal_and_leaves_frames_empty_that_it_does_not_name(tmp_path: Path) -> None:
    rows = "anna,0,0.9,1,2,0.8,3,4,0.7\nbert,2,0.9,5,6,0.6,,,\nanna,2,,7,8,,9,10,\n"
    read = open_predictions(write_csv(tmp_path / "a.csv", rows))
    assert (read.individuals, read.points.shape[0]) == (("anna", "bert"), 3)
    np.testing.assert_array_equal(read.points[2, :, 0], [[7, 8], [5, 6]])
    assert np.isnan(read.points[1]).all()
    assert np.isnan(read.points[2, 1, 1]).all()
    np.testing.assert_allclose(read.likelihood[[0, 2, 2], [0, 1, 0], [1, 1, 0]], [0.7, 0, 1])


def test_animals_without_a_track_are_told_apart_by_their_order(tmp_path: Path) -> None:
    rows = ",0,1,1,2,1,3,4,1\n,0,1,5,6,1,7,8,1\n,1,1,1,2,1,3,4,1\n"
    read = open_predictions(write_csv(tmp_path / "a.csv", rows))
    assert read.individuals == ("0", "1")
    assert np.isnan(read.points[1, 1]).all()


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ("anna,zero,1,1,2,1,3,4,1\n", "line 2, column frame_idx: 'zero' is no number"),
        ("anna,0.5,1,1,2,1,3,4,1\n", "column frame_idx"),
        ("anna,inf,1,1,2,1,3,4,1\n", "column frame_idx"),
        ("anna,0,1,1,two,1,3,4,1\n", "column nose.y: 'two' is no number"),
        ("anna,-1,1,1,2,1,3,4,1\n", "frame numbers that no video has"),
        ("", "names no frame"),
    ],
)
def test_an_analysis_csv_that_makes_no_sense_is_refused_with_the_place(tmp_path: Path, rows: str, words: str) -> None:
    with pytest.raises(PoseError, match=words):
        open_predictions(write_csv(tmp_path / "a.csv", rows))


def test_only_files_that_may_go_on_are_lengthened_to_their_video(tmp_path: Path) -> None:
    read = open_predictions(write_csv(tmp_path / "a.csv", "anna,1,1,1,2,1,3,4,1\n"), 10.0)
    longer = lengthened(read, 5)
    assert (len(longer.times), longer.points.shape[0], longer.likelihood.shape[0]) == (5, 5, 5)
    np.testing.assert_allclose(longer.times, np.arange(5) / 10)
    whole = Predictions(read.skeleton, read.individuals, read.points, read.likelihood, read.times)
    assert lengthened(whole, 5) is whole
    assert lengthened(read, 1) is read


@pytest.mark.skipif(not SESSION.is_dir(), reason="shared/datasets is not here")
def test_a_real_slp_file_holds_what_its_analysis_file_holds() -> None:
    ours, theirs = (open_predictions(SESSION / f"minimal_top_proofread{end}") for end in (".slp", ".analysis.h5"))
    assert ours.skeleton.names == theirs.skeleton.names
    np.testing.assert_array_equal(ours.points, theirs.points)
    np.testing.assert_array_equal(ours.likelihood, theirs.likelihood)
