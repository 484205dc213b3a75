"""Projects, skeletons, members."""

from datetime import datetime
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import Field, StringConstraints, model_validator

from tailbase.schema import Color, Name
from tailbase_api.schemas import Body, Email, FreeForm, LongText, Reply

Role = Literal["owner", "editor", "annotator", "reviewer", "viewer"]
Pattern = Annotated[str, StringConstraints(min_length=1, max_length=300, strip_whitespace=True)]


class KeypointIn(Body):
    """With `id` it is that keypoint, under whatever name; without, the one of this name, or a new one."""

    id: UUID | None = None
    name: Name
    color: Color = "#4477aa"
    partner: Name | None = None
    part: Name | None = None
    view: Name | None = None
    position: int | None = Field(default=None, description="Ignored: the order of the list counts.")


class ViewIn(Body):
    name: Name
    mirrored: bool = False


class SkeletonIn(Body):
    keypoints: list[KeypointIn] = Field(max_length=500)
    edges: list[tuple[Name, Name]] = Field(default_factory=list, max_length=5000)
    views: list[ViewIn] = Field(default_factory=list, max_length=100)

    @model_validator(mode="after")
    def _agrees_with_itself(self) -> Self:
        names = [k.name for k in self.keypoints]
        _once("keypoint", names)
        _once("view", [v.name for v in self.views])
        views = {v.name for v in self.views}
        partners = {k.name: k.partner for k in self.keypoints}
        for keypoint in self.keypoints:
            if keypoint.view is not None and keypoint.view not in views:
                raise ValueError(f"{keypoint.name}: its view {keypoint.view} is not among the views")
            if keypoint.partner is not None:
                _check_partner(keypoint.name, keypoint.partner, partners)
        for start, end in self.edges:
            if start == end or start not in partners or end not in partners:
                raise ValueError(f"the edge {start} - {end} does not join two keypoints")
        return self


def _once(noun: str, names: list[str]) -> None:
    if doubles := sorted({n for n in names if names.count(n) > 1}):
        raise ValueError(f"{noun} names occur twice: {', '.join(doubles[:5])}")


def _check_partner(name: str, partner: str, partners: dict[str, str | None]) -> None:
    if partner == name or partner not in partners:
        raise ValueError(f"{name}: its partner {partner} is no other keypoint")
    if partners[partner] not in (None, name):
        raise ValueError(f"{name}: its partner {partner} has another partner, {partners[partner]}")


class KeypointOut(Reply):
    id: UUID
    name: str
    color: str
    position: int
    partner: str | None
    part: str | None
    view: str | None


class ViewOut(Reply):
    id: UUID
    name: str
    mirrored: bool
    position: int


class SkeletonOut(Reply):
    keypoints: list[KeypointOut]
    edges: list[tuple[str, str]]
    views: list[ViewOut]


class ProjectIn(Body):
    name: Name
    description: LongText = ""
    skeleton: SkeletonIn | None = None
    name_pattern: Pattern | None = None


class ProjectPatch(Body):
    name: Name | None = None
    description: LongText | None = None
    name_pattern: Pattern | None = None
    settings: FreeForm | None = None


class Counts(Reply):
    """`labelled` counts the frames somebody placed a point in."""

    videos: int = 0
    frames: int = 0
    labelled: int = 0
    models: int = 0


class ProjectOut(Reply):
    id: UUID
    name: str
    description: str
    name_pattern: str
    settings: dict[str, object]
    role: Role
    created_at: datetime
    deleted_at: datetime | None
    counts: Counts


class IndividualIn(Body):
    name: Name


class IndividualOut(Reply):
    id: UUID
    name: str
    position: int


class MemberIn(Body):
    email: Email
    role: Role


class MemberPatch(Body):
    role: Role


class MemberOut(Reply):
    user_id: UUID
    email: str
    name: str
    role: Role
    created_at: datetime


class Invited(Reply):
    """A member, where the e-mail has an account; else the address to send to the person."""

    member: MemberOut | None = None
    invite_url: str | None = None


class AuditOut(Reply):
    id: UUID
    user: str | None
    action: str
    details: dict[str, object]
    created_at: datetime
