"""Engines that compute the same points in other ways, and the choice among them."""

import shutil
from pathlib import Path

import pytest
import torch
from torch import Tensor

from tailbase.errors import PoseError
from tailbase.inference import agreement, choice
from tailbase.inference.agreement import compare
from tailbase.inference.choice import Prepared, prepare
from tailbase.inference.engines import open_vino
from tailbase.inference.engines.compiled import compiled
from tailbase.inference.pipeline import side_by_side
from tailbase.inference.remembered import Question, Way, recall, remember
from tailbase.networks.architectures import new_tracker
from tailbase.networks.tracker import Tracker
from tailbase.schema import Architecture, Keypoint, PredictSpec, Skeleton, TrainSpec

SKELETON = Skeleton(keypoints=(Keypoint(name="nose"), Keypoint(name="tail")))
ARCHITECTURES: tuple[Architecture, ...] = ("heatmap", "context", "regression", "leap", "scoremap")


def _tracker(architecture: Architecture = "heatmap") -> Tracker:
    spec = TrainSpec(
        architecture=architecture, backbone="compact", weights="none", image_height=64, image_width=96, head_width=8
    )
    return new_tracker(spec, SKELETON).eval()


def _window(tracker: Tracker) -> Tensor:
    images = torch.randint(0, 256, (4 + 2 * tracker.reach, 3, 64, 96), dtype=torch.uint8)
    return images.contiguous(memory_format=torch.channels_last)


def _prepare(tracker: Tracker, frames: int = 10, model: str = "", **fields: object) -> Prepared:
    spec = PredictSpec.model_validate({"batch_size": 4, "device": "cpu", **fields})
    return prepare(tracker, spec, [_window(tracker), _window(tracker)], frames, model)


@pytest.mark.parametrize("engine", ["torch", "onnxruntime", "openvino"])
@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_an_engine_finds_what_the_network_finds(engine: str, architecture: Architecture) -> None:
    tracker = _tracker(architecture)
    chosen = _prepare(tracker, engine=engine, precision="float32").engine
    images = _window(tracker)
    with torch.inference_mode():
        points, likelihood = tracker.decode(tracker.clip(images.float()))
    found = chosen.poses(images)
    assert torch.allclose(found[0], points, atol=1e-2)
    assert torch.allclose(found[1], likelihood, atol=1e-4)


@pytest.mark.parametrize("engine", ["torch", "onnxruntime", "openvino"])
def test_batches_side_by_side_do_not_mix(engine: str) -> None:
    tracker = _tracker()
    torch.set_num_threads(2)  # what OpenVINO divides between its callers
    chosen = _prepare(tracker, engine=engine, precision="float32").engine
    torch.set_num_threads(1)
    windows = [_window(tracker) for _ in range(6)]
    one_by_one = [chosen.poses(window)[0] for window in windows]
    together = [points for points, _ in side_by_side(chosen.poses, windows, 2)]
    assert all(torch.equal(a, b) for a, b in zip(one_by_one, together, strict=True))


def test_an_engine_that_is_not_installed_is_refused_with_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(open_vino, "available", lambda: False)
    with pytest.raises(PoseError, match=r"tailbase\[openvino\]") as refused:
        _prepare(_tracker(), engine="openvino")
    assert refused.value.code == "engine.unavailable"


def test_a_gpu_that_is_not_there_is_not_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(PoseError) as refused:
        _prepare(_tracker(), device="cuda")
    assert refused.value.code == "device.unavailable"


@pytest.mark.parametrize("fields", [{"engine": "cudagraph"}, {"precision": "float16"}])
def test_what_a_cpu_cannot_do_is_refused(fields: dict[str, str]) -> None:
    with pytest.raises(PoseError) as refused:
        _prepare(_tracker(), **fields)
    assert refused.value.code == "engine.unavailable"


def test_bfloat16_that_moves_points_gives_way_to_float32(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(agreement, "MEDIAN_PX", 0.0)
    monkeypatch.setattr(agreement, "LIKELY", -1.0)
    monkeypatch.setattr(choice, "native_bfloat16", lambda _: True)
    chosen = _prepare(_tracker(), precision="auto")
    assert chosen.way == Way("torch", "float32")
    assert "bfloat16" in chosen.notes[0]


def test_bfloat16_asked_for_is_used() -> None:
    assert _prepare(_tracker(), precision="bfloat16").engine.name == "torch bfloat16 channels-last"


def test_the_log_says_when_no_point_was_likely_enough_to_compare() -> None:
    chosen = _prepare(_tracker(), precision="bfloat16")
    assert chosen.notes == (
        "torch bfloat16 channels-last was not compared with float32: no point of the frames looked at is likely.",
    )


def test_a_long_prediction_gets_the_fastest_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        choice, "rates", lambda engines, _: {way: 9.0 if way.engine == "openvino" else 5.0 for way in engines}
    )
    chosen = _prepare(_tracker(), frames=100_000)
    assert chosen.engine.name.startswith("OpenVINO")
    assert len(chosen.rates) >= 2


