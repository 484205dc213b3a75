"""Frames to label differ from each other, and from those that are labelled already."""

import json
import tracemalloc
from fractions import Fraction

import av
import numpy as np
import pytest

from tailbase import cli
from tailbase.errors import PoseError
from tailbase.formats.predictions_parquet import write_predictions
from tailbase.schema import Keypoint, Predictions, Skeleton
from tailbase.video.selection import (
    CANDIDATES,
    Wanted,
    candidate_frames,
    choose_frames,
    select_frames,
    small_greys,
    spread,
)

SCENES = 6
LENGTH = 40


@pytest.fixture(scope="module")
def film(tmp_path_factory):
    """Six still scenes of 40 frames each, with camera noise: a square in six places."""
    path = tmp_path_factory.mktemp("film") / "scenes.mp4"
    random = np.random.default_rng(0)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=Fraction(30), options={"crf": "18", "preset": "ultrafast"})
        stream.width, stream.height, stream.pix_fmt = 96, 64, "yuv420p"
        for i in range(SCENES * LENGTH):
            image = np.full((64, 96, 3), 60.0) + random.normal(0, 3, (64, 96, 1))
            left = i // LENGTH * 16
            image[20:44, left : left + 16] += 120
            frame = av.VideoFrame.from_ndarray(image.clip(0, 255).astype(np.uint8), format="rgb24")
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def scene(index: int) -> int:
    return index // LENGTH


def test_kmeans_takes_one_frame_of_each_scene(film):
    chosen = select_frames(film, SCENES)
    assert sorted(map(scene, chosen)) == list(range(SCENES))


def test_the_same_seed_chooses_the_same_frames(film):
    assert select_frames(film, 10, seed=3) == select_frames(film, 10, seed=3)


def test_frames_that_look_like_excluded_ones_are_not_chosen(film):
    excluded = [5, 2 * LENGTH + 7]
    for method in ("kmeans", "uniform"):
        chosen = select_frames(film, SCENES, method=method, exclude=excluded)
        assert chosen
        assert {scene(i) for i in chosen}.isdisjoint({0, 2})


def test_nothing_is_chosen_where_everything_looks_like_an_excluded_frame(film):
    assert select_frames(film, 5, exclude=[s * LENGTH + 9 for s in range(SCENES)]) == []


def test_a_time_range_is_kept(film):
    chosen = select_frames(film, 12, start_s=LENGTH / 30, stop_s=3 * LENGTH / 30)
    assert len(chosen) == 12
    assert {scene(i) for i in chosen} == {1, 2}


def test_more_frames_than_scenes_are_still_given_once_each(film):
    chosen = select_frames(film, 50)
    assert len(set(chosen)) == 50
    assert set(map(scene, chosen)) == set(range(SCENES))


def test_all_frames_can_be_asked_for(clip):
    assert select_frames(clip(frames=10), 20) == list(range(10))


def test_uniform_frames_are_evenly_spaced(film):
    chosen = select_frames(film, 8, method="uniform")
    assert np.diff(chosen).tolist() == [30] * 7


def test_an_empty_time_range_is_refused(film):
    with pytest.raises(PoseError) as caught:
        select_frames(film, 5, start_s=99)
    assert caught.value.code == "frames.empty_range"


def test_a_video_of_any_length_has_a_bounded_number_of_candidates():
    times = np.arange(2_000_000) / 30
    candidates = candidate_frames(times, 0, None, CANDIDATES)
    assert len(candidates) == CANDIDATES
    assert candidates[0] < 500 < 1_999_500 < candidates[-1]


def test_memory_does_not_grow_with_the_pictures_that_stream_by():
    def stream(count):
        for i in range(count):
            yield np.full((36, 48, 3), i % 256, np.uint8)

    tracemalloc.start()
    greys = small_greys(stream(CANDIDATES), CANDIDATES)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert greys.shape == (CANDIDATES, 36 * 48)
    assert peak < 60_000_000


def test_a_longer_video_takes_no_more_memory(clip):
    def peak(frames: int) -> int:
        path = clip(f"{frames}.mp4", frames=frames, gop=250)
        tracemalloc.start()
        select_frames(path, 10, method="uniform", exclude=[0], stop_s=2)
        highest = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return highest

    peak(100)
    assert peak(1500) < peak(100) + 400_000


