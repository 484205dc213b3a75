"""The sample project on disk: films, labels and truth that agree."""

import json

import numpy as np
import pytest
from PIL import Image

from tailbase import cli
from tailbase.formats.labels_parquet import read_labels
from tailbase.formats.skeleton_json import read_skeleton
from tailbase.schema import PointState
from tailbase.synthetic import render_frame, sample_skeleton, training_scene, write_sample_project
from tailbase.video.reader import open_video


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    return write_sample_project(tmp_path_factory.mktemp("sample"), seed=5, frames=30, labelled=4)


def test_each_film_has_its_frames(project):
    for path in (project.training_video, project.unseen_video):
        with open_video(path) as video:
            assert (video.frame_count, video.fps, video.width, video.height) == (30, 30, 320, 264)


def test_labels_are_the_truth_of_their_frames(project):
    labels, truth = read_labels(project.labels), read_labels(project.truth)
    rows = {(ref.video, ref.frame_index): i for i, ref in enumerate(truth.images)}
    assert [ref.frame_index for ref in labels.images] == [3, 11, 18, 26]
    for i, ref in enumerate(labels.images):
        row = rows[ref.video, ref.frame_index]
        np.testing.assert_array_equal(labels.points[i], truth.points[row])
        np.testing.assert_array_equal(labels.states[i], truth.states[row])


def test_truth_covers_every_frame_of_both_films_and_every_point(project):
    truth = read_labels(project.truth)
    assert len(truth.images) == 60
    assert {ref.video for ref in truth.images} == {project.training_video.stem, project.unseen_video.stem}
    assert (truth.states != PointState.UNLABELED).all()


def test_truth_is_what_was_drawn(project):
    truth = read_labels(project.truth)
    _, points, states = render_frame(training_scene(5), 7 / 30)
    np.testing.assert_allclose(truth.points[7, 0], points)
    np.testing.assert_array_equal(truth.states[7, 0], states)


def test_labelled_images_are_the_exact_frames_of_the_film(project):
    labels = read_labels(project.labels)
    with open_video(project.training_video) as video:
        for ref in labels.images:
            image = np.asarray(Image.open(project.folder / "images" / ref.path))
            np.testing.assert_array_equal(image, video.frame(ref.frame_index))


def test_the_film_shows_what_was_drawn_at_that_frame(project):
    drawn, *_ = render_frame(training_scene(5), 17 / 30)
    with open_video(project.training_video) as video:
        errors = [np.abs(video.frame(i).astype(int) - drawn).mean() for i in range(15, 20)]
    assert int(np.argmin(errors)) == 2


def test_the_skeleton_lies_beside_the_labels(project):
    assert read_skeleton(project.skeleton) == read_labels(project.labels).skeleton == sample_skeleton()


def test_the_body_is_about_eighty_pixels_long(project):
    assert 70 < project.body_length_px < 90


def test_the_unseen_film_is_another_scene(project):
    truth = read_labels(project.truth)
    assert np.nanmax(np.abs(truth.points[:30] - truth.points[30:])) > 30
    with open_video(project.training_video) as one, open_video(project.unseen_video) as other:
        assert abs(one.frame(0).mean() - other.frame(0).mean()) > 2


def test_the_same_seed_draws_the_same_project(tmp_path):
    first = write_sample_project(tmp_path / "a", seed=2, frames=6, labelled=2)
    second = write_sample_project(tmp_path / "b", seed=2, frames=6, labelled=2)
    np.testing.assert_array_equal(read_labels(first.truth).points, read_labels(second.truth).points)
    with open_video(first.training_video) as one, open_video(second.training_video) as other:
        for a, b in zip(one.frames(), other.frames(), strict=True):
            np.testing.assert_array_equal(a, b)


def test_the_command_draws_a_project_and_names_its_files(tmp_path, capsys):
    out = tmp_path / "sample project"
    assert cli.main(["synthesize", "--out", str(out), "--frames", "5", "--labels", "2", "--json"]) == 0
    events = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    values = events[-1]["values"]
    assert (events[0]["event"], events[-1]["event"]) == ("progress", "result")
    assert values["labels"] == str(out / "labels.parquet")
    assert len(list((out / "images").rglob("*.png"))) == 2


@pytest.mark.parametrize("option", [["--frames", "0"], ["--seed", "-1"], ["--labels", "x"]])
def test_the_command_refuses_numbers_out_of_range(tmp_path, option, capsys):
    with pytest.raises(SystemExit):
        cli.main(["synthesize", "--out", str(tmp_path), *option])
    assert option[0] in capsys.readouterr().err