def test_every_engine_is_measured_for_a_long_prediction() -> None:
    chosen = _prepare(_tracker(), frames=5_000, precision="float32")
    assert set(chosen.rates) == {"torch float32 channels-last", "OpenVINO float32", "ONNX Runtime float32"}
    assert all(rate > 0 for rate in chosen.rates.values())


def test_a_short_video_is_not_worth_measuring_for() -> None:
    chosen = _prepare(_tracker(), frames=100)
    assert chosen.way.engine == "torch"
    assert not chosen.rates


def test_a_short_video_that_would_take_long_is_worth_measuring_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(choice, "_SECONDS_TO_MEASURE", 0.0)
    assert _prepare(_tracker(), frames=3_999, precision="float32").rates


def test_the_fastest_engine_is_refused_when_it_moves_points(monkeypatch: pytest.MonkeyPatch) -> None:
    build = choice.Subject.build

    def shifted(subject: choice.Subject, way: Way) -> choice.Engine:
        engine = build(subject, way)
        if way.engine != "openvino":
            return engine

        def poses(images: Tensor) -> tuple[Tensor, Tensor]:
            points, likelihood = engine.poses(images)
            return points + 0.1, likelihood

        return choice.Engine(engine.tracker, engine.forward, poses, engine.device, engine.name)

    monkeypatch.setattr(choice.Subject, "build", shifted)
    monkeypatch.setattr(agreement, "LIKELY", -1.0)
    monkeypatch.setattr(
        choice, "rates", lambda engines, _: {way: 9.0 if way.engine == "openvino" else 5.0 for way in engines}
    )
    chosen = _prepare(_tracker(), frames=100_000, precision="float32")
    assert chosen.way.engine == "torch"
    assert any(note.startswith("OpenVINO float32 moves points by 0.14 px") for note in chosen.notes)


def test_a_choice_is_measured_once_for_a_network_on_a_machine() -> None:
    tracker = _tracker()
    first = _prepare(tracker, frames=5_000, model="a" * 64)
    second = _prepare(tracker, frames=5_000, model="a" * 64)
    assert first.rates
    assert not second.rates
    assert second.way == first.way


def test_a_damaged_memory_is_measured_again(cache: Path) -> None:
    question = Question.about("a" * 64, torch.device("cpu"), (4, 3, 64, 96), "auto")
    remember(question, Way("openvino", "float32"))
    assert recall(question) == Way("openvino", "float32")
    assert question.file.is_relative_to(cache)
    question.file.write_text("{}")
    assert recall(question) is None


def test_another_number_of_threads_is_another_question() -> None:
    one = Question.about("a" * 64, torch.device("cpu"), (4, 3, 64, 96), "auto")
    torch.set_num_threads(2)
    assert Question.about("a" * 64, torch.device("cpu"), (4, 3, 64, 96), "auto").file != one.file


def test_only_likely_points_are_compared_and_a_lost_one_counts_as_far() -> None:
    points = torch.zeros(1, 3, 2)
    likelihood = torch.tensor([[0.9, 0.8, 0.2]])
    moved = torch.tensor([[[0.0, 0.04], [0.0, 0.0], [90.0, 0.0]]])
    assert compare([(points, likelihood)], [(moved, likelihood)]).close
    moved[0, 1, 0] = float("nan")
    assert not compare([(points, likelihood)], [(moved, likelihood)]).close


def test_without_a_compiler_nothing_is_compiled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda _: None)
    tracker = _tracker()
    with pytest.raises(PoseError, match=r"g\+\+") as refused:
        compiled(tracker, _window(tracker), torch.device("cpu"), torch.float32, 60)
    assert refused.value.code == "engine.unavailable"


def test_compiling_ends_at_its_limit_and_leaves_the_network_as_it_was() -> None:
    tracker = _tracker()
    with pytest.raises(PoseError, match="took longer than 0 seconds"):
        compiled(tracker, _window(tracker), torch.device("cpu"), torch.float32, 0.2)
    assert tracker.clip(_window(tracker).float()).shape == (4, 2, 16, 24)


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no GPU here")
@pytest.mark.parametrize("engine", ["torch", "cudagraph", "compiled"])
@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_a_gpu_engine_finds_what_the_cpu_finds(engine: str, architecture: Architecture) -> None:
    tracker = _tracker(architecture)
    images = _window(tracker)
    with torch.inference_mode():
        points, likelihood = tracker.decode(tracker.clip(images.float()))
    chosen = _prepare(tracker, device="cuda", engine=engine, precision="float32").engine
    found = chosen.poses(images)
    sure = likelihood > 0.5
    assert torch.allclose(found[0].cpu()[sure], points[sure], atol=0.5)
    assert torch.allclose(found[1].cpu(), likelihood, atol=1e-2)
