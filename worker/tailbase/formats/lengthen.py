"""Predictions up to the end of their video, where their file stops at the last frame with an animal."""

from dataclasses import replace

import numpy as np

from tailbase.schema import Predictions


def lengthened(read: Predictions, frames: int) -> Predictions:
    """Empty frames are added up to `frames`; a file that ends with its video stays as it is."""
    more = frames - len(read.times)
    if read.ends_with_video or more <= 0:
        return read
    step = float(read.times[1] - read.times[0]) if len(read.times) > 1 else 1.0
    return replace(
        read,
        points=np.concatenate([read.points, np.full((more, *read.points.shape[1:]), np.nan, np.float32)]),
        likelihood=np.concatenate([read.likelihood, np.zeros((more, *read.likelihood.shape[1:]), np.float32)]),
        times=np.concatenate([read.times, read.times[-1] + step * np.arange(1, more + 1)]),
    )
