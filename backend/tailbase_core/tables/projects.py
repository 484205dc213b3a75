"""Projects, who works on them, and the skeleton they share."""

from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from tailbase_core.tables.base import Created, Id, Json, Table, Time

ROLES = ("owner", "editor", "annotator", "reviewer", "viewer")


class Project(Table):
    """`name_pattern` reads recording fields out of file names, e.g. ``{session}_{animal}``."""

    __tablename__ = "projects"

    id: Mapped[Id]
    name: Mapped[str]
    description: Mapped[str] = mapped_column(default="", server_default="")
    name_pattern: Mapped[str] = mapped_column(default="{session}", server_default="{session}")
    settings: Mapped[Json]
    created_by: Mapped[UUID | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    created_at: Mapped[Created]
    deleted_at: Mapped[Time | None]


class Membership(Table):
    __tablename__ = "memberships"
    __table_args__ = (CheckConstraint("role in ('owner','editor','annotator','reviewer','viewer')", name="role"),)

    project_id: Mapped[UUID] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True, index=True)
    role: Mapped[str]
    created_at: Mapped[Created]


class View(Table):
    """A camera, or a mirror that shows the animal from another side within one image (`mirrored`)."""

    __tablename__ = "views"
    __table_args__ = (UniqueConstraint("project_id", "name"),)

    id: Mapped[Id]
    project_id: Mapped[UUID] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"), index=True)
    name: Mapped[str]
    mirrored: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    position: Mapped[int] = mapped_column(default=0)


class Keypoint(Table):
    """Labels point to its id, so a rename breaks nothing; a removed keypoint is retired, not deleted."""

    __tablename__ = "keypoints"

    id: Mapped[Id]
    project_id: Mapped[UUID] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"), index=True)
    name: Mapped[str]
    color: Mapped[str]
    position: Mapped[int]
    part: Mapped[str | None]
    view_id: Mapped[UUID | None] = mapped_column(ForeignKey("views.id", ondelete="SET NULL"))
    partner_id: Mapped[UUID | None] = mapped_column(ForeignKey("keypoints.id", ondelete="SET NULL"))
    retired_at: Mapped[Time | None]


class Edge(Table):
    __tablename__ = "edges"

    project_id: Mapped[UUID] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"), primary_key=True)
    start_id: Mapped[UUID] = mapped_column(ForeignKey("keypoints.id", ondelete="CASCADE"), primary_key=True)
    end_id: Mapped[UUID] = mapped_column(ForeignKey("keypoints.id", ondelete="CASCADE"), primary_key=True)


class Individual(Table):
    """A named animal of a project, or of one recording only."""

    __tablename__ = "individuals"
    __table_args__ = (UniqueConstraint("project_id", "recording_id", "name", postgresql_nulls_not_distinct=True),)

    id: Mapped[Id]
    project_id: Mapped[UUID] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"), index=True)
    recording_id: Mapped[UUID | None] = mapped_column(ForeignKey("recordings.id", ondelete="CASCADE"))
    name: Mapped[str]
    position: Mapped[int] = mapped_column(default=0)
