from pathlib import Path

import h5py
import numpy as np
import pytest

from tailbase.errors import PoseError
from tailbase.formats.predictions_parquet import read_predictions, write_predictions
from tailbase.formats.sleap_analysis import is_sleap_analysis
from tailbase.schema import Keypoint, Predictions, Skeleton
from tailbase.smoothing.files import check_same_frames, common_names, open_member, open_members, read_together
from tailbase.smoothing.options import Options, blocks, choose, parameter_of
from tailbase.smoothing.tables import Axis, TrackTable, write_csv, write_parquet
from tailbase.smoothing.views import files_by_view, mirrored_parts, split_name


def _write(
    path: Path, names: tuple[str, ...], frames: int = 5, first: int = 0, animals: tuple[str, ...] = ("animal",)
) -> Path:
    rng = np.random.default_rng(len(names))
    shape = (frames, len(animals), len(names))
    points, likelihood = rng.normal(50, 5, (*shape, 2)).astype(np.float32), rng.random(shape).astype(np.float32)
    skeleton = Skeleton(keypoints=tuple(Keypoint(name=name) for name in names))
    predictions = Predictions(skeleton, animals, points, likelihood, np.arange(frames) / 25)
    write_predictions(predictions, path, first)
    return path


def _write_csv(path: Path, names: tuple[str, ...], rows: int = 3) -> Path:
    coordinates = ("x", "y", "likelihood")
    lines = [
        ["scorer"] + ["net"] * 3 * len(names),
        ["bodyparts"] + [name for name in names for _ in coordinates],
        ["coords"] + [*coordinates] * len(names),
    ]
    lines += [[str(r)] + [str(10 * k + c + r / 10) for k in range(len(names)) for c in range(3)] for r in range(rows)]
    path.write_text("\n".join(",".join(line) for line in lines) + "\n")
    return path


def _write_sleap(path: Path, frames: int = 4, nodes: int = 2) -> Path:
    with h5py.File(path, "w") as file:
        file["tracks"] = np.arange(2 * nodes * frames, dtype=float).reshape(1, 2, nodes, frames)
        file["node_names"] = [f"node{n}".encode() for n in range(nodes)]
        file["track_names"] = [b"one"]
        file["point_scores"] = np.full((1, nodes, frames), 0.8)
    return path


def test_parquet_is_read_by_keypoint(tmp_path: Path) -> None:
    path = _write(tmp_path / "a.parquet", ("nose", "tail"))
    member = open_member(path)
    whole = read_predictions(path)
    np.testing.assert_array_equal(member.read(["tail"])[:, 0, :2], whole.points[:, 0, 1])
    np.testing.assert_array_equal(member.times, whole.times)


def test_members_are_matched_by_the_names_of_their_keypoints(tmp_path: Path) -> None:
    one, other = (
        _write_csv(tmp_path / "a.csv", ("nose", "tail")),
        _write_csv(tmp_path / "b.csv", ("tail", "nose", "ear")),
    )
    members = [open_member(one), open_member(other)]
    assert common_names(members) == ("nose", "tail", "ear")
    values = read_together(members, ["tail", "ear"])
    np.testing.assert_allclose(values[:, 0, 0, 0], [10.0, 0.0])
    assert np.isnan(values[0, :, 1]).all()


def test_several_animals_have_points_of_their_own(tmp_path: Path) -> None:
    path = _write(tmp_path / "a.parquet", ("nose",), animals=("one", "two"))
    assert open_member(path).names == ("one/nose", "two/nose")


def test_analysis_files_of_sleap_are_read(tmp_path: Path) -> None:
    path = _write_sleap(tmp_path / "a.analysis.h5")
    assert is_sleap_analysis(path)
    member = open_member(path)
    assert member.names == ("node0", "node1")
    np.testing.assert_allclose(member.read(["node1"])[:, 0], [[4 + t, 12 + t, 0.8] for t in range(4)], rtol=1e-6)


