"""A probe tells the truth about good files and names what is wrong with bad ones."""

import hashlib
import json
import struct
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from tailbase import cli
from tailbase.errors import PoseError
from tailbase.video.container import Limits
from tailbase.video.probe import probe


def test_facts_of_a_good_video(clip):
    path = clip(fps=Fraction(30000, 1001), b_frames=2, gop=20)
    facts = probe(path)
    assert (facts.frame_count, facts.fps, facts.width, facts.height) == (60, Fraction(30000, 1001), 96, 64)
    assert (facts.codec, facts.pixel_format, facts.variable_rate) == ("h264", "yuv420p", False)
    assert facts.duration_s == pytest.approx(60 * 1001 / 30000, abs=1e-3)
    assert facts.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert facts.size_bytes == path.stat().st_size


def test_a_video_of_one_frame_is_good(clip):
    facts = probe(clip(frames=1))
    assert (facts.frame_count, facts.variable_rate) == (1, False)


def test_a_film_with_sound_is_counted_by_its_pictures(tmp_path, clip):
    path = tmp_path / "sound.mp4"
    with av.open(str(clip())) as source, av.open(str(path), "w") as target:
        pictures = target.add_stream_from_template(source.streams.video[0])
        sound = target.add_stream("aac", rate=8000, layout="mono")
        for packet in source.demux(video=0):
            if packet.dts is not None:
                packet.stream = pictures
                target.mux(packet)
        for i in range(20):
            frame = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), format="fltp", layout="mono")
            frame.sample_rate, frame.pts = 8000, i * 1024
            target.mux(sound.encode(frame))
        target.mux(sound.encode(None))
    assert probe(path).frame_count == 60


def test_the_first_frame_may_come_late(clip):
    facts = probe(clip(stamps=tuple(range(300, 360)), name="a.mkv"))
    assert facts.first_pts_s == pytest.approx(10, abs=0.01)
    assert facts.times[0] == 0


def test_a_poster_is_small_and_keeps_the_proportions(tmp_path, clip):
    poster = tmp_path / "poster.jpg"
    probe(clip(), poster=poster)
    with Image.open(poster) as image:
        assert (image.format, image.size) == ("JPEG", (96, 64))


def _cut(share: float) -> Callable[[Path], None]:
    def cut(path: Path) -> None:
        path.write_bytes(path.read_bytes()[: int(path.stat().st_size * share)])

    return cut


FRONT = (("movflags", "faststart"),)
FRAGMENTS = (("movflags", "frag_keyframe+empty_moov"),)


@pytest.mark.parametrize("share", [0.3, 0.6, 0.97])
@pytest.mark.parametrize(
    ("name", "how"),
    [
        ("a.mp4", {}),
        ("a.mp4", {"container": FRONT}),
        ("a.mp4", {"container": FRAGMENTS}),
        ("a.mkv", {}),
        ("a.avi", {"codec": "mjpeg", "pixel_format": "yuvj420p"}),
        ("a.avi", {"codec": "mpeg4"}),
    ],
    ids=["mp4", "mp4-faststart", "mp4-fragments", "mkv", "avi-mjpeg", "avi-mpeg4"],
)
def test_a_file_cut_short_is_called_truncated(clip, name, how, share):
    path = clip(name, frames=240, **how)
    _cut(share)(path)
    with pytest.raises(PoseError) as caught:
        probe(path)
    assert caught.value.code == "video.truncated"


def _bytes(content: bytes) -> Callable[[Path], None]:
    return lambda path: path.write_bytes(content) and None


HLS = b"#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n"
DASH = b'<?xml version="1.0"?>\n<MPD xmlns="urn:mpeg:dash:schema:mpd:2011"><Period><BaseURL>http://10.0.0.1/</BaseURL></Period></MPD>'
BAD = {
    "zero bytes": (b"", "video.empty"),
    "a renamed text file": (b"frame,x,y\n" + b"1,2,3\n" * 500, "video.not_a_video"),
    "one letter": (b"a", "video.not_a_video"),
    "noise": (np.random.default_rng(0).bytes(20_000), "video.not_a_video"),
    "zeros": (bytes(20_000), "video.not_a_video"),
    "a picture": (b"\x89PNG\r\n\x1a\n" + bytes(2000), "video.not_a_video"),
    "an HLS playlist": (HLS, "video.playlist"),
    "an HLS playlist behind a byte-order mark": (b"\xef\xbb\xbf" + HLS, "video.playlist"),
    "a DASH manifest": (DASH, "video.playlist"),
    "a concat script": (b"ffconcat version 1.0\nfile /etc/passwd\n", "video.playlist"),
    "only the mark of a Matroska file": (b"\x1a\x45\xdf\xa3", "video.truncated"),
    "only the first box of an MP4": (struct.pack(">I4s8s", 16, b"ftyp", b"isom\0\0\2\0"), "video.truncated"),
}


