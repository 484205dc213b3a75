"""Clips are the frames they say, the same on every run, and nobody who reads them outlives the training."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
import torch

from tailbase.errors import PoseError
from tailbase.networks.resize import resize
from tailbase.training.clip_process import OpenVideos
from tailbase.training.clips import Clip, ClipPlan, ProcessClips, listed, open_clips, places
from tailbase.video.reader import open_video

Film = Callable[..., Path]
CPU = torch.device("cpu")


def plan(*videos: Path, length: int = 6, least: int = 2, seed: int = 0) -> ClipPlan:
    return ClipPlan(tuple(map(str, videos)), length, least, 64, 64, seed)


def quiet(message: str) -> None:
    raise AssertionError(message)


def frame_numbers(clip: Clip) -> list[int]:
    return [round((float(corner) - 20) / 4) for corner in clip.frames[:, 1, 60:, 50:].float().mean((1, 2))]


def same(one: Clip, other: Clip) -> bool:
    return (one.video, one.first) == (other.video, other.first) and torch.equal(one.frames, other.frames)


def test_a_clip_holds_consecutive_frames_resized_as_training_images_are(film: Film) -> None:
    path = film()
    videos = OpenVideos(plan(path))
    taken = [videos.clip(step)[0] for step in range(4)]
    assert len({clip.first for clip in taken}) > 1
    with open_video(path) as reader:
        for clip in taken:
            assert frame_numbers(clip) == list(range(clip.first, clip.first + 6))
            whole = [torch.from_numpy(image).permute(2, 0, 1) for image in reader.frames(clip.first, clip.first + 6)]
            assert torch.equal(clip.frames, torch.stack([resize(image, (64, 64)) for image in whole]))
            assert clip.source == (80, 100)


def test_a_clip_depends_neither_on_where_a_training_began_nor_on_the_processes(film: Film) -> None:
    videos = plan(film("a.mp4"), film("b.mp4", 30))
    here = OpenVideos(videos)
    whole = [here.clip(step)[0] for step in range(6)]
    with ProcessClips(videos, range(3, 6), 2, quiet) as clips:
        resumed = [clips.take() for _ in range(3)]
    assert all(same(one, other) for one, other in zip(whole[3:], resumed, strict=True))
    assert {clip.video for clip in whole} == {0, 1}


def test_another_seed_takes_other_clips() -> None:
    chosen = [[next(places(plan(Path("a"), Path("b"), seed=seed), step)) for step in range(5)] for seed in (0, 1)]
    assert chosen[0] != chosen[1]


def test_clips_begin_everywhere_from_the_first_frame_to_the_last_possible_one() -> None:
    firsts = {next(places(plan(Path("a")), step)).first_frame(8, 6) for step in range(100)}
    assert firsts == {0, 1, 2}


def test_a_video_shorter_than_a_clip_gives_all_its_frames(film: Film) -> None:
    clip, notes = OpenVideos(plan(film(frames=4))).clip(0)
    assert frame_numbers(clip) == [0, 1, 2, 3]
    assert notes == []


def test_videos_too_short_or_damaged_are_passed_over_and_told_once(film: Film, tmp_path: Path) -> None:
    broken = tmp_path / "videos" / "broken.mp4"
    good = film("good.mp4")
    broken.write_bytes(b"no film")
    told: list[str] = []
    with ProcessClips(plan(good, film("short.mp4", 3), broken, least=5), range(8), 1, told.append) as clips:
        assert {clips.take().video for _ in range(8)} == {0}
    assert len(told) == 2
    assert any("only 3 frames" in note for note in told)
    assert any("broken.mp4" in note for note in told)


def test_videos_of_which_none_can_be_read_end_the_training_clearly(film: Film) -> None:
    with pytest.raises(PoseError) as refused:
        OpenVideos(plan(film(frames=3), least=5)).clip(0)
    assert refused.value.code == "videos.unreadable"


def test_videos_that_are_missing_are_refused_at_once(tmp_path: Path) -> None:
    with pytest.raises(PoseError) as none, open_clips(plan(), range(1), CPU, quiet):
        pass
    with pytest.raises(PoseError) as missing, open_clips(plan(tmp_path / "gone.mp4"), range(1), CPU, quiet):
        pass
    assert [none.value.code, missing.value.code] == ["videos.none", "video.not_found"]


def test_reading_goes_only_a_few_clips_ahead_and_a_killed_reader_ends_the_training_with_a_reason(film: Film) -> None:
    others = set(psutil.Process().children())
    with open_clips(plan(film()), range(50), CPU, quiet) as clips:
        clips.take()
        (child,) = set(psutil.Process().children()) - others
        time.sleep(0.4)
        used = sum(child.cpu_times()[:2])
        time.sleep(0.2)
        assert sum(child.cpu_times()[:2]) - used < 0.1
        child.kill()
        with pytest.raises(PoseError) as refused:
            [clips.take() for _ in range(20)]
    assert refused.value.code == "videos.reader_died"
    assert not child.is_running()


def test_readers_end_when_the_training_is_killed(film: Film) -> None:
    code = (
        "import sys, time\n"
        "from tailbase.training.clips import ClipPlan, ProcessClips\n"
        f"clips = ProcessClips({plan(film())!r}, range(50), 2, print)\n"
        "clips.take(); print('reading', flush=True); time.sleep(100)\n"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as training:
        assert training.stdout is not None
        assert training.stdout.readline() == "reading\n"
        readers = psutil.Process(training.pid).children()
        os.kill(training.pid, signal.SIGKILL)
    assert len(readers) == 2
    _, alive = psutil.wait_procs(readers, timeout=10)
    assert alive == []


def test_folders_are_searched_for_videos_and_files_taken_as_they_are(film: Film) -> None:
    one, other = film("a.mp4"), film("b.MP4")
    (one.parent / "notes.txt").write_text("no film")
    assert listed([other, one.parent]) == (other, one)
    with pytest.raises(PoseError, match="gone"):
        listed([Path("gone")])
