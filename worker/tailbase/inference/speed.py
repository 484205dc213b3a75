"""How many frames a second engines compute, in the way that prediction uses them."""

import time
from collections.abc import Mapping
from typing import TypeVar

import torch

from tailbase.inference.engine import Engine, Found, Images, streams
from tailbase.inference.memory import keep_freed_memory
from tailbase.inference.pipeline import side_by_side, threads_each

_ROUNDS = 3
_WINDOWS_EACH = 2

Key = TypeVar("Key")


def rates(engines: Mapping[Key, Engine], window: Images) -> dict[Key, float]:
    """Frames a second of each, the best of three rounds in which the engines take turns."""
    keep_freed_memory()
    best = dict.fromkeys(engines, 0.0)
    for _ in range(_ROUNDS):
        for key, engine in engines.items():
            best[key] = max(best[key], _rate(engine, window))
    return best


def _rate(engine: Engine, window: Images) -> float:
    side = streams(engine.device)
    answered = len(window) - 2 * engine.tracker.reach

    def work(images: Images) -> Found:
        points, likelihood = engine.poses(images)
        return points.cpu(), likelihood.cpu()

    with threads_each(max(1, torch.get_num_threads() // side)):
        began = time.perf_counter()
        for _ in side_by_side(work, [window] * (_WINDOWS_EACH * side), side):
            continue
        return _WINDOWS_EACH * side * answered / (time.perf_counter() - began)
