"""Reads DeepLabCut's .h5 files without running anything in them.

pandas keeps column names as pickles in HDF5 attributes, and un-pickling a stranger's file runs the stranger's code.
Here the numbers are read by h5py, and a pickle of names is read only if it builds lists, tuples, numbers and text.
"""

import io
import math
import pickle
import pickletools
import re
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

from tailbase.errors import PoseError
from tailbase.formats.pose_table import Column, PoseTable, check_columns

KEYS = ("df_with_missing", "tracks")
MAX_BYTES = 1024**3
MAX_CHUNK_BYTES = 256 * 1024**2
MAX_BLOCKS = 8
MAX_PICKLE_BYTES = 16 * 1024**2
MAX_DATASETS = 1000

# fmt: off
_SAFE_OPCODES = frozenset([
    "PROTO", "FRAME", "STOP", "MARK", "NONE", "INT", "BININT", "BININT1", "BININT2", "LONG", "LONG1", "UNICODE",
    "BINUNICODE", "SHORT_BINUNICODE", "STRING", "BINSTRING", "SHORT_BINSTRING", "EMPTY_LIST", "LIST", "APPEND",
    "APPENDS", "EMPTY_TUPLE", "TUPLE", "TUPLE1", "TUPLE2", "TUPLE3", "PUT", "BINPUT", "LONG_BINPUT", "MEMOIZE",
    "GET", "BINGET", "LONG_BINGET",
])
# fmt: on
_SAFE_FILTERS = frozenset({"gzip", "lzf", "szip"})


