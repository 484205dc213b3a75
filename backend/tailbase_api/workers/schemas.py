"""Workers on the wire."""

from datetime import datetime

from tailbase_api.schemas import Body, Reply


class WorkerOut(Reply):
    """`device` names its GPU or CPU; a worker not seen for a minute has gone."""

    name: str
    device: str
    paused: bool
    version: str
    seen_at: datetime


class WorkerIn(Body):
    paused: bool
