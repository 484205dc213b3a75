"""Reads lists of frame numbers from the command line."""

import argparse


def frame_numbers(text: str) -> list[int]:
    """``3,17,20-22`` as [3, 17, 20, 21, 22]; an empty text is no number."""
    numbers: list[int] = []
    for part in filter(None, (p.strip() for p in text.split(","))):
        first, _, last = part.partition("-")
        try:
            span = range(int(first), int(last or first) + 1)
        except ValueError:
            raise argparse.ArgumentTypeError(f"{part!r} is no frame number: write 3,17 or 20-22") from None
        if len(numbers) + len(span) > 1_000_000:
            raise argparse.ArgumentTypeError("more than a million frame numbers")
        numbers.extend(span)
    return numbers


def time_ranges(text: str) -> list[tuple[float, float]]:
    """``0-10,20.5-30`` as [(0.0, 10.0), (20.5, 30.0)], in seconds."""
    ranges = []
    for part in text.split(","):
        start, _, stop = part.partition("-")
        try:
            span = float(start), float(stop)
        except ValueError:
            raise argparse.ArgumentTypeError(f"{part!r} is no time range: write 0-10,20.5-30") from None
        if not 0 <= span[0] < span[1]:
            raise argparse.ArgumentTypeError(f"{part!r} ends before it begins")
        ranges.append(span)
    return ranges
