"""ONNX Runtime on a CPU, in float32."""

import tempfile
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from tailbase.errors import PoseError
from tailbase.inference.engine import Engine, Images, engine_of
from tailbase.inference.engines.onnx_file import Raw, count_outputs, write_onnx
from tailbase.networks.tracker import Outputs, Tracker


def available() -> bool:
    return find_spec("onnxruntime") is not None and find_spec("onnx") is not None


def require() -> None:
    """Raises engine.unavailable where the package is not installed."""
    if not available():
        message = "ONNX Runtime is not installed. Run pip install 'tailbase[onnxruntime]', or choose another engine."
        raise PoseError("engine.unavailable", message)


def onnx_runtime(tracker: Tracker, sample: Images, threads: int) -> Engine:
    """An engine for windows of the sample's shape; each caller's computation gets `threads` cores.

    Errors:
        engine.unavailable: the package is not installed.
    """
    require()
    import onnxruntime

    images, network = sample.float(), Raw(tracker)
    names = [f"output_{number}" for number in range(count_outputs(network, images))]
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = 3
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "network.onnx"
        write_onnx(network, images, file, names, any_batch=False)
        session = onnxruntime.InferenceSession(str(file), options, providers=["CPUExecutionProvider"])

    def forward(images: Images) -> Outputs:
        values = np.ascontiguousarray(images.numpy(), dtype=np.float32)
        outputs: tuple[Tensor, ...] = tuple(map(torch.from_numpy, session.run(names, {"images": values})))
        return outputs[0] if len(outputs) == 1 else outputs

    return engine_of(tracker, forward, torch.device("cpu"), "ONNX Runtime float32")
