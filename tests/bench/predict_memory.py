"""Peak memory of prediction by the length of the video, each in a process of its own."""

import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import torch

from tailbase.networks.architectures import new_tracker
from tailbase.networks.model_folder import ModelFacts, SplitPaths, save_facts, save_weights
from tailbase.schema import TrainSpec
from tailbase.synthetic.skeleton import sample_skeleton

SHORT = 1_000

_PREDICT = """
import sys
from pathlib import Path
from tailbase.cli import main
status = main(sys.argv[1:])
sys.stderr.write(Path("/proc/self/status").read_text())
sys.exit(status)
"""


def memory_growth(frames: int, engine: str) -> tuple[float, int, int]:
    """Peak memory at `frames` over that at 1,000, and both in bytes; by one engine, as each has a size of its own."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        model = _model(folder / "model")
        small, large = (
            _peak(model, _film(folder / f"{count}.mp4", count), folder, engine) for count in (SHORT, frames)
        )
    return large / small, small, large


def _model(folder: Path) -> Path:
    torch.manual_seed(0)
    spec = TrainSpec(backbone="compact", weights="none", image_height=64, image_width=64, head_width=8)
    skeleton = sample_skeleton()
    digest = save_weights(folder, new_tracker(spec, skeleton).state_dict())
    facts = ModelFacts(
        skeleton=skeleton, individuals=("animal",), spec=spec, split=SplitPaths(), metrics={}, labels_sha256="0" * 64,
        weights_sha256=digest, tailbase_version="bench", created_at=datetime.now(UTC),
    )  # fmt: skip
    save_facts(folder, facts)
    return folder


def _film(path: Path, frames: int) -> Path:
    """A small film that is quickly made: one picture, again and again."""
    picture = av.VideoFrame.from_ndarray(np.full((64, 64, 3), 90, np.uint8), format="rgb24").reformat(format="yuv420p")
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=Fraction(30), options={"preset": "ultrafast", "g": "30"})
        stream.width, stream.height, stream.pix_fmt = 64, 64, "yuv420p"
        for number in range(frames):
            picture.pts, picture.time_base = number, Fraction(1, 30)
            container.mux(stream.encode(picture))
        container.mux(stream.encode())
    return path


def _peak(model: Path, film: Path, folder: Path, engine: str) -> int:
    """Bytes that predicting the film holds at most, as the process itself sees it: what `wait` tells of a process
    includes the memory of the one that started it."""
    words = ["predict", model, film, "--out", folder / "out", "--engine", engine, "--device", "cpu", "--json"]
    command = [sys.executable, "-c", _PREDICT, *map(str, words)]
    done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=True)
    (line,) = (line for line in done.stderr.splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) * 1024
