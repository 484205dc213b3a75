import json

import numpy as np
import pytest

from tailbase.errors import PoseError
from tailbase.formats.bundle import check_project, report, write_bundle
from tailbase.formats.labels_parquet import read_labels
from tailbase.formats.project import load_labels, open_project, with_out_of_domain
from tailbase.schema import PointState


def label_csv(path, rows, scorer="Ann", parts=("nose", "tail")):
    """Rows are (image, x1, y1, x2, y2)."""
    path.parent.mkdir(parents=True, exist_ok=True)
    header = [["scorer"] + [scorer] * 2 * len(parts), ["bodyparts"] + [p for p in parts for _ in "xy"]]
    lines = [*header, ["coords"] + ["x", "y"] * len(parts), *([str(cell) for cell in row] for row in rows)]
    path.write_text("\n".join(",".join(line) for line in lines) + "\n")


def silent(stage, done, total):
    assert stage
    assert 0 <= done <= total


def codes(found):
    return [w["code"] for w in found["warnings"]]


@pytest.fixture
def dlc(tmp_path, drawn):
    """A DeepLabCut project from Windows, with one video and three of its frames."""
    root = tmp_path / "my project"
    for number in (4, 9, 30):
        drawn.save(root / f"labeled-data/s 1/img{number:03}.png", drawn.picture(number))
    drawn.write_video(root / "videos/s 1.mp4", [drawn.picture(n) for n in range(40)])
    rows = [(rf"labeled-data\s 1\img{n:03}.png", n, n + 0.5, "", "") for n in (4, 9)]
    label_csv(root / "labeled-data/s 1/CollectedData_Ann.csv", rows)
    (root / "config.yaml").write_text(
        "scorer: Ann\nbodyparts:\n- nose\n- tail\n- 'on'\nskeleton:\n- - nose\n  - tail\n"
        "video_sets:\n  D:\\me\\my project\\videos\\s 1.mp4:\n    crop: 0, 160, 0, 120\n"
    )
    return root


def test_a_deeplabcut_project_is_tied_to_its_video(dlc, tmp_path):
    project = open_project(dlc)
    checked = check_project(project, silent)
    found = report(project, checked)
    assert (found["format"], found["frames"], found["points"], found["scorers"]) == ("deeplabcut", 2, 2, ["Ann"])
    assert found["keypoints"] == ["nose", "tail", "on"]
    assert found["unmatched_names"] == ["on: in config.yaml, not in the labels"]
    assert found["unlabelled_images"] == 1
    assert [(m["video"], m["frame_index"]) for m in found["matched_frames"].values()] == [("s 1", 4), ("s 1", 9)]
    assert project.labels.skeleton.edges == (("nose", "tail"),)
    write_bundle(project, checked, tmp_path / "bundle", silent)
    labels = read_labels(tmp_path / "bundle/labels.parquet")
    assert [(r.path, r.video, r.frame_index, r.recording) for r in labels.images] == [
        ("labeled-data/s 1/img004.png", "s 1", 4, "s 1"), ("labeled-data/s 1/img009.png", "s 1", 9, "s 1"),
    ]  # fmt: skip
    assert (tmp_path / "bundle/images/labeled-data/s 1/img009.png").is_file()
    assert json.loads((tmp_path / "bundle/report.json").read_text()) == found
    assert json.loads((tmp_path / "bundle/videos.json").read_text()) == [
        {"name": "s 1", "path": "videos/s 1.mp4", "recording": "s 1", "view": None}
    ]


def test_points_of_cut_images_move_to_the_full_frame_with_the_image(dlc, drawn, tmp_path):
    config = (dlc / "config.yaml").read_text()
    (dlc / "config.yaml").write_text(config.replace("0, 160, 0, 120", "10, 150, 20, 100"))
    drawn.save(dlc / "labeled-data/s 1/img004.png", drawn.picture(4)[20:100, 10:150])
    project = open_project(dlc)
    checked = check_project(project, silent)
    assert report(project, checked)["crop_offsets"] == {"labeled-data/s 1/img004.png": [10, 20]}
    assert checked.labels.points[0, 0, 0].tolist() == [14, 24.5]
    assert checked.labels.points[1, 0, 0].tolist() == [9, 9.5]
    write_bundle(project, checked, tmp_path / "bundle", silent)
    from PIL import Image

    with Image.open(tmp_path / "bundle/images/labeled-data/s 1/img004.png") as image:
        assert image.size == (160, 120)