def test_a_candidate_that_is_not_allowed_gives_way_to_the_nearest():
    candidates = np.arange(100)
    allowed = np.ones(100, bool)
    allowed[40:60] = False
    assert spread(candidates, allowed, 3) == [16, 60, 83]


def test_the_command_prints_the_numbers(film, capsys):
    assert cli.main(["select-frames", str(film), "-n", "6", "--exclude", "3", "--json"]) == 0
    events = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    indices = events[-1]["values"]["indices"]
    assert indices == sorted(indices)
    assert 0 not in map(scene, indices)


def test_the_largest_scores_are_chosen_and_of_frames_alike_only_one(film):
    scores = np.zeros(SCENES * LENGTH)
    scores[[3, 4, 5]] = 9, 10, 8
    scores[4 * LENGTH + 2] = 7
    choice = choose_frames(film, Wanted(2, "scores", scores=scores))
    assert choice.indices == [4, 4 * LENGTH + 2]


def test_scores_do_not_bring_back_what_looks_like_a_labelled_frame(film):
    scores = np.arange(SCENES * LENGTH)[::-1].astype(float)
    choice = choose_frames(film, Wanted(3, "scores", exclude=[0], scores=scores, spares=1))
    assert [scene(i) for i in choice.indices] == [1, 2, 3]
    assert [scene(i) for i in choice.spares] == [4]


def test_scores_of_another_video_are_refused(film):
    with pytest.raises(PoseError, match=r"has 3 frames, but .* has 240") as refusal:
        choose_frames(film, Wanted(1, "scores", scores=np.zeros(3)))
    assert refusal.value.code == "frames.other_predictions"


def test_several_time_ranges_are_kept(film):
    ranges = ((0.0, LENGTH / 30), (4 * LENGTH / 30, 5 * LENGTH / 30))
    chosen = choose_frames(film, Wanted(6, ranges=ranges)).indices
    assert {scene(i) for i in chosen} == {0, 4}


@pytest.mark.parametrize("method", ["kmeans", "uniform"])
def test_spares_are_other_frames_than_the_chosen(film, method):
    choice = choose_frames(film, Wanted(SCENES, method, spares=5))
    assert len(choice.spares) == 5
    assert set(choice.spares).isdisjoint(choice.indices)


def test_groups_and_components_of_kmeans_can_be_drawn(film, tmp_path, capsys):
    words = ["select-frames", str(film), "-n", "6", "--spares", "2", "--pictures", str(tmp_path / "p"), "--json"]
    assert cli.main(words) == 0
    looks = json.loads(capsys.readouterr().out.splitlines()[-1])["values"]["looks"]
    assert len(looks["frames"]) == len(looks["groups"]) == len(looks["places"]) == SCENES * LENGTH
    group_of = dict(zip(looks["frames"], looks["groups"], strict=True))
    assert len({group_of[s * LENGTH + 9] for s in range(SCENES)}) == SCENES
    assert sum(looks["shares"]) <= 1
    assert [(tmp_path / "p" / name).exists() for name in looks["components"]] == [True] * 6


def test_frames_are_chosen_by_predictions(film, tmp_path, capsys):
    points = np.zeros((SCENES * LENGTH, 1, 1, 2), np.float32)
    points[90:, 0, 0, 0] = 30
    likelihood = np.ones(points.shape[:3], np.float32)
    skeleton = Skeleton(keypoints=(Keypoint(name="nose"),))
    times = np.arange(len(points)) / 30
    path = tmp_path / "p.parquet"
    write_predictions(Predictions(skeleton, ("animal",), points, likelihood, times), path)
    words = ["select-frames", str(film), "-n", "1", "--method", "jumps", "--predictions", str(path), "--json"]
    assert cli.main(words) == 0
    result = json.loads(capsys.readouterr().out.splitlines()[-1])["values"]
    assert result["indices"][0] in (89, 90)
    assert result["scores"][str(result["indices"][0])] == 30
    assert cli.main(["select-frames", str(film), "--method", "jumps", "--json"]) == 2
    assert json.loads(capsys.readouterr().out.splitlines()[-1])["code"] == "frames.no_predictions"
