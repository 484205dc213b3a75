"""People, how they sign in, and their tokens."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import Field

from tailbase.schema import Name
from tailbase_api.schemas import Body, Email, FreeForm, Password, Reply


class LoginIn(Body):
    email: Email
    password: str = Field(max_length=1000)


class LinkIn(Body):
    """Which of the optional fields are needed, `GET /auth/link/{token}` tells."""

    token: str = Field(max_length=200)
    email: Email | None = None
    name: Name | None = None
    password: Password | None = None


class LinkOut(Reply):
    purpose: Literal["owner", "login", "invite", "reset"]
    email: str | None = None
    project_name: str | None = None
    needs: list[Literal["email", "name", "password"]]


class ResetIn(Body):
    email: Email


class ResetOut(Reply):
    """The address to hand to the person, who then chooses another password."""

    url: str
    valid_minutes: int


class UserOut(Reply):
    id: UUID
    email: str
    name: str
    is_admin: bool
    preferences: dict[str, object]


class Me(Reply):
    user: UserOut


class MePatch(Body):
    name: Name | None = None
    preferences: FreeForm | None = None


class PasswordIn(Body):
    current: str = Field(max_length=1000)
    new: Password


class TokenIn(Body):
    name: Name
    expires_in_days: int | None = Field(default=None, ge=1, le=3650)


class TokenOut(Reply):
    id: UUID
    name: str
    prefix: str
    expires_at: datetime | None
    last_used_at: datetime | None
    created_at: datetime


class NewToken(Reply):
    """`token` is shown this once; only its hash is stored."""

    id: UUID
    prefix: str
    token: str