def test_what_does_not_fit_is_reported(dlc, drawn):
    label_csv(
        dlc / "labeled-data/s 1/CollectedData_Ann.csv",
        [("labeled-data/s 1/img004.png", 500, 5, "", ""), ("labeled-data/s 1/gone.png", 1, 2, 3, 4),
         ("labeled-data/s 1/small.png", 1, 2, 3, 4), ("labeled-data/s 1/bad.png", 1, 2, 3, 4),
         ("labeled-data/s 1/twin.png", 1, 2, 3, 4), ("labeled-data/s 1/else.png", 1, 2, 3, 4)],
    )  # fmt: skip
    drawn.save(dlc / "labeled-data/s 1/small.png", drawn.picture(4)[:50])
    drawn.save(dlc / "labeled-data/s 1/twin.png", drawn.picture(4))
    drawn.save(dlc / "labeled-data/s 1/else.png", drawn.picture(4)[::-1])
    (dlc / "labeled-data/s 1/bad.png").write_bytes(b"\x89PNG\r\n\x1a\nnothing")
    project = open_project(dlc)
    found = report(project, check_project(project, silent))
    assert found["missing_images"] == ["labeled-data/s 1/gone.png"]
    assert found["size_mismatches"] == [
        {"image": "labeled-data/s 1/small.png", "size": [160, 50], "video": "s 1", "video_size": [160, 120]}
    ]
    assert found["image_sizes"] == {"160x120": 3, "160x50": 1}
    assert set(codes(found)) == {
        "image.unreadable", "labels.outside_image", "images.same_frame", "images.not_in_video"
    }  # fmt: skip


def test_two_scorers_are_merged_and_the_projects_own_counts(dlc):
    label_csv(
        dlc / "labeled-data/s 1/CollectedData_Aaron.csv",
        [("labeled-data/s 1/img004.png", 100, 100, 7, 7), ("labeled-data/s 1/img030.png", 30, 31, 32, 33)],
        scorer="Aaron",
    )
    project = open_project(dlc)
    assert project.scorers == ("Ann", "Aaron")
    points = {r.path[-7:-4]: project.labels.points[i, 0, 0].tolist() for i, r in enumerate(project.labels.images)}
    assert points == {"004": [4, 4.5], "009": [9, 9.5], "030": [30, 31]}
    assert [w["code"] for w in project.warnings] == ["labels.other_scorer"]
    assert open_project(dlc, scorer="Aaron").labels.points[0, 0, 0].tolist() == [100, 100]


def test_an_image_behind_a_link_out_of_the_project_is_missing(dlc, drawn, tmp_path):
    drawn.save(tmp_path / "secret.png", drawn.picture(1))
    image = dlc / "labeled-data/s 1/img004.png"
    image.unlink()
    image.symlink_to(tmp_path / "secret.png")
    assert "labeled-data/s 1/img004.png" not in open_project(dlc).image_files


def test_lightning_pose_views_share_a_recording(tmp_path, drawn):
    for view in ("top", "side"):
        rows = [(f"labeled-data/s1_{view}/img{n}.png", n, n, n + 1, n) for n in (1, 2)]
        label_csv(tmp_path / f"CollectedData_{view}.csv", rows)
        drawn.save(tmp_path / f"labeled-data/s1_{view}/img1.png", drawn.picture(1))
        drawn.write_video(tmp_path / f"videos/s1_{view}.mp4", [drawn.picture(n) for n in range(5)])
    label_csv(tmp_path / "CollectedData_top_new.csv", [("labeled-data/s2_top/img1.png", 1, 2, 3, 4)])
    (tmp_path / "calibrations").mkdir()
    (tmp_path / "calibrations/s1.toml").write_text("")
    project = open_project(tmp_path)
    assert [(r.recording, r.view) for r in project.labels.images] == [("s1", "side")] * 2 + [("s1", "top")] * 2
    assert [(v.name, v.recording, v.view) for v in project.videos] == [
        ("s1_side", "s1", "side"),
        ("s1_top", "s1", "top"),
    ]
    assert project.calibrations == ("calibrations/s1.toml",)
    assert project.warnings == ()
    apart = project.out_of_domain
    assert [(r.path, r.recording, r.view) for r in apart.images] == [("labeled-data/s2_top/img1.png", "s2", "top")]
    assert len(with_out_of_domain(project).labels.images) == 5
    checked = check_project(project, silent)
    tied = [(r.video, r.frame_index, r.view) for r in checked.labels.images]
    assert tied == [("s1_side", 1, "side"), (None, None, "side"), ("s1_top", 1, "top"), (None, None, "top")]