@pytest.mark.parametrize(("content", "code"), BAD.values(), ids=BAD.keys())
def test_what_is_no_video_is_refused_with_its_reason(tmp_path, content, code):
    path = tmp_path / "film.mp4"
    path.write_bytes(content)
    with pytest.raises(PoseError) as caught:
        probe(path)
    assert caught.value.code == code
    assert "film.mp4" in caught.value.message


def test_sound_alone_is_refused(sound):
    with pytest.raises(PoseError) as caught:
        probe(sound())
    assert caught.value.code == "video.no_video_stream"


def test_a_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(PoseError) as caught:
        probe(tmp_path / "gone.mp4")
    assert caught.value.code == "video.not_found"


def test_a_concat_address_is_a_file_name_and_nothing_else(clip, tmp_path):
    path = clip()
    with pytest.raises(PoseError) as caught:
        probe(Path(f"concat:{path}"))
    assert caught.value.code == "video.not_found"


def test_an_mp4_that_points_to_another_file_does_not_open_it(clip, tmp_path):
    outer = clip("outer.mp4", container=(("movflags", "faststart"),))
    data = outer.read_bytes()
    url = b"url \0\0\0\1"
    assert url in data
    outer.write_bytes(data.replace(url, b"url \0\0\0\0"))
    assert probe(outer).frame_count == 60


def _write_size(path: Path, width: int, height: int) -> Path:
    with av.open(str(path), "w") as container:
        stream = container.add_stream("ffv1", rate=30)
        stream.width, stream.height, stream.pix_fmt = width, height, "gray"
        frame = av.VideoFrame.from_ndarray(np.zeros((height, width), np.uint8), format="gray")
        for _ in range(2):
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def test_a_hundred_thousand_pixels_in_a_row_are_refused(tmp_path):
    with pytest.raises(PoseError) as caught:
        probe(_write_size(tmp_path / "wide.mkv", 100_000, 1))
    assert caught.value.code == "video.too_large"


def test_a_picture_larger_than_the_limit_is_refused(clip):
    with pytest.raises(PoseError) as caught:
        probe(clip(), Limits(max_pixels=96 * 64 - 1))
    assert caught.value.code == "video.too_large"


def test_more_frames_than_the_limit_are_refused(clip):
    with pytest.raises(PoseError) as caught:
        probe(clip(), Limits(max_frames=59))
    assert caught.value.code == "video.too_many_frames"
    assert probe(clip(), Limits(max_frames=60)).frame_count == 60


def test_a_header_that_names_a_small_picture_does_not_hide_a_large_one(clip):
    path = clip("a.mp4", container=FRONT)
    data = path.read_bytes()
    entry = data.index(b"avc1", data.index(b"stsd"))
    lying = data[: entry + 28] + struct.pack(">HH", 16, 16) + data[entry + 32 :]
    path.write_bytes(lying)
    facts = probe(path)
    assert (facts.width, facts.height) == (96, 64)


def test_a_header_that_lies_about_the_length_is_not_believed(clip):
    path = clip("a.avi", codec="mjpeg", pixel_format="yuvj420p", frames=20)
    data = bytearray(path.read_bytes())
    start = data.index(b"avih") + 8
    data[start + 16 : start + 20] = struct.pack("<I", 7)
    path.write_bytes(bytes(data))
    assert probe(path).frame_count == 20


def test_the_command_speaks_json(clip, capsys, tmp_path):
    times, poster = tmp_path / "t.npy", tmp_path / "p.jpg"
    stamps = tuple(int(v) for v in np.cumsum(np.random.default_rng(1).integers(1, 9, 60)) * 7)
    path = clip(stamps=stamps, time_base=Fraction(1, 1000))
    assert cli.main(["probe", str(path), "--json", "--times", str(times), "--poster", str(poster)]) == 0
    event = json.loads(capsys.readouterr().out)
    assert event["event"] == "result"
    assert event["values"]["frame_count"] == 60
    assert event["values"]["variable_rate"] is True
    assert event["values"]["times"] == str(times)
    np.testing.assert_allclose(np.load(times), (np.array(stamps) - stamps[0]) / 1000, atol=1e-3)
    assert poster.exists()


def test_the_command_reports_a_bad_file_as_an_error_event(tmp_path, capsys):
    path = tmp_path / "film.mp4"
    path.write_bytes(b"")
    assert cli.main(["probe", str(path), "--json"]) == 2
    event = json.loads(capsys.readouterr().out)
    assert (event["event"], event["code"]) == ("error", "video.empty")
