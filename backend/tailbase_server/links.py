"""The one-time login link for whoever starts Tailbase on their own machine."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from tailbase_core.links import make_login_link, make_owner_link
from tailbase_core.tables import User


def new_link(session: Session) -> tuple[str, str]:
    """The token and purpose of a fresh link: "owner" while nobody has an account, then "login" as the first owner."""
    owner = session.scalar(select(User).where(User.is_admin).order_by(User.created_at).limit(1))
    return (make_owner_link(session), "owner") if owner is None else (make_login_link(session, owner), "login")
