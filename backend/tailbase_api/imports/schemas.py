"""Imports on the wire."""

from typing import Annotated, Self
from uuid import UUID

from pydantic import Field, StringConstraints, model_validator

from tailbase.schema import Name
from tailbase_api.schemas import Body

RelativePath = Annotated[str, StringConstraints(min_length=1, max_length=4096)]


class ImportIn(Body):
    """A zip that was uploaded with purpose `import`, or a folder or zip under one of the server's roots.

    A dry run changes nothing and reports what would come. `scorer` chooses one where the project has several;
    `create_skeleton` adds keypoints that the project does not have; `recording_pattern` reads recordings out of the
    names of the videos.
    """

    upload_id: UUID | None = None
    root: Name | None = None
    path: RelativePath | None = None
    dry_run: bool = False
    scorer: Name | None = None
    create_skeleton: bool = True
    recording_pattern: Annotated[str, Field(min_length=1, max_length=300)] | None = None

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if (self.root is None) != (self.path is None):
            raise ValueError("root and path belong together")
        if (self.upload_id is None) == (self.root is None):
            raise ValueError("give either upload_id, or root and path")
        return self
