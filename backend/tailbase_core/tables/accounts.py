"""People, how they prove who they are, and what they did."""

from uuid import UUID

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from tailbase_core.tables.base import Created, Id, Json, Table, Time


class User(Table):
    """`email` is stored in lower case. The first user is the installation's owner (`is_admin`)."""

    __tablename__ = "users"

    id: Mapped[Id]
    email: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    password_hash: Mapped[str | None]
    is_admin: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    preferences: Mapped[Json]
    created_at: Mapped[Created]


class LoginSession(Table):
    """A browser that signed in; the cookie holds the token, the table its SHA-256."""

    __tablename__ = "login_sessions"

    id: Mapped[Id]
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    token_hash: Mapped[str] = mapped_column(unique=True)
    expires_at: Mapped[Time]
    created_at: Mapped[Created]


class OneTimeLink(Table):
    """`purpose` is owner (first start), login, invite or reset. Consumed by POST, never by GET."""

    __tablename__ = "one_time_links"

    id: Mapped[Id]
    purpose: Mapped[str]
    token_hash: Mapped[str] = mapped_column(unique=True)
    user_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    project_id: Mapped[UUID | None] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"))
    email: Mapped[str | None]
    role: Mapped[str | None]
    expires_at: Mapped[Time]
    used_at: Mapped[Time | None]
    created_at: Mapped[Created]


class ApiToken(Table):
    """`prefix` is shown so that a person recognises the token; only the hash can be checked."""

    __tablename__ = "api_tokens"

    id: Mapped[Id]
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    name: Mapped[str]
    prefix: Mapped[str]
    token_hash: Mapped[str] = mapped_column(unique=True)
    expires_at: Mapped[Time | None]
    last_used_at: Mapped[Time | None]
    created_at: Mapped[Created]


class IdempotencyKey(Table):
    """The reply to a POST, kept so that a repeated request is not carried out twice."""

    __tablename__ = "idempotency_keys"

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    request_hash: Mapped[str]
    status: Mapped[int | None]
    body: Mapped[Json]
    created_at: Mapped[Created]


class AuditEvent(Table):
    """Who did what, once: `action` is a dotted verb, `details` names what it was done to."""

    __tablename__ = "audit_events"
    __table_args__ = (Index("ix_audit_events_project", "project_id", "created_at"),)

    id: Mapped[Id]
    user_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    project_id: Mapped[UUID | None] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"))
    action: Mapped[str]
    details: Mapped[Json]
    created_at: Mapped[Created]