def test_analysis_files_with_tables_of_different_sizes_are_refused(tmp_path: Path) -> None:
    path = _write_sleap(tmp_path / "a.h5")
    with h5py.File(path, "a") as file:
        del file["node_names"]
        file["node_names"] = [b"only"]
    with pytest.raises(PoseError) as error:
        open_member(path)
    assert error.value.code == "predictions.damaged"


def test_analysis_files_that_point_into_other_files_are_refused(tmp_path: Path) -> None:
    path = _write_sleap(tmp_path / "a.h5")
    with h5py.File(path, "a") as file:
        del file["point_scores"]
        file["point_scores"] = h5py.ExternalLink("elsewhere.h5", "/data")
    with pytest.raises(PoseError):
        open_member(path)


def test_files_of_different_lengths_are_refused_with_both_lengths(tmp_path: Path) -> None:
    members = [open_member(_write_csv(tmp_path / f"{rows}.csv", ("nose",), rows)) for rows in (3, 4)]
    with pytest.raises(PoseError, match=r"3\.csv has 3 frames and 4\.csv 4 frames"):
        check_same_frames(members)


def test_files_of_different_stretches_are_refused(tmp_path: Path) -> None:
    members = [open_member(_write(tmp_path / f"{first}.parquet", ("nose",), first=first)) for first in (0, 7)]
    with pytest.raises(PoseError, match="from frame 7"):
        check_same_frames(members)


def test_a_file_that_does_not_exist_is_named(tmp_path: Path) -> None:
    with pytest.raises(PoseError, match=r"none\.csv does not exist"):
        open_member(tmp_path / "none.csv")


@pytest.mark.parametrize(
    ("names", "views"),
    [
        (["s1.top.csv", "s1.bot.csv"], {"top": "s1.top.csv", "bot": "s1.bot.csv"}),
        (["s_Cam-A_x.csv", "s_Cam-B_x.csv"], {"Cam-A": "s_Cam-A_x.csv", "Cam-B": "s_Cam-B_x.csv"}),
        (["camtop1.csv", "cambot1.csv"], {"top": "camtop1.csv", "bot": "cambot1.csv"}),
        (["a.left.csv", "a.left-rear.csv"], {"left": "a.left.csv", "left-rear": "a.left-rear.csv"}),
        (["top/a.csv", "bot/a.csv"], {"top": "top/a.csv", "bot": "bot/a.csv"}),
    ],
)
def test_files_are_matched_to_views_by_name(names: list[str], views: dict[str, str]) -> None:
    found = files_by_view([Path(name) for name in names], tuple(views))
    assert {view: [str(path) for path in paths] for view, paths in found.items()} == {v: [n] for v, n in views.items()}


def test_members_of_all_views_are_in_the_same_order() -> None:
    names = ["b.2.top.csv", "b.1.top.csv", "bot.b.1.csv", "bot.b.2.csv"]
    found = files_by_view([Path(name) for name in names], ("top", "bot"))
    assert [p.name for p in found["top"]] == ["b.1.top.csv", "b.2.top.csv"]
    assert [p.name for p in found["bot"]] == ["bot.b.1.csv", "bot.b.2.csv"]


@pytest.mark.parametrize(
    ("names", "views", "message"),
    [
        (["a.top.csv", "b.csv"], ("top", "bot"), "names none of the views"),
        (["a.top.bot.csv"], ("top", "bot"), "names several views"),
        (["a.top.csv", "b.top.csv", "a.bot.csv"], ("top", "bot"), "top 2, bot 1"),
        (["a.top.csv"], ("top",), "at least two different views"),
        (["a.top.csv"], ("top", "top"), "at least two different views"),
    ],
)
def test_files_that_fit_no_view_are_refused(names: list[str], views: tuple[str, ...], message: str) -> None:
    with pytest.raises(PoseError, match=message):
        files_by_view([Path(name) for name in names], views)


def test_mirrored_keypoints_are_paired_by_name() -> None:
    names = ("paw_top", "nose", "paw_bot", "bot-ear", "top-ear", "tail_top")
    whole, left_over = mirrored_parts(names, ("top", "bot"))
    assert whole == {"paw": {"top": "paw_top", "bot": "paw_bot"}, "ear": {"top": "top-ear", "bot": "bot-ear"}}
    assert left_over == ["nose", "tail_top"]
    assert split_name("_top", ("top",)) is None


