import csv
import json
import zipfile

import numpy as np
import pytest

from tailbase.cli import main
from tailbase.formats.labels_parquet import read_labels, write_labels
from tailbase.formats.predictions_parquet import read_predictions

CSV = "scorer,A,A,A,A\nbodyparts,nose,nose,tail,tail\ncoords,x,y,x,y\nlabeled-data/s/img3.png,1,2,3,4\n"
PREDICTIONS = "scorer,net,net,net\nbodyparts,n,n,n\ncoords,x,y,likelihood\n0,1,2,0.5\n1,3,4,1.0\n"


@pytest.fixture
def project(tmp_path, drawn):
    root = tmp_path / "mouse project"
    drawn.save(root / "labeled-data/s/img3.png", drawn.picture(3))
    drawn.write_video(root / "videos/s.mp4", [drawn.picture(n) for n in range(8)])
    (root / "CollectedData.csv").write_text(CSV)
    return root


@pytest.fixture
def convert(capsys, tmp_path):
    """Runs the verb and gives its exit status and its last JSON event."""

    def _convert(source, to, *options):
        status = main(["convert", str(source), "--to", to, "--out", str(tmp_path / "out"), "--json", *options])
        events = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
        return status, events[-1]

    return _convert


def zipped(folder, path):
    with zipfile.ZipFile(path, "w") as file:
        for item in folder.rglob("*"):
            file.write(item, item.relative_to(folder.parent))
    return path


def test_a_project_becomes_an_import_bundle(project, convert, tmp_path):
    status, event = convert(project, "tailbase")
    assert (status, event["event"]) == (0, "result")
    assert event["values"]["report"]["matched_frames"]["labeled-data/s/img3.png"]["frame_index"] == 3
    assert {p.name for p in (tmp_path / "out").iterdir()} == {
        "images", "thumbnails", "images.json", "labels.parquet", "out_of_domain.json", "skeleton.json", "videos.json",
            "report.json",
    }  # fmt: skip


def test_a_dry_run_reports_the_same_and_writes_nothing(project, convert, tmp_path):
    _, dry = convert(project, "tailbase", "--dry-run")
    assert not (tmp_path / "out").exists()
    _, wet = convert(project, "tailbase")
    assert dry["values"] == wet["values"] | {"dry_run": True}


def test_a_zip_is_unpacked_into_the_bundle_with_its_videos(project, convert, tmp_path):
    status, event = convert(zipped(project, tmp_path / "p.zip"), "tailbase")
    assert (status, event["values"]["report"]["frames"]) == (0, 1)
    [video] = json.loads((tmp_path / "out/videos.json").read_text())
    assert (tmp_path / "out/source/mouse project" / video["path"]).is_file()
    assert event["values"]["source_root"] == str(tmp_path / "out/source/mouse project")


def test_a_dry_run_of_a_zip_leaves_nothing(project, convert, tmp_path):
    status, event = convert(zipped(project, tmp_path / "p.zip"), "tailbase", "--dry-run")
    assert (status, event["values"]["report"]["points"]) == (0, 2)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("to", ["lightning-pose", "deeplabcut", "parquet"])
def test_a_project_is_written_for_other_programs_and_read_back(project, convert, tmp_path, to):
    status, event = convert(project, to)
    assert (status, event["values"]["points"]) == (0, 2)
    out = tmp_path / "out"
    status = main(["convert", str(out), "--to", "parquet", "--out", str(tmp_path / "back"), "--json"])
    labels = read_labels(tmp_path / "back/labels.parquet")
    np.testing.assert_array_equal(labels.points, [[[[1, 2], [3, 4]]]])
    assert (out / "labeled-data/s/img3.png").is_file() == (to != "parquet")


def test_labels_of_a_bundle_go_out_with_their_images(project, convert, tmp_path):
    convert(project, "tailbase")
    status = main(["convert", str(tmp_path / "out"), "--to", "deeplabcut", "--out", str(tmp_path / "dlc"), "--json"])
    assert status == 0
    assert (tmp_path / "dlc/labeled-data/s/img3.png").is_file()


@pytest.mark.parametrize(
    ("to", "files"),
    [("parquet", ["p.parquet", "p.f32"]), ("csv", ["p.csv"]), ("deeplabcut", ["p.csv"]), ("lightning-pose", ["p.csv"])],
)
def test_predictions_become_other_files(convert, tmp_path, to, files):
    (tmp_path / "p.csv").write_text(PREDICTIONS)
    status, event = convert(tmp_path / "p.csv", to, "--fps", "50")
    assert (status, event["values"]["files"], event["values"]["frames"]) == (0, files, 2)
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == sorted(files)


def test_labels_become_one_row_a_point(convert, tmp_path, labels):
    write_labels(labels, tmp_path / "labels.parquet")
    convert(tmp_path / "labels.parquet", "csv")
    with (tmp_path / "out/labels.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 5
    assert (rows[0]["image"], rows[0]["keypoint"], rows[0]["y"]) == ("s1/img0003.png", "nose", "2.25")
    assert (rows[3]["state"], rows[3]["x"]) == ("absent", "")


def test_times_follow_from_the_frame_rate(convert, tmp_path):
    (tmp_path / "p.csv").write_text(PREDICTIONS)
    convert(tmp_path / "p.csv", "parquet", "--fps", "50")
    assert read_predictions(tmp_path / "out/p.parquet").times.tolist() == [0, 0.02]


@pytest.mark.parametrize(
    ("source", "to", "code"),
    [
        ("gone", "tailbase", "project.not_found"),
        ("p.csv", "tailbase", "convert.predictions"),
        ("notes.txt", "parquet", "project.unknown_format"),
        ("bad.zip", "tailbase", "archive.type"),
        ("bad.csv", "parquet", "labels.not_a_number"),
        ("labels.parquet", "lightning-pose", "labels.several_animals"),
    ],
)
def test_wrong_input_gives_status_2_and_a_code(convert, tmp_path, labels, source, to, code):
    (tmp_path / "p.csv").write_text(PREDICTIONS)
    (tmp_path / "bad.csv").write_text(CSV.replace("3,4", "3,x"))
    (tmp_path / "notes.txt").write_text("hello")
    (tmp_path / "bad.zip").write_bytes(b"no zip")
    write_labels(labels, tmp_path / "labels.parquet")
    status, event = convert(tmp_path / source, to)
    assert (status, event["event"], event["code"]) == (2, "error", code)
    assert not (tmp_path / "out").exists()


def test_a_frame_rate_of_nothing_is_refused(convert, tmp_path):
    (tmp_path / "p.csv").write_text(PREDICTIONS)
    assert convert(tmp_path / "p.csv", "parquet", "--fps", "0")[1]["code"] == "convert.bad_fps"


def test_help_names_every_format(capsys):
    with pytest.raises(SystemExit):
        main(["convert", "--help"])
    said = capsys.readouterr().out
    assert all(f"--to {name}" in said for name in ("tailbase", "lightning-pose", "deeplabcut", "parquet", "csv"))


def test_a_bundle_is_not_mixed_with_what_is_there(project, convert, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out/old.txt").write_text("mine")
    assert convert(project, "tailbase")[1]["code"] == "convert.not_empty"
    assert [p.name for p in (tmp_path / "out").iterdir()] == ["old.txt"]
