"""Tables of an HDF5 file that somebody else wrote: stored in that very file, without plug-ins, within bounds."""

from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

MAX_BYTES = 1024**3
MAX_CHUNK_BYTES = 256 * 1024**2
SAFE_FILTERS = (None, "gzip", "lzf", "szip")


def is_stored_here(file: Any, name: str) -> bool:
    """Whether a name leads to something in this file and to no other one."""
    return isinstance(file.get(name, getlink=True), h5py.HardLink)


def read_table(file: Any, name: str) -> NDArray[Any]:
    """The whole table.

    Raises:
        ValueError: it is missing, lies elsewhere, needs a plug-in or is too large; says which.
    """
    if not is_stored_here(file, name):
        raise ValueError(f"{name} is missing")
    data = file[name]
    if not isinstance(data, h5py.Dataset) or data.is_virtual or data.external or data.compression not in SAFE_FILTERS:
        raise ValueError(f"{name} is not stored in it")
    chunk = int(np.prod(data.chunks or (1,))) * data.dtype.itemsize
    if data.size * data.dtype.itemsize > MAX_BYTES or chunk > MAX_CHUNK_BYTES:
        raise ValueError(f"{name} is too large")
    return np.asarray(data[()])
