"""Roots, and registering videos from them."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from tailbase_api.jobs.schemas import JobOut
from tailbase_api.schemas import Body, Reply

Path = Annotated[str, Field(max_length=4000)]


class RootOut(Reply):
    name: str


class RootEntry(Reply):
    name: str
    kind: Literal["dir", "file"]
    size_bytes: int | None


class RegisterIn(Body):
    """Either `paths`, or the files of a `folder` whose names match `pattern`."""

    root: str = Field(max_length=300)
    paths: list[Path] | None = Field(default=None, min_length=1, max_length=20_000)
    folder: Path | None = None
    pattern: str = Field(default="*.mp4", min_length=1, max_length=300)
    recursive: bool = False

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.paths is None) == (self.folder is None):
            raise ValueError("give either paths or a folder")
        return self


class Registered(Reply):
    """`skipped` were registered before. `job` is the first of those that look at the videos, a hundred each."""

    registered: int
    skipped: int
    job: JobOut | None


class RelinkIn(Body):
    root: str = Field(max_length=300)
    path: Path
