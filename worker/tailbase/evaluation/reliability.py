"""Whether a likelihood means what it says: how many of the points of a likelihood lie close to the label."""

from typing import Any

import numpy as np
from jaxtyping import Float
from numpy.typing import NDArray

WITHIN_PERCENT = (2.0, 5.0, 10.0)
"""Distances that count as close, in percent of the body length."""

BINS = 10


def reliability(
    likelihood: Float[NDArray[np.float64], "*any"],
    error: Float[NDArray[np.float64], "*any"],
    within: tuple[float, ...] = WITHIN_PERCENT,
    bins: int = BINS,
) -> dict[str, Any]:
    """Reliability curves.

    Args:
        error: in the unit of `within`; NaN does not count.

    Returns:
        within; bins: [{low, high, likelihood, points, share}] of bins of likelihood that hold points, with their mean
        likelihood and, for each distance of `within`, the share of points that lie no farther off.
    """
    known = np.isfinite(error) & np.isfinite(likelihood)
    sure, off = np.clip(likelihood[known], 0, 1), error[known]
    place = np.minimum((sure * bins).astype(np.int64), bins - 1)
    rows = []
    for number in range(bins):
        here = place == number
        if here.any():
            rows.append(
                {
                    "low": number / bins,
                    "high": (number + 1) / bins,
                    "likelihood": float(sure[here].mean()),
                    "points": int(here.sum()),
                    "share": [float((off[here] <= distance).mean()) for distance in within],
                }
            )
    return {"within": list(within), "bins": rows}
