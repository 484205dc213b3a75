"""Rows of a Parquet file in the storage."""

from collections.abc import Mapping
from io import BytesIO
from typing import Any

import pyarrow.compute as pc
import pyarrow.parquet as pq

from tailbase_core.errors import Conflict
from tailbase_core.storage import BlobStore

MOST_BYTES = 128 * 1024**2


def rows(
    store: BlobStore, key: str, first: int, count: int, equal: Mapping[str, str]
) -> tuple[list[dict[str, Any]], int]:
    """Rows from `first` on among those whose columns equal the given values, and how many those are."""
    size = store.size(key)
    if size > MOST_BYTES:
        raise Conflict("evaluation.too_large", "This table is too long to be shown in pages. Download it instead.")
    source = store.local_path(key) or BytesIO(b"".join(store.open_range(key, 0, size)))
    table = pq.read_table(source)
    for column, value in equal.items():
        table = table.filter(pc.equal(table[column], value))
    return table.slice(first, count).to_pylist(), table.num_rows
