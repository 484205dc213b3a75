"""Prediction on a GPU: how fast it decodes, computes, and does both, on video as cameras for animals make it."""

import statistics
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import torch

from tailbase.inference.choice import FRAMES_TO_MEASURE, prepare
from tailbase.inference.engine import Engine, Images
from tailbase.inference.predict import predict_video
from tailbase.inference.results import Member
from tailbase.networks.architectures import new_tracker
from tailbase.networks.model_folder import ModelFacts, SplitPaths
from tailbase.progress import TerminalReporter
from tailbase.schema import PredictSpec, TrainSpec
from tailbase.synthetic.skeleton import sample_skeleton
from tailbase.video import dali
from tailbase.video.reader import open_video

WIDTH, HEIGHT, FPS, FRAMES = 1280, 1024, 30, 1_800
SPEC = PredictSpec(device="cuda", batch_size=64)


class _Quiet(TerminalReporter):
    def step(self, stage: str, done: int, total: int) -> None:
        """Nothing: a bar takes time."""


def gpu_figures(backbone: str, rounds: int) -> Iterator[dict[str, Any]]:
    """Lines to print; one that says so where there is no GPU."""
    if not torch.cuda.is_available():
        yield {"name": "predict.gpu", "value": None, "unit": "none", "compared_with": "not run: there is no GPU here"}
        return
    with tempfile.TemporaryDirectory() as name:
        film = _film(Path(name) / "rig.mp4")
        spec, skeleton = TrainSpec(backbone=backbone, weights="none"), sample_skeleton()
        facts = ModelFacts(
            skeleton=skeleton, individuals=("animal",), spec=spec, split=SplitPaths(), metrics={},
            labels_sha256="0" * 64, weights_sha256="0" * 64, tailbase_version="bench", created_at=datetime.now(UTC),
        )  # fmt: skip
        window = torch.randint(0, 256, (SPEC.batch_size, 3, spec.image_height, spec.image_width), dtype=torch.uint8)
        engine = prepare(new_tracker(spec, skeleton), SPEC, [window], FRAMES_TO_MEASURE).engine
        member = Member(engine, facts)
        turns = [_turn(member, film, window, Path(name)) for _ in range(rounds + 1)][1:]
    decode, forward, whole = (FRAMES / statistics.median(column) for column in zip(*turns, strict=True))
    about = f"{torch.cuda.get_device_name()}, {backbone}, {engine.name}, batch {SPEC.batch_size}, {WIDTH}x{HEIGHT}"
    for figure, value, unit in (
        ("decode", decode, "frames/s"), ("forward", forward, "frames/s"), ("end_to_end", whole, "frames/s"),
        ("of_limit", whole / min(decode, forward), "ratio"), ("hours_per_hour", whole / FPS, "hours"),
    ):  # fmt: skip
        yield {"name": f"predict.gpu_{figure}", "value": round(value, 3), "unit": unit, "compared_with": about}


def _film(path: Path) -> Path:
    """Moving noise on a still background, which a decoder finds as hard as an animal in a cage."""
    random = np.random.default_rng(0)
    still = random.integers(60, 120, (HEIGHT, WIDTH, 3), dtype=np.uint8)
    patch = random.integers(0, 255, (200, 200, 3), dtype=np.uint8)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=Fraction(FPS), options={"preset": "veryfast", "crf": "23"})
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        for number in range(FRAMES):
            image = still.copy()
            x = number * 3 % (WIDTH - 200)
            image[400:600, x : x + 200] = patch
            container.mux(stream.encode(av.VideoFrame.from_ndarray(image, format="rgb24")))
        container.mux(stream.encode())
    return path


def _turn(member: Member, film: Path, window: Images, folder: Path) -> tuple[float, float, float]:
    """Seconds of decoding alone, of the network alone, and of everything from file to files."""
    began = time.perf_counter()
    _decode(film)
    decoded = time.perf_counter()
    _compute(member.engine, window)
    computed = time.perf_counter()
    predict_video([member], film, [folder / "out"], SPEC, _Quiet())
    return decoded - began, computed - decoded, time.perf_counter() - computed


def _decode(film: Path) -> None:
    device = torch.device("cuda")
    with open_video(film, threads=0) as reader:
        frames = dali.dali_frames(film, 0, FRAMES, device) if dali.reads(reader, device) else reader.frames()
        for _ in frames:
            continue
    torch.cuda.synchronize()


def _compute(engine: Engine, window: Images) -> None:
    images = window.to(engine.device)
    for _ in range(-(-FRAMES // len(window))):
        engine.forward(images)
    torch.cuda.synchronize()
