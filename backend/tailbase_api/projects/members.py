"""Who works on a project. Only owners change that; anybody may leave; the last owner stays."""

from uuid import UUID

from sqlalchemy.orm import Session

from tailbase_api import audit
from tailbase_api.deps import OWNERS, Access
from tailbase_api.pagination import Page, PageQuery, page_of, select_page
from tailbase_api.projects import queries
from tailbase_api.projects.schemas import Invited, MemberIn, MemberOut
from tailbase_core.errors import Conflict
from tailbase_core.links import link_url, make_invite_link
from tailbase_core.tables import Membership, User


def _show(row: tuple[Membership, User]) -> MemberOut:
    membership, user = row
    return MemberOut.model_validate(
        {"user_id": user.id, "email": user.email, "name": user.name, "role": membership.role,
         "created_at": membership.created_at}
    )  # fmt: skip


def list_members(session: Session, project_id: UUID, page: PageQuery) -> Page[MemberOut]:
    rows, cursor = select_page(
        session, queries.members(project_id), page,
        key=Membership.created_at, id=Membership.user_id, descending=False,
    )  # fmt: skip
    return page_of(rows, cursor, lambda row: _show(tuple(row)))


def add(session: Session, access: Access, body: MemberIn, public_url: str) -> Invited:
    """A member at once where the e-mail has an account, else an invitation to send."""
    user = queries.user_by_email(session, body.email)
    audit.record(session, access.user, access.project_id, "member.invite", email=body.email, role=body.role)
    if user is None:
        token = make_invite_link(session, project_id=access.project_id, email=body.email, role=body.role)
        return Invited(invite_url=link_url(public_url, token))
    queries.lock_project(session, access.project_id)
    if queries.is_member(session, access.project_id, user.id):
        raise Conflict("member.exists", f"{body.email} is a member already; change the role instead.")
    session.add(Membership(project_id=access.project_id, user_id=user.id, role=body.role))
    session.flush()
    return Invited(member=_show(queries.member(session, access.project_id, user.id)))


def change(session: Session, access: Access, user_id: UUID, role: str) -> MemberOut:
    queries.lock_project(session, access.project_id)
    membership, user = queries.member(session, access.project_id, user_id)
    if role != "owner":
        _keep_an_owner(session, access.project_id, user_id)
    membership.role = role
    audit.record(session, access.user, access.project_id, "member.change", member=str(user_id), role=role)
    return _show((membership, user))


def remove(session: Session, access: Access, user_id: UUID) -> None:
    if user_id != access.user.id:
        access.need(OWNERS)
    queries.lock_project(session, access.project_id)
    queries.member(session, access.project_id, user_id)
    _keep_an_owner(session, access.project_id, user_id)
    queries.remove_member(session, access.project_id, user_id)
    audit.record(session, access.user, access.project_id, "member.remove", member=str(user_id))


def _keep_an_owner(session: Session, project_id: UUID, leaving: UUID) -> None:
    if not queries.other_owners(session, project_id, leaving):
        raise Conflict("member.last_owner", "A project needs an owner. Make somebody else an owner first.")
