"""Training by several processes that `torchrun` starts, each with its share of every batch.

Gradients are added up, and batch normalisation takes its mean and variance over the shares of all, so the team computes
what one process would compute with the whole batch.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

import torch
from torch import Tensor, distributed
from torch.distributed.nn.functional import all_reduce
from torch.nn import functional
from torch.overrides import TorchFunctionMode

from tailbase.errors import PoseError

Item = TypeVar("Item")


@dataclass(frozen=True)
class Team:
    """The processes of one training; `rank` is this one's number, and 0 writes the files."""

    rank: int = 0
    size: int = 1

    @property
    def leads(self) -> bool:
        return self.rank == 0

    def share(self, items: Sequence[Item]) -> list[Item]:
        """This process's part of the items, in order; parts differ by one item at most.

        Errors:
            training.too_many_processes: there are fewer items than processes.
        """
        if len(items) < self.size:
            message = (
                f"{self.size} processes cannot share {len(items)} images a step. Start fewer, or raise batch_size."
            )
            raise PoseError("training.too_many_processes", message)
        least, more = divmod(len(items), self.size)
        begin = self.rank * least + min(self.rank, more)
        return list(items[begin : begin + least + (self.rank < more)])

    def add_up(self, tensors: Sequence[Tensor]) -> None:
        """Replace each tensor by its sum over the processes."""
        if self.size == 1 or not tensors:
            return
        joined = torch.cat([tensor.flatten() for tensor in tensors])
        distributed.all_reduce(joined)
        for tensor, total in zip(tensors, torch.split(joined, [tensor.numel() for tensor in tensors]), strict=True):
            tensor.copy_(total.view(tensor.shape))

    @contextmanager
    def sharing_statistics(self) -> Iterator[None]:
        """In this block, batch normalisation that learns takes its statistics over all processes."""
        if self.size == 1:
            yield
            return
        with _SharedStatistics():
            yield


@contextmanager
def joined_team() -> Iterator[Team]:
    """The team that `torchrun` told this process of, or this process alone."""
    size = int(os.environ.get("WORLD_SIZE", "1"))
    if size == 1 or distributed.is_initialized():
        yield Team(distributed.get_rank(), distributed.get_world_size()) if distributed.is_initialized() else Team()
        return
    on_gpu = torch.cuda.is_available()
    if on_gpu:
        torch.cuda.set_device(int(os.environ.get("LOCAL_RANK", "0")))
    distributed.init_process_group("nccl" if on_gpu else "gloo")
    try:
        yield Team(distributed.get_rank(), size)
    finally:
        distributed.destroy_process_group()


class _SharedStatistics(TorchFunctionMode):
    """Takes the place of `functional.batch_norm`, which every layer that normalises batches ends in."""

    def __torch_function__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        return (_batch_norm if func is functional.batch_norm else func)(*args, **(kwargs or {}))


def _batch_norm(
    images: Tensor,
    running_mean: Tensor | None,
    running_var: Tensor | None,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    training: bool = False,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> Tensor:
    if not training:
        return functional.batch_norm(images, running_mean, running_var, weight, bias, training, momentum, eps)
    summed: Callable[[Tensor], Tensor] = all_reduce
    others = [dim for dim in range(images.ndim) if dim != 1]
    along = [1, -1] + [1] * (images.ndim - 2)
    exact = images.float()
    count = summed(torch.tensor(float(exact.numel() / exact.shape[1]), device=images.device))
    mean = summed(exact.sum(others)) / count
    centred = exact - mean.view(along)
    variance = summed(centred.square().sum(others)) / count
    if running_mean is not None and running_var is not None:
        running_mean.lerp_(mean.detach().to(running_mean.dtype), momentum)
        unbiased = variance.detach() * count / (count - 1).clamp(min=1)
        running_var.lerp_(unbiased.to(running_var.dtype), momentum)
    scale = (variance + eps).rsqrt() if weight is None else (variance + eps).rsqrt() * weight
    normalized: Tensor = centred * scale.view(along)
    return (normalized if bias is None else normalized + bias.view(along)).to(images.dtype)
