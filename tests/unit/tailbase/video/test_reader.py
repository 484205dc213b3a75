"""Every frame number gives exactly that frame, read in order or at random."""

from fractions import Fraction

import av
import numpy as np
import pytest

from tailbase.video.proxy import make_proxy
from tailbase.video.reader import open_video

NTSC = Fraction(30000, 1001)
UNEVEN = tuple(int(v) for v in np.cumsum(np.random.default_rng(1).integers(1, 9, 60)) * 7)

KINDS = {
    "30 fps, a key frame every 15": ("a.mp4", {}),
    "30000/1001 fps": ("a.mp4", {"fps": NTSC}),
    "one key frame in 250, B-frames": ("a.mp4", {"frames": 300, "gop": 250, "b_frames": 3}),
    "30000/1001 fps, one key in 250, B-frames": ("a.mp4", {"frames": 300, "fps": NTSC, "gop": 250, "b_frames": 3}),
    "open groups of pictures": ("a.mp4", {"gop": 12, "b_frames": 3, "options": (("x264-params", "open-gop=1"),)}),
    "key frames closer than the reordering": ("a.mp4", {"gop": 2, "b_frames": 3}),
    "uneven times": ("a.mp4", {"stamps": UNEVEN, "time_base": Fraction(1, 1000), "b_frames": 2, "gop": 20}),
    "Matroska": ("a.mkv", {"fps": NTSC, "gop": 20, "b_frames": 3}),
    "Matroska, uneven times": ("a.mkv", {"stamps": UNEVEN, "time_base": Fraction(1, 1000), "gop": 20, "b_frames": 2}),
    "4:4:4 colour": ("a.mp4", {"pixel_format": "yuv444p", "gop": 20, "b_frames": 2}),
    "4:4:4 colour, run-length coding": (
        "a.mp4", {"pixel_format": "yuv444p", "gop": 20, "options": (("x264-params", "cabac=0"),)},
    ),
    "AVI with motion JPEG": ("a.avi", {"codec": "mjpeg", "pixel_format": "yuvj420p"}),
    "AVI with MPEG-4 and B-frames": ("a.avi", {"codec": "mpeg4", "b_frames": 2, "options": (("bf", "2"),)}),
    "AVI with H.264 and B-frames": ("a.avi", {"b_frames": 3, "gop": 20}),
    "MPEG transport stream": ("a.ts", {"gop": 20, "b_frames": 2}),
    "raw H.264": ("a.h264", {"gop": 20, "b_frames": 2}),
    "WebM with VP8 and hidden pictures": (
        "a.webm", {"codec": "libvpx", "gop": 20, "options": (("auto-alt-ref", "1"), ("lag-in-frames", "10"))},
    ),
    "WebM with VP9": ("a.webm", {"codec": "libvpx-vp9", "gop": 20, "options": (("lag-in-frames", "10"),)}),
    "HEVC": ("a.mp4", {"codec": "libx265", "gop": 20, "options": (("x265-params", "log-level=none"),)}),
    "fragmented MP4": ("a.mp4", {"gop": 20, "b_frames": 2, "container": (("movflags", "frag_keyframe+empty_moov"),)}),
    "Matroska written to a pipe": ("a.mkv", {"gop": 20, "b_frames": 2, "container": (("live", "1"),)}),
}  # fmt: skip


@pytest.fixture(params=KINDS.values(), ids=KINDS.keys())
def case(request, clip):
    name, how = request.param
    return clip(name, **how), how.get("frames", 60)


def test_frames_in_order_are_all_there_once(case, number_of):
    path, count = case
    with open_video(path) as video:
        assert video.frame_count == count
        assert [number_of(image) for image in video.frames()] == list(range(count))


def test_frames_at_random_are_the_frames_asked_for(case, number_of):
    path, count = case
    asked = np.random.default_rng(0).permutation(count)[:25]
    with open_video(path) as video:
        assert [number_of(video.frame(int(i))) for i in asked] == list(asked)


def test_a_jump_gives_the_very_pixels_of_reading_in_order(case):
    path, count = case
    with open_video(path) as video:
        in_order = list(video.frames())
        for i in np.random.default_rng(3).permutation(count)[:8]:
            np.testing.assert_array_equal(video.frame(int(i)), in_order[i])


