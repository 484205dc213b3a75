"""What more labels should buy, from the errors of the rounds so far."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

FEWEST_ROUNDS = 3
# 95% quantiles of Student's t by degrees of freedom, for intervals that hold nine times in ten.
_T95 = (6.314, 2.920, 2.353, 2.132, 2.015, 1.943, 1.895, 1.860, 1.833, 1.812)
_T95_MANY = 1.645


@dataclass(frozen=True)
class Forecast:
    """Mean error in pixels as the curve sees it at present and after more labels; nine of ten should lie inside."""

    now_px: float
    then_px: float
    low_px: float
    high_px: float


def forecast(rounds: Sequence[tuple[int, float]], more: int) -> Forecast | None:
    """Extrapolate a power law, error = a labels^-b, fitted by least squares on logarithms.

    Learning curves of networks follow power laws over wide ranges (Hestness et al. 2017), but also level off at what
    people disagree about, which this form does not know: look no further ahead than about twice the labels there are.

    Args:
        rounds: number of labels and mean error in pixels of each.
        more: labels to come.

    Returns:
        None where there are fewer than three rounds of different size. With three the interval is wide: it should be.
    """
    known = [(math.log(labels), math.log(error)) for labels, error in rounds if labels > 0 and error > 0]
    if len({x for x, _ in known}) < FEWEST_ROUNDS:
        return None
    middle = sum(x for x, _ in known) / len(known)
    height = sum(y for _, y in known) / len(known)
    spread = sum((x - middle) ** 2 for x, _ in known)
    slope = sum((x - middle) * (y - height) for x, y in known) / spread
    left = sum((y - height - slope * (x - middle)) ** 2 for x, y in known) / (len(known) - 2)
    last = max(x for x, _ in known)
    ahead = math.log(math.exp(last) + more)
    wide = _t95(len(known) - 2) * math.sqrt(left * (1 + 1 / len(known) + (ahead - middle) ** 2 / spread))
    then = height + slope * (ahead - middle)
    return Forecast(
        now_px=math.exp(height + slope * (last - middle)),
        then_px=math.exp(then),
        low_px=math.exp(then - wide),
        high_px=math.exp(min(then + wide, 50.0)),
    )


def _t95(freedom: int) -> float:
    return _T95[freedom - 1] if freedom <= len(_T95) else _T95_MANY
