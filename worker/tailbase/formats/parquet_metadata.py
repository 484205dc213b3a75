"""What our Parquet files say about themselves, under one key of the schema."""

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from tailbase import __version__
from tailbase.errors import PoseError
from tailbase.schema import Name, Skeleton

KEY = b"tailbase"


class Metadata(BaseModel):
    """Names of both axes, and where the numbers come from."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    skeleton: Skeleton
    individuals: tuple[Name, ...] = Field(max_length=1000)
    scorer: str = "tailbase"
    provenance: dict[str, str] = Field(default_factory=dict)
    version: str = __version__

    def attach(self, schema: Any) -> Any:
        return schema.with_metadata({KEY: self.model_dump_json().encode()})


def open_parquet(path: Path) -> tuple[Any, Metadata]:
    """The open file and its metadata.

    Raises:
        PoseError: `parquet.unreadable`, or `parquet.not_ours` where it has no Tailbase metadata.
    """
    try:
        file = pq.ParquetFile(path)
    except (pa.ArrowException, OSError, ValueError) as error:
        raise PoseError("parquet.unreadable", f"{path.name} is not a readable Parquet file: {error}.") from error
    found = (file.schema_arrow.metadata or {}).get(KEY)
    if found is None:
        raise PoseError("parquet.not_ours", f"{path.name} was not written by Tailbase: its names are missing.")
    try:
        return file, Metadata.model_validate_json(found)
    except ValidationError as error:
        first = error.errors()[0]["msg"]
        raise PoseError("parquet.not_ours", f"The names inside {path.name} are damaged: {first}.") from error