def test_a_project_within_a_folder_is_found_and_two_are_not_guessed_between(dlc, tmp_path):
    assert open_project(tmp_path).root == dlc
    label_csv(tmp_path / "other/CollectedData.csv", [("labeled-data/a.png", 1, 2, 3, 4)])
    with pytest.raises(PoseError) as caught:
        open_project(tmp_path)
    assert caught.value.code == "project.several"


def test_a_folder_without_a_project_is_refused(tmp_path):
    (tmp_path / "x").mkdir()
    for source, code in ((tmp_path, "project.unknown_format"), (tmp_path / "no", "project.not_found")):
        with pytest.raises(PoseError) as caught:
            open_project(source)
        assert caught.value.code == code


@pytest.mark.parametrize(
    "content",
    ["a: [", "- 1", "a: &x [*x", "bodyparts: !!python/object/apply:os.system ['touch canary']\n[", "[" * 100_000,
     "bodyparts: [a]\n" + "a" * 2_000_000, "x: &a [1]\ny: [" + "*a," * 1200 + "]"],
    ids=["open", "list", "recursive", "python", "deep", "huge", "aliases"],
)  # fmt: skip
def test_bad_yaml_is_refused(dlc, content):
    (dlc / "config.yaml").write_text(content)
    with pytest.raises(PoseError) as caught:
        open_project(dlc)
    assert caught.value.code == "project.bad_yaml"


def test_a_python_tag_in_yaml_builds_nothing(dlc):
    text = (dlc / "config.yaml").read_text()
    (dlc / "config.yaml").write_text(text + "identity: !!python/object/apply:os.system ['touch canary']\n")
    assert open_project(dlc).labels.scorer == "Ann"
    assert not (dlc / "canary").exists()


def test_a_csv_and_an_h5_that_differ_are_reported(dlc, datasets):
    twin = datasets / "dlc-openfield/labeled-data/m4s1/CollectedData_Pranav.h5"
    (dlc / "labeled-data/s 1/CollectedData_Ann.h5").write_bytes(twin.read_bytes())
    assert [w["code"] for w in open_project(dlc).warnings] == ["labels.twins_differ"]


def test_labels_for_training_come_with_the_folder_of_their_images(dlc):
    labels, folder = load_labels(dlc / "labeled-data/s 1/CollectedData_Ann.csv")
    assert folder == dlc
    assert all((folder / ref.path).is_file() for ref in labels.images)
    assert (labels.states == PointState.VISIBLE).sum() == 2
    assert np.isnan(labels.points[:, :, 1]).all()


def test_links_that_lead_out_of_the_project_are_passed_over_and_named(dlc, tmp_path):
    (tmp_path / "secret.csv").write_text("scorer,secret,secret\nbodyparts,n,n\ncoords,x,y\na.png,1,2\n")
    (dlc / "labeled-data/s 2").mkdir()
    (dlc / "labeled-data/s 2/CollectedData_Eve.csv").symlink_to(tmp_path / "secret.csv")
    (tmp_path / "elsewhere").mkdir()
    (dlc / "videos/s 1.mp4").rename(tmp_path / "elsewhere/s 1.mp4")
    (dlc / "videos").rmdir()
    (dlc / "videos").symlink_to(tmp_path / "elsewhere")
    project = open_project(dlc)
    assert (project.scorers, project.videos) == (("Ann",), ())
    assert [w["code"] for w in project.warnings] == ["project.link_outside"]
    assert "videos" in project.warnings[0]["detail"]


def test_videos_of_the_same_name_are_told_apart_by_their_folders(dlc):
    for session in ("mon", "tue"):
        (dlc / "videos" / session).mkdir()
        (dlc / f"videos/{session}/cam1.mp4").write_bytes(b"x")
    assert [v.name for v in open_project(dlc).videos] == ["s 1", "mon/cam1", "tue/cam1"]


def test_files_beside_collected_data_are_held_out(tmp_path):
    label_csv(tmp_path / "CollectedData.csv", [("labeled-data/a.png", 1, 2, 3, 4)])
    label_csv(tmp_path / "CollectedData_batch2.csv", [("labeled-data/b.png", 1, 2, 3, 4)])
    project = open_project(tmp_path)
    assert [(r.path, r.view) for r in project.labels.images] == [("labeled-data/a.png", None)]
    assert "CollectedData_batch2.csv" in project.warnings[0]["detail"]
