"""Health and version."""

from typing import Literal

from pydantic import BaseModel

State = Literal["ok", "down"]


class Parts(BaseModel):
    database: State
    redis: State
    storage: State
    worker: State


class Health(BaseModel):
    status: State
    parts: Parts


class Version(BaseModel):
    version: str
