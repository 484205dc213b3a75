"""Which engine computes a network: the fastest on this machine that finds the same points as float32."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import torch

from tailbase.errors import PoseError
from tailbase.inference.agreement import Agreement, compare
from tailbase.inference.engine import Engine, Found, Images, streams
from tailbase.inference.engines import open_vino
from tailbase.inference.engines.compiled import compiled
from tailbase.inference.engines.cuda_graph import cuda_graph
from tailbase.inference.engines.eager import eager
from tailbase.inference.engines.onnx_runtime import available as has_onnx_runtime
from tailbase.inference.engines.onnx_runtime import onnx_runtime
from tailbase.inference.remembered import Question, Way, recall, remember
from tailbase.inference.speed import rates
from tailbase.networks.device import native_bfloat16, resolve_device
from tailbase.networks.tracker import Tracker, as_channels_last
from tailbase.schema import PredictSpec

FRAMES_TO_MEASURE = 4_000
"""From here on a measurement repays the frames that it computes."""

_SECONDS_TO_MEASURE = 30.0  # as it does where fewer frames take this long

_GAIN = 1.05
_COMPILE_LIMIT_SECONDS = 300.0
_SECONDS_TO_COMPILE = 3600.0
_DTYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}


@dataclass(frozen=True)
class Prepared:
    """An engine, and how it was chosen.

    Attributes:
        notes: sentences for the log.
        rates: frames a second of the engines that were measured, by name; empty where none had to be.
    """

    engine: Engine
    way: Way
    notes: tuple[str, ...] = ()
    rates: dict[str, float] = field(default_factory=dict)


class Subject:
    """A network on its device, and windows of a video to try engines with."""

    def __init__(self, tracker: Tracker, device: torch.device, samples: Sequence[Images]) -> None:
        self.tracker = as_channels_last(tracker.eval().to(device))
        self.device = device
        self.samples = samples

    @cached_property
    def exact(self) -> list[Found]:
        return self.found(eager(self.tracker, self.device, torch.float32))

    def found(self, engine: Engine) -> list[Found]:
        return [engine.poses(sample) for sample in self.samples]

    def build(self, way: Way) -> Engine:
        """Raises engine.unavailable, and what the engine's package raises."""
        dtype, sample, threads = _DTYPES[way.precision], self.samples[0], torch.get_num_threads()
        match way.engine:
            case "onnxruntime":
                return onnx_runtime(self.tracker, sample, max(1, threads // streams(self.device)))
            case "openvino":
                return open_vino.open_vino(self.tracker, sample, dtype, streams(self.device), threads)
            case "cudagraph":
                return cuda_graph(self.tracker, sample, self.device, dtype)
            case "compiled":
                return compiled(self.tracker, sample, self.device, dtype, _COMPILE_LIMIT_SECONDS)
        return eager(self.tracker, self.device, dtype)


def prepare(tracker: Tracker, spec: PredictSpec, samples: Sequence[Images], frames: int, model: str = "") -> Prepared:
    """The engine for a spec.

    Args:
        samples: windows of the video, each of the shape that the engine will be given.
        frames: how many will be predicted; a few that are soon done are not worth a measurement.
        model: SHA-256 of the weights, under which the choice is remembered; empty to remember nothing.

    Errors:
        device.unavailable; engine.unavailable: the engine that the spec names cannot run here.
    """
    subject = Subject(tracker, resolve_device(spec.device), samples)
    _check(spec, subject.device)
    precisions = _precisions(spec, subject.device)
    if spec.engine != "auto":
        return _first_close(subject, [Way(spec.engine, precision) for precision in precisions])
    usual = _first_close(subject, [Way("torch", precision) for precision in precisions])
    if frames < FRAMES_TO_MEASURE and _seconds(subject, usual.engine, frames) < _SECONDS_TO_MEASURE:
        return usual
    question = Question.about(model, subject.device, tuple(samples[0].shape), spec.precision)
    known = recall(question)
    if known is not None:
        return usual if known == usual.way else _or_usual(subject, known, usual)
    chosen = _fastest(subject, usual, frames)
    remember(question, chosen.way)
    return chosen


def _seconds(subject: Subject, engine: Engine, frames: int) -> float:
    """About how long so many frames take, from one window."""
    began = time.perf_counter()
    points, _ = engine.poses(subject.samples[0])
    found = len(points.cpu())
    return frames * (time.perf_counter() - began) / found


def _precisions(spec: PredictSpec, device: torch.device) -> list[str]:
    """Those to try, the fastest first."""
    if spec.precision != "auto":
        return [spec.precision]
    if spec.engine == "onnxruntime":
        return ["float32"]
    if native_bfloat16(device):
        return ["bfloat16", "float32"]
    return ["float16", "float32"] if device.type == "cuda" else ["float32"]


def _check(spec: PredictSpec, device: torch.device) -> None:
    wanted = {"openvino": "cpu", "onnxruntime": "cpu", "cudagraph": "cuda"}.get(spec.engine, device.type)
    if wanted != device.type:
        message = f"The engine {spec.engine} does not run on this device ({device.type}). Choose another engine."
        raise PoseError("engine.unavailable", message)
    if device.type == "cpu" and spec.precision == "float16":
        raise PoseError("engine.unavailable", "A CPU does not compute in float16. Choose bfloat16 or float32.")
    if spec.engine == "onnxruntime" and spec.precision == "bfloat16":
        message = "ONNX Runtime computes in float32 on a CPU. Choose that precision, or another engine."
        raise PoseError("engine.unavailable", message)


def _first_close(subject: Subject, ways: Sequence[Way]) -> Prepared:
    """The first that leaves likely points in place; the last is taken as it is, because it was asked for."""
    notes: list[str] = []
    for way in ways:
        engine = subject.build(way)
        if way == Way("torch", "float32"):
            return Prepared(engine, way, tuple(notes))
        agreement = compare(subject.exact, subject.found(engine))
        if not agreement.points:
            notes.append(f"{engine.name} was not compared with float32: no point of the frames looked at is likely.")
        if agreement.close:
            return Prepared(engine, way, tuple(notes))
        notes.append(_refusal(engine, agreement))
    notes[-1] += " It is used because it was asked for."
    return Prepared(engine, way, tuple(notes))


def _or_usual(subject: Subject, way: Way, usual: Prepared) -> Prepared:
    """The way that won earlier on this machine, if it still runs and agrees."""
    engine, note = _tried(subject, way)
    return Prepared(engine, way, usual.notes) if engine else Prepared(usual.engine, usual.way, (*usual.notes, note))


def _tried(subject: Subject, way: Way) -> tuple[Engine | None, str]:
    """The engine if it runs and agrees, else why it is not used."""
    try:
        engine = subject.build(way)
        agreement = compare(subject.exact, subject.found(engine))
    except Exception as error:  # exporters and compilers raise many unrelated classes
        return None, f"{way} is not used, because it failed here ({type(error).__name__}: {str(error)[:200]})."
    return (engine, "") if agreement.close else (None, _refusal(engine, agreement))


def _refusal(engine: Engine, agreement: Agreement) -> str:
    return (
        f"{engine.name} moves points by {agreement.median_px:.2f} px of the network's input in the median and "
        f"{agreement.p99_px:.2f} px in the worst of a hundred, which is too much."
    )


def _fastest(subject: Subject, usual: Prepared, frames: int) -> Prepared:
    tried = {way: _tried(subject, way) for way in _others(subject.device, usual.way)}
    engines = {usual.way: usual.engine} | {way: engine for way, (engine, _) in tried.items() if engine is not None}
    measured = rates(engines, subject.samples[0])
    notes = [*usual.notes, *(note for _, note in tried.values() if note)]
    if frames / measured[usual.way] > _SECONDS_TO_COMPILE and _may_compile(subject.device):
        way = Way("compiled", usual.way.precision)
        engine, note = _tried(subject, way)
        notes += [note] if note else []
        if engine is not None:
            engines[way] = engine
            measured |= rates({way: engine}, subject.samples[0])
    best = max(measured, key=lambda way: measured[way])
    if measured[best] < _GAIN * measured[usual.way]:
        best = usual.way
    by_name = {engines[way].name: round(rate, 2) for way, rate in measured.items()}
    notes.append(
        f"{engines[best].name} was chosen: frames a second {', '.join(f'{n} {r:.1f}' for n, r in by_name.items())}."
    )
    return Prepared(engines[best], best, tuple(notes), by_name)


def _others(device: torch.device, usual: Way) -> list[Way]:
    if device.type == "cuda":
        return [Way("cudagraph", usual.precision)]
    ways = [Way("openvino", usual.precision)] if open_vino.available() else []
    return ways + ([Way("onnxruntime", "float32")] if has_onnx_runtime() and usual.precision == "float32" else [])


def _may_compile(device: torch.device) -> bool:
    """On a CPU OpenVINO, where it is installed, is faster than what compiling gives, and ready in a second."""
    return device.type == "cuda" or not open_vino.available()
