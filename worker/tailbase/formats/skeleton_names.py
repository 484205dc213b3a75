"""What names of keypoints tell about a body: left and right partners, chains of segments, mirrored views."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise

from tailbase.schema import Keypoint, Skeleton

VIEW_SUFFIXES = ("top", "bot", "bottom", "side", "front", "back", "mirror", "above", "below")

# Okabe and Ito 2008, then Paul Tol's muted scheme.
COLORS = (
    "#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#b8ae2a", "#332288",
    "#88ccee", "#44aa99", "#117733", "#999933", "#ddcc77", "#cc6677", "#882255", "#aa4499",
)  # fmt: skip

_TOKEN = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_WORD = re.compile(r"(left|right)|(?<=.)(left|right)$")
_LIMB = re.compile(r"([lr])([fhmb])?")
_CHAIN = {"base": 0, "mid": 1, "middle": 1, "center": 1, "tip": 2, "end": 2}


def describe(names: Sequence[str], edges: Iterable[tuple[str, str]] = ()) -> Skeleton:
    """A skeleton with colours, partners and edges; edges follow from the names where none are given."""
    partners = left_right_partners(names)
    keypoints = tuple(
        Keypoint(name=name, color=color, partner=partners.get(name))
        for name, color in zip(names, palette(len(names)), strict=True)
    )
    return Skeleton(keypoints=keypoints, edges=tuple(edges) or tuple(segment_edges(names)))


def palette(count: int) -> list[str]:
    """Colours that colour-blind people can tell apart, over again after the sixteenth."""
    return [COLORS[i % len(COLORS)] for i in range(count)]


def tokens(name: str) -> list[str]:
    """`paw1LH_top` gives paw, 1, LH, top."""
    return _TOKEN.findall(name)


def left_right_partners(names: Sequence[str]) -> dict[str, str]:
    """Partners in both directions, where exactly one left and one right name differ in nothing but the side.

    Numbers may differ too (`paw1LH` and `paw4RH`) where that leaves exactly one of each side.
    """
    partners: dict[str, str] = {}
    for strip_numbers in (False, True):
        for side_of in (_side_by_word, _side_by_letter, _side_by_prefix):
            rest = [name for name in names if name not in partners]
            partners |= _pairs(rest, side_of, strip_numbers)
    return partners


def _pairs(names: Sequence[str], side_of: Callable[[str], tuple[str, str] | None], strip: bool) -> dict[str, str]:
    groups: dict[str, dict[str, list[str]]] = defaultdict(lambda: {"l": [], "r": []})
    for name in names:
        if found := side_of(name):
            side, key = found
            groups[re.sub(r"\d", "", key) if strip else key][side].append(name)
    pairs = [(g["l"][0], g["r"][0]) for g in groups.values() if len(g["l"]) == len(g["r"]) == 1]
    return dict(pairs) | {right: left for left, right in pairs}


def _side_by_word(name: str) -> tuple[str, str] | None:
    """`left_ear`, `earLeft`, `leftear`: the side and what is left of the name."""
    parts = [token.lower() for token in tokens(name)]
    for place, part in enumerate(parts):
        if match := _WORD.search(part):
            word = match.group()
            key = [*parts[:place], part.replace(word, "*", 1), *parts[place + 1 :]]
            return word[0], "|".join(key)
    return None


def _side_by_letter(name: str) -> tuple[str, str] | None:
    """`paw_l`, `L1A`, `earR`, `pawLF`, `lh`."""
    parts = tokens(name)
    for place, part in enumerate(parts):
        if match := _LIMB.fullmatch(part.lower()):
            key = [*parts[:place], f"*{match.group(2) or ''}", *parts[place + 1 :]]
            return match.group(1), "|".join(key).lower()
    return None


def _side_by_prefix(name: str) -> tuple[str, str] | None:
    """`lfoot`, `Rear`: one letter before a word, believed only because its partner exists too."""
    if re.fullmatch(r"(?!left|right)[lr][a-z]{3,}.*", name.lower()):
        return name[0].lower(), "*" + name[1:]
    return None


def segment_edges(names: Sequence[str]) -> list[tuple[str, str]]:
    """Edges along chains: names that differ in a running number or letter, or in base, mid, tip."""
    chains: dict[tuple[str, ...], list[tuple[int, str]]] = defaultdict(list)
    for name in names:
        parts = tokens(name)
        for place, part in enumerate(parts):
            rank = _rank(part, last=place == len(parts) - 1)
            if rank is not None and len(parts) > 1:
                chains[(*parts[:place], f"#{_kind(part)}", *parts[place + 1 :])].append((rank, name))
    edges: list[tuple[str, str]] = []
    for chain in chains.values():
        chain.sort()
        edges += [(a, b) for (i, a), (j, b) in pairwise(chain) if j - i == 1]
    return list(dict.fromkeys(edges))


def _kind(part: str) -> str:
    return "number" if part.isdigit() else "letter" if len(part) == 1 else "place"


def _rank(part: str, last: bool) -> int | None:
    if part.isdigit() and len(part) <= 4:
        return int(part) if last else None
    if last and re.fullmatch("[A-H]", part):
        return ord(part)
    return _CHAIN.get(part.lower())


def suggested_views(names: Sequence[str]) -> dict[str, dict[str, str]]:
    """`{keypoint: {part, view}}` for keypoints seen in several mirrored views; a suggestion for a person to confirm.

    Only parts that occur exactly once in each of at least two views are named.
    """
    views: dict[str, dict[str, str]] = defaultdict(dict)
    for name in names:
        part, _, suffix = name.rpartition("_")
        if part and suffix.lower() in VIEW_SUFFIXES:
            views[suffix][part] = name
    if len(views) < 2:
        return {}
    shared = set.intersection(*(set(parts) for parts in views.values()))
    return {
        parts[part]: {"part": part, "view": view} for view, parts in views.items() for part in parts if part in shared
    }
