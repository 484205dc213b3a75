"""What lies in the trash."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from tailbase_api.schemas import Reply

Kind = Literal["project", "recording", "video", "frame", "model", "ensemble", "prediction"]


class TrashItem(Reply):
    """`size_bytes` counts what went with it: a video's frames and predictions, a recording's videos."""

    kind: Kind
    id: UUID
    name: str
    deleted_at: datetime
    size_bytes: int


class Restored(Reply):
    kind: Kind
    id: UUID