def test_reading_in_order_can_start_anywhere(case, number_of):
    path, count = case
    with open_video(path) as video:
        for start in (1, count // 2, count - 1):
            stop = min(start + 7, count)
            assert [number_of(image) for image in video.frames(start, stop)] == list(range(start, stop))


@pytest.mark.parametrize("fps", [Fraction(30), NTSC, Fraction(1_000_000, 33_333)])
@pytest.mark.parametrize("name", ["a.mp4", "a.mkv"])
def test_the_frame_rate_is_an_exact_fraction(clip, name, fps):
    with open_video(clip(name, fps=fps, b_frames=2)) as video:
        assert float(abs(video.fps - fps)) < 0.01
        assert not video.index.variable_rate
        np.testing.assert_allclose(video.times, np.arange(60) / float(fps), atol=1.1e-3)


def test_parts_of_the_times_share_the_memory_of_one_list(clip):
    with open_video(clip()) as video:
        assert np.shares_memory(video.times[:10], video.times[5:20])


def test_uneven_times_are_reported_as_stored(clip):
    path = clip(stamps=UNEVEN, time_base=Fraction(1, 1000), b_frames=2)
    with open_video(path) as video:
        assert video.index.variable_rate
        np.testing.assert_allclose(video.times, (np.array(UNEVEN) - UNEVEN[0]) / 1000, atol=1e-3)


def test_frames_are_scaled_to_the_size_asked_for(clip, number_of):
    with open_video(clip()) as video:
        images = list(video.frames(5, 9, size=(192, 128)))
        assert {image.shape for image in images} == {(128, 192, 3)}
        assert [number_of(image) for image in images] == [5, 6, 7, 8]


def test_frames_can_reuse_the_memory_given_to_them(clip, number_of):
    with open_video(clip()) as video:
        slots = np.empty((4, video.height, video.width, 3), np.uint8)
        seen = [number_of(slots[i % 4]) for i, _ in enumerate(video.frames(10, 30, out=slots))]
    assert seen == list(range(10, 30))


def test_a_loop_over_frames_is_not_disturbed_by_single_reads(clip, number_of):
    with open_video(clip(b_frames=2)) as video:
        seen = []
        for i, image in enumerate(video.frames(0, 20)):
            seen.append(number_of(image))
            assert number_of(video.frame(59 - i)) == 59 - i
    assert seen == list(range(20))


def test_frames_at_gives_each_number_once_in_ascending_order(clip, number_of):
    with open_video(clip(gop=250, b_frames=3)) as video:
        got = [(i, number_of(image)) for i, image in video.frames_at([40, 3, 40, 41, 2])]
    assert got == [(2, 2), (3, 3), (40, 40), (41, 41)]


@pytest.mark.parametrize("asked", [-1, 60])
def test_a_number_outside_the_video_is_refused(clip, asked):
    with open_video(clip()) as video, pytest.raises(IndexError, match="0 to 59"):
        video.frame(asked)


def test_one_decoder_thread_gives_the_same_pixels_as_several(clip):
    path = clip(gop=250, b_frames=3)
    with open_video(path, threads=1) as one, open_video(path, threads=4) as four:
        for a, b in zip(one.frames(), four.frames(), strict=True):
            np.testing.assert_array_equal(a, b)


def test_a_film_that_lies_on_its_side_is_read_upright(clip, tmp_path, number_of):
    path = tmp_path / "phone.mp4"
    with av.open(str(clip())) as source, av.open(str(path), "w") as target:
        stream = target.add_stream_from_template(source.streams.video[0])
        stream.set_display_rotation(-90)
        for packet in source.demux(video=0):
            if packet.dts is not None:
                packet.stream = stream
                target.mux(packet)
    make_proxy(path, tmp_path / "proxy.mp4")
    for upright in (path, tmp_path / "proxy.mp4"):
        with open_video(upright) as video:
            assert (video.width, video.height) == (64, 96)
            image = video.frame(37)
            assert number_of(np.rot90(image)) == 37
            assert video.frame(37, size=(32, 48)).shape == (48, 32, 3)
