"""OpenVINO on a CPU, in float32 or bfloat16."""

import tempfile
import threading
from importlib.util import find_spec
from pathlib import Path

import torch

from tailbase.errors import PoseError
from tailbase.inference.engine import Engine, Found, Images
from tailbase.inference.engines.onnx_file import Raw, count_outputs, write_onnx
from tailbase.networks.tracker import Outputs, Tracker

_PRECISIONS = {torch.float32: "f32", torch.bfloat16: "bf16"}


def available() -> bool:
    return find_spec("openvino") is not None and find_spec("onnx") is not None


def open_vino(tracker: Tracker, sample: Images, dtype: torch.dtype, streams: int, threads: int) -> Engine:
    """An engine for windows of the sample's shape; `streams` callers share `threads` cores.

    Errors:
        engine.unavailable: the package is not installed.
    """
    if not available():
        message = "OpenVINO is not installed. Run pip install 'tailbase[openvino]', or choose another engine."
        raise PoseError("engine.unavailable", message)
    import openvino

    images, network = sample.float(), Raw(tracker)
    names = [f"output_{number}" for number in range(count_outputs(network, images))]
    core = openvino.Core()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "network.onnx"
        write_onnx(network, images, file, names, any_batch=False)
        model = _taking_frames(core.read_model(str(file)))
        settings = {
            "INFERENCE_PRECISION_HINT": _PRECISIONS[dtype], "NUM_STREAMS": streams, "INFERENCE_NUM_THREADS": threads,
            # Pinned, the threads of two processes can end up on the same core.
            "ENABLE_CPU_PINNING": False,
        }  # fmt: skip
        compiled = core.compile_model(model, "CPU", settings)
    ours = threading.local()

    def infer(images: Images) -> tuple[torch.Tensor, ...]:
        """Outputs in the memory of this thread's request, which its next ones overwrite."""
        if not hasattr(ours, "request"):
            ours.request = compiled.create_infer_request()
        taken = [images.permute(0, 2, 3, 1).contiguous().numpy()]
        outputs = ours.request.infer(taken, share_inputs=True, share_outputs=True)
        return tuple(torch.from_numpy(outputs[name]) for name in names)

    def forward(images: Images) -> Outputs:
        return _unpacked(tuple(output.clone() for output in infer(images)))

    def poses(images: Images) -> Found:
        with torch.inference_mode():
            points, likelihood = tracker.decode(_unpacked(infer(images)))
            return points.clone(), likelihood.clone()

    return Engine(tracker, forward, poses, torch.device("cpu"), f"OpenVINO {str(dtype).removeprefix('torch.')}")


def _unpacked(outputs: tuple[torch.Tensor, ...]) -> Outputs:
    return outputs[0] if len(outputs) == 1 else outputs


def _taking_frames(model: object) -> object:
    """The model with the conversion from bytes, channels last, inside: it is then done while the first layer runs."""
    from openvino import Layout, Type
    from openvino.preprocess import PrePostProcessor

    steps = PrePostProcessor(model)
    steps.input().tensor().set_element_type(Type.u8).set_layout(Layout("NHWC"))
    steps.input().model().set_layout(Layout("NCHW"))
    return steps.build()
