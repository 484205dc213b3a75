import numpy as np
import pytest

from tailbase.errors import PoseError
from tailbase.formats.match_frames import match_images, parse_crop


@pytest.fixture
def video(drawn, tmp_path):
    drawn.write_video(tmp_path / "video.mp4", [drawn.picture(n) for n in range(80)])
    return tmp_path / "video.mp4"


def silent(done, total):
    assert 0 <= done <= total


def test_each_image_is_found_whatever_its_name_says(drawn, video, tmp_path):
    truth = {"img5.png": 41, "img41.png": 5, "first.png": 0, "last.png": 79}
    for name, number in truth.items():
        drawn.save(tmp_path / name, drawn.picture(number))
    matches = match_images({name: tmp_path / name for name in truth}, video, None, silent)
    assert {name: match.frame_index for name, match in matches.found.items()} == truth
    assert max(match.difference for match in matches.found.values()) < 4


def test_jpeg_and_noise_do_not_hide_the_frame(drawn, video, tmp_path):
    noisy = drawn.picture(33) + np.random.default_rng(0).normal(0, 3, (drawn.height, drawn.width, 3))
    drawn.save(tmp_path / "a.jpg", np.clip(noisy, 0, 255).astype(np.uint8))
    assert match_images({"a.jpg": tmp_path / "a.jpg"}, video, None, silent).found["a.jpg"].frame_index == 33


def test_an_image_of_another_video_is_found_nowhere(drawn, video, tmp_path):
    other = drawn.picture(10)
    other[20:50, 20:50] = 255
    drawn.save(tmp_path / "a.png", other)
    assert match_images({"a.png": tmp_path / "a.png"}, video, None, silent).found == {}


def test_an_image_of_another_size_is_reported_with_its_size(drawn, video, tmp_path):
    drawn.save(tmp_path / "a.png", drawn.picture(10)[:60])
    matches = match_images({"a.png": tmp_path / "a.png"}, video, None, silent)
    assert (matches.found, matches.wrong_size, matches.video_size) == ({}, {"a.png": (160, 60)}, (160, 120))


def test_an_image_that_was_cut_out_is_found_by_its_crop(drawn, video, tmp_path):
    drawn.save(tmp_path / "cut.png", drawn.picture(22)[20:100, 10:150])
    drawn.save(tmp_path / "full.png", drawn.picture(50))
    files = {name: tmp_path / name for name in ("cut.png", "full.png")}
    found = match_images(files, video, (10, 150, 20, 100), silent).found
    assert (found["cut.png"].frame_index, found["cut.png"].cropped) == (22, True)
    assert (found["full.png"].frame_index, found["full.png"].cropped) == (50, False)


def test_among_frames_that_look_the_same_the_file_name_decides(drawn, tmp_path):
    drawn.write_video(tmp_path / "still.mp4", [drawn.picture(0)] * 30, crf=0)
    drawn.save(tmp_path / "img0017.png", drawn.picture(0))
    match = match_images({"img0017.png": tmp_path / "img0017.png"}, tmp_path / "still.mp4", None, silent)
    assert match.found["img0017.png"].frame_index == 17


def test_a_file_that_is_no_video_is_refused(drawn, tmp_path):
    (tmp_path / "video.mp4").write_bytes(b"x" * 1000)
    drawn.save(tmp_path / "a.png", drawn.picture(0))
    with pytest.raises(PoseError) as caught:
        match_images({"a.png": tmp_path / "a.png"}, tmp_path / "video.mp4", None, silent)
    assert caught.value.code.startswith("video.")


def test_a_crop_is_four_numbers():
    assert parse_crop("10, 150,20 ,100") == (10, 150, 20, 100)
    for wrong in ("", "1,2,3", "a,b,c,d", "1,2,3,-4", "1,2,3,99999999"):
        with pytest.raises(PoseError, match="four numbers"):
            parse_crop(wrong)
