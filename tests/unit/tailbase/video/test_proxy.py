"""A proxy has the frames of its source, one for one, in the form that browsers seek exactly."""

import json
from fractions import Fraction

import av
import numpy as np
import pytest

from tailbase import cli
from tailbase.errors import PoseError
from tailbase.video.proxy import make_proxy, proxy_size
from tailbase.video.reader import open_video

UNEVEN = tuple(int(v) for v in np.cumsum(np.random.default_rng(1).integers(1, 9, 60)) * 7)

SOURCES = {
    "30 fps": {},
    "30000/1001 fps, one key frame, B-frames": {"fps": Fraction(30000, 1001), "gop": 250, "b_frames": 3, "frames": 200},
    "uneven times": {"stamps": UNEVEN, "time_base": Fraction(1, 1000), "b_frames": 2},
    "4:4:4 colour": {"pixel_format": "yuv444p"},
    "AVI with MPEG-4": {"name": "a.avi", "codec": "mpeg4"},
    "motion JPEG in full range": {"name": "a.avi", "codec": "mjpeg", "pixel_format": "yuvj420p"},
    "one frame": {"frames": 1},
}


@pytest.mark.parametrize("how", SOURCES.values(), ids=SOURCES.keys())
def test_every_source_frame_is_one_proxy_frame(clip, tmp_path, number_of, how):
    source, target = clip(**how), tmp_path / "proxy.mp4"
    facts = make_proxy(source, target)
    with open_video(source) as video, open_video(target) as proxy:
        count = how.get("frames", 60)
        assert facts.frame_count == proxy.frame_count == video.frame_count == count
        assert [number_of(image) for image in proxy.frames()] == list(range(count))
        assert not proxy.index.variable_rate
        np.testing.assert_allclose(proxy.times, np.arange(count) / float(video.fps), atol=1e-3)


def test_brightness_is_that_of_the_source(clip, tmp_path):
    source = clip("a.avi", codec="mjpeg", pixel_format="yuvj420p")
    make_proxy(source, tmp_path / "proxy.mp4")
    with open_video(source) as video, open_video(tmp_path / "proxy.mp4") as proxy:
        assert abs(video.frame(7).mean() - proxy.frame(7).mean()) < 2


def test_a_proxy_has_no_b_frames_a_key_frame_every_15_and_its_header_first(clip, tmp_path):
    target = tmp_path / "proxy.mp4"
    make_proxy(clip(gop=250, b_frames=3), target)
    with av.open(str(target)) as container:
        stream = container.streams.video[0]
        packets = [p for p in container.demux(stream) if p.size]
        assert (stream.codec_context.name, stream.codec_context.pix_fmt) == ("h264", "yuv420p")
        assert [i for i, p in enumerate(packets) if p.is_keyframe] == [0, 15, 30, 45]
        assert all(p.pts == p.dts for p in packets)
    data = target.read_bytes()
    assert data.index(b"moov") < data.index(b"mdat")


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        ((640, 480), (640, 480)),
        ((641, 481), (640, 480)),
        ((1920, 1080), (1280, 720)),
        ((3, 1), (2, 2)),
        ((5000, 3), (1280, 2)),
    ],
)
def test_a_proxy_is_at_most_1280_wide_with_even_sides(size, expected):
    assert proxy_size(*size) == expected


def test_a_damaged_source_leaves_no_proxy_behind(clip, tmp_path):
    source = clip(frames=240)
    data = bytearray(source.read_bytes())
    source.write_bytes(data[: len(data) // 2])
    with pytest.raises(PoseError):
        make_proxy(source, tmp_path / "proxy.mp4")
    assert not list(tmp_path.glob("proxy*"))


def test_the_command_reports_progress_and_facts(clip, tmp_path, capsys):
    out = tmp_path / "proxy.mp4"
    assert cli.main(["proxy", str(clip(fps=Fraction(30000, 1001))), str(out), "--json"]) == 0
    events = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert {"progress", "artifact", "result"} == {event["event"] for event in events}
    values = events[-1]["values"]
    assert values["size_bytes"] == out.stat().st_size
    assert (values["frame_count"], values["fps_num"], values["fps_den"]) == (60, 30000, 1001)
    assert (values["width"], values["height"]) == (96, 64)