def test_keypoints_are_chosen_by_name() -> None:
    assert choose(("a", "b", "c"), ("c", "a")) == ("c", "a")
    assert choose(("m/a", "m/b", "n/a", "n/b"), ("b", "a")) == ("m/a", "m/b", "n/a", "n/b")
    with pytest.raises(PoseError, match="known: a, b"):
        choose(("a", "b"), ("z",))


def test_blocks_keep_groups_together() -> None:
    assert blocks(("a", "b", "c", "d"), (("a", "d"),), 2) == [("a", "d"), ("b", "c")]
    assert blocks(("a", "b", "c"), (("a", "b", "c"),), 1) == [("a", "b", "c")]
    with pytest.raises(PoseError, match="one group only"):
        blocks(("a", "b"), (("a",), ("a", "b")), 2)


def test_parameters_are_given_once_or_for_each_keypoint() -> None:
    names = ("a", "b", "c")
    assert parameter_of(Options(), names, names) is None
    each = parameter_of(Options(smoothing=(1.0, 2.0, 3.0)), names, ("c", "a"))
    assert each is not None
    assert each.tolist() == [3.0, 1.0]
    with pytest.raises(PoseError, match="one for each of the 3"):
        parameter_of(Options(smoothing=(1.0, 2.0)), names, names)


@pytest.mark.parametrize(
    "wrong",
    [
        {"method": "other"}, {"quantile": 0.0}, {"quantile": 101.0}, {"min_likelihood": 1.5}, {"longest_gap": -1},
        {"smoothing": (0.0,)}, {"smoothing": (float("nan"),)},
    ],
)  # fmt: skip
def test_options_that_make_no_sense_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(PoseError):
        Options(**wrong)  # type: ignore[arg-type]


def test_a_smoothed_track_in_parquet_can_be_read_as_predictions_and_smoothed_again(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    axis = Axis(3, 6, np.arange(6) / 30)
    table = TrackTable(("nose", "tail"), axis)
    table.values[:] = rng.normal(size=table.values.shape)
    write_parquet(table, tmp_path / "smoothed.parquet", {})
    read = read_predictions(tmp_path / "smoothed.parquet")
    np.testing.assert_array_equal(read.points[:, 0, 1, 0], table.values[1, 0])
    member = open_member(tmp_path / "smoothed.parquet")
    assert (member.first, member.frames, member.names) == (3, 6, ("nose", "tail"))
    np.testing.assert_array_equal(member.read(["nose"])[:, 0], table.values[0, :3].T)


def test_points_of_several_animals_have_a_row_of_animals_in_csv(tmp_path: Path) -> None:
    table = TrackTable(("one/nose", "two/nose"), Axis(0, 2, np.arange(2.0)))
    table.values[:] = 1.0
    table.values[1, 0, 1] = np.nan
    write_csv(table, tmp_path / "smoothed.csv")
    lines = (tmp_path / "smoothed.csv").read_text().splitlines()
    assert lines[1].startswith("individuals,one,")
    assert lines[2].split(",")[1] == "nose"
    assert lines[5].split(",")[10] == ""


def test_files_that_name_only_frames_with_animals_go_on_as_long_as_the_others(tmp_path: Path) -> None:
    header = "track,frame_idx,instance.score,nose.x,nose.y,nose.score\n"
    paths = [tmp_path / "a.csv", tmp_path / "b.csv"]
    for path, last in zip(paths, (2, 4), strict=True):
        path.write_text(header + "".join(f",{t},1,{t},5,0.9\n" for t in range(last + 1)))
    members = open_members(paths)
    check_same_frames(members)
    assert [member.frames for member in members] == [5, 5]
    first = read_together(members, ["nose"])[0, :, 0]
    np.testing.assert_array_equal(first[:, 0], [0, 1, 2, np.nan, np.nan])
    assert (first[3:, 2] == 0).all()
