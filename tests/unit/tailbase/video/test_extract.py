"""Stills are the exact frames, with their neighbours and thumbnails."""

import json

import numpy as np
import pytest
from PIL import Image

from tailbase import cli
from tailbase.errors import PoseError
from tailbase.video.extract import extract
from tailbase.video.reader import open_video


@pytest.fixture
def film(clip):
    return clip(frames=100, gop=250, b_frames=3)


def test_a_still_is_the_frame_pixel_for_pixel(film, tmp_path):
    (still,) = extract(film, [57], tmp_path / "out")
    with open_video(film) as video:
        np.testing.assert_array_equal(np.asarray(Image.open(tmp_path / "out" / still.image)), video.frame(57))


def test_neighbours_lie_around_each_frame(film, tmp_path, number_of):
    stills = extract(film, [57, 3], tmp_path, context=2)
    assert [still.index for still in stills] == [3, 57]
    for still in stills:
        assert [n.offset for n in still.context] == [-2, -1, 1, 2]
        for n in still.context:
            assert number_of(np.asarray(Image.open(tmp_path / n.image))) == still.index + n.offset


def test_neighbours_outside_the_video_are_left_out(film, tmp_path):
    first, last = extract(film, [0, 99], tmp_path, context=2)
    assert [n.offset for n in first.context] == [1, 2]
    assert [n.offset for n in last.context] == [-2, -1]


def test_only_the_chosen_frames_get_thumbnails(film, tmp_path):
    extract(film, [10], tmp_path, context=1)
    names = sorted(path.name for path in tmp_path.glob("*[0-9].*"))
    assert names == ["img00000009.png", "img00000010.png", "img00000011.png", "thumb00000010.jpg"]


def test_a_frame_that_is_not_there_is_refused_before_anything_is_written(film, tmp_path):
    with pytest.raises(PoseError) as caught:
        extract(film, [3, 100], tmp_path / "out")
    assert caught.value.code == "frames.outside_video"
    assert "0 to 99" in caught.value.message
    assert not (tmp_path / "out").exists()


def test_a_request_for_far_too_many_images_is_refused(film, tmp_path):
    with pytest.raises(PoseError) as caught:
        extract(film, range(100), tmp_path / "out", context=200)
    assert caught.value.code == "frames.too_many"


def test_the_command_lists_files_relative_to_its_folder(film, tmp_path, capsys):
    out = tmp_path / "stills"
    assert cli.main(["frames", str(film), "--indices", "3,57-58", "--context", "1", "--out", str(out), "--json"]) == 0
    frames = json.loads(capsys.readouterr().out.splitlines()[-1])["values"]["frames"]
    assert [frame["index"] for frame in frames] == [3, 57, 58]
    assert frames[0]["context"] == [
        {"offset": -1, "image": "img00000002.png"},
        {"offset": 1, "image": "img00000004.png"},
    ]
    assert (frames[0]["width"], frames[0]["height"]) == (96, 64)
    assert all((out / frame[key]).exists() for frame in frames for key in ("image", "thumbnail"))


@pytest.mark.parametrize("text", ["a", "1,b", "3-x", "0-99999999"])
def test_the_command_refuses_what_is_no_list_of_numbers(film, tmp_path, text, capsys):
    with pytest.raises(SystemExit):
        cli.main(["frames", str(film), "--indices", text, "--out", str(tmp_path)])
    assert "frame number" in capsys.readouterr().err