class _NoGlobals(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        raise pickle.UnpicklingError(f"{module}.{name} is not allowed")

    def persistent_load(self, pid: Any) -> Any:
        raise pickle.UnpicklingError(f"persistent object {pid!r} is not allowed")


def _refuse(path: Path, why: str) -> PoseError:
    return PoseError(
        "labels.unreadable_h5", f"{path.name} {why}. Use the CSV file that DeepLabCut keeps beside it instead."
    )


def read_deeplabcut_h5(path: Path) -> PoseTable:
    """Reads labels or predictions in either of pandas' layouts, fixed and table.

    Raises:
        PoseError: `labels.unreadable_h5`, or `labels.bad_header` as for CSV.
    """
    try:
        with h5py.File(path, "r", locking=False) as file:
            keys = list(file.keys())
            if len(keys) != 1 or keys[0] not in KEYS:
                raise _refuse(path, f"holds {', '.join(keys[:5]) or 'nothing'} instead of {' or '.join(KEYS)}")
            group = _child(path, file, keys[0])
            if len(group) > MAX_DATASETS:
                raise _refuse(path, "holds too many tables")
            read = _read_table if "table" in group else _read_fixed
            columns, rows, values = read(path, group)
    except (OSError, KeyError, RuntimeError, ValueError, TypeError, AttributeError) as error:
        raise _refuse(path, f"cannot be read ({type(error).__name__})") from error
    check_columns(path.name, columns)
    if np.isinf(values).any():
        raise PoseError("labels.not_finite", f"{path.name} holds infinite numbers, which cannot be coordinates.")
    return PoseTable(path.name, tuple(columns), tuple(rows), values)


def _child(path: Path, group: Any, name: str) -> Any:
    """A member that lies in this very file; links to elsewhere are refused before they are followed."""
    if not isinstance(group.get(name, getlink=True), h5py.HardLink):
        raise _refuse(path, f"has no {name} of its own")
    return group[name]


def _dataset(path: Path, group: Any, name: str) -> Any:
    data = _child(path, group, name)
    if not isinstance(data, h5py.Dataset) or data.is_virtual or data.external:
        raise _refuse(path, f"keeps {name} in another file")
    if data.size * data.dtype.itemsize > MAX_BYTES:
        raise _refuse(path, f"has a {name} larger than {MAX_BYTES // 1024**3} GiB")
    # HDF5 unpacks a whole chunk, which may be far larger than the table it belongs to.
    if data.chunks is not None and math.prod(data.chunks) * data.dtype.itemsize > MAX_CHUNK_BYTES:
        raise _refuse(path, f"keeps {name} in huge pieces")
    if data.compression is not None and data.compression not in _SAFE_FILTERS:
        raise _refuse(path, f"compresses {name} in an unknown way")
    return data


def _names(path: Path, pickled: Any) -> Any:
    """The value of a pickle made of nothing but lists, tuples, numbers and text."""
    data = pickled if isinstance(pickled, bytes) else bytes(np.asarray(pickled).tobytes())
    if len(data) > MAX_PICKLE_BYTES:
        raise _refuse(path, "has a huge list of names")
    try:
        if strange := {op.name for op, _, _ in pickletools.genops(data)} - _SAFE_OPCODES:
            raise _refuse(path, f"wants to run code ({', '.join(sorted(strange))})")
        return _NoGlobals(io.BytesIO(data), encoding="utf-8").load()
    except (pickle.UnpicklingError, IndexError, EOFError, OverflowError) as error:
        raise _refuse(path, "has damaged names") from error


def _read_table(path: Path, group: Any) -> tuple[list[Column], list[str], NDArray[np.float64]]:
    table = _dataset(path, group, "table")
    blocks = sorted(name for name in table.dtype.names if re.fullmatch(r"values_block_\d+", name))
    if "index" not in table.dtype.names or len(blocks) != len(table.dtype.names) - 1:
        raise _refuse(path, "has an index of a kind that is not known")
    order = _level_names(path, group)
    columns: list[Column] = []
    values: list[NDArray[np.float64]] = []
    data = table[:]
    for block in blocks:
        columns += [_column(path, entry, order) for entry in _names(path, table.attrs[f"{block}_kind"])]
        values.append(np.asarray(data[block], dtype=np.float64).reshape(len(data), -1))
    matrix = np.concatenate(values, axis=1)
    if matrix.shape[1] != len(columns):
        raise _refuse(path, "has more columns than names")
    return columns, _index(data["index"]), matrix


def _level_names(path: Path, group: Any) -> list[str]:
    """Names of the header rows; kept in a dictionary, of which only the list of names is of interest."""
    kinds = group.attrs.get("non_index_axes")
    axes = _names(path, kinds) if kinds is not None else []
    depth = len(axes[0][1][0]) if axes and axes[0][1] and isinstance(axes[0][1][0], tuple) else 0
    return _order_for(path, depth)


def _order_for(path: Path, depth: int) -> list[str]:
    orders = {3: ["scorer", "bodyparts", "coords"], 4: ["scorer", "individuals", "bodyparts", "coords"]}
    if depth not in orders:
        raise _refuse(path, "is not a table of scorer, bodyparts and coords")
    return orders[depth]


def _column(path: Path, entry: Any, order: list[str]) -> Column:
    if not isinstance(entry, tuple) or len(entry) != len(order) or not all(isinstance(part, str) for part in entry):
        raise _refuse(path, "has columns that are not named by text")
    parts = dict(zip(order, entry, strict=True))
    return Column(parts["scorer"], parts.get("individuals"), parts["bodyparts"], parts["coords"])


def _index(values: NDArray[Any]) -> list[str]:
    if values.dtype.kind == "S":
        return [value.decode("utf-8") for value in values]
    if values.dtype.kind in "iu":
        return [str(int(value)) for value in values]
    raise ValueError("the index is neither text nor whole numbers")


def _read_fixed(path: Path, group: Any) -> tuple[list[Column], list[str], NDArray[np.float64]]:
    row_axis = "axis1" if "axis1" in group or "axis1_level0" in group else "index"
    rows = ["/".join(parts) for parts in _levels(path, group, row_axis)]
    columns: list[Column] = []
    values: list[NDArray[np.float64]] = []
    for number in range(min(int(group.attrs["nblocks"]), MAX_BLOCKS)):
        names = _levels(path, group, f"block{number}_items")
        order = _order_for(path, len(names[0]) if names else 0)
        data = _dataset(path, group, f"block{number}_values")
        matrix = np.asarray(data[:], dtype=np.float64)
        matrix = matrix if int(data.attrs.get("transposed", 0)) else matrix.T
        if matrix.shape != (len(rows), len(names)):
            raise _refuse(path, "has more columns than names")
        columns += [_column(path, entry, order) for entry in names]
        values.append(matrix)
    return columns, rows, np.concatenate(values, axis=1)


def _levels(path: Path, group: Any, axis: str) -> list[tuple[str, ...]]:
    """The names along an axis, each a tuple with one text for each level."""
    if axis in group:
        return [(name,) for name in _index(_dataset(path, group, axis)[:])]
    depth = int(group.attrs[f"{axis}_nlevels"])
    if not 1 <= depth <= 4:
        raise _refuse(path, "has an index of a kind that is not known")
    parts: list[list[str]] = []
    for level in range(depth):
        texts = _index(_dataset(path, group, f"{axis}_level{level}")[:])
        codes = np.asarray(_dataset(path, group, f"{axis}_label{level}")[:], dtype=np.int64)
        if codes.size and (codes.min() < 0 or codes.max() >= len(texts)):
            raise _refuse(path, "has damaged names")
        parts.append([texts[code] for code in codes])
    return list(zip(*parts, strict=True))
