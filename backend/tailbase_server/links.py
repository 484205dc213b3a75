"""One-time login links for whoever starts Tailbase on their own machine."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from tailbase_core import security
from tailbase_core.tables import OneTimeLink, User

VALID = timedelta(days=7)


def new_link(session: Session) -> tuple[str, str]:
    """The token and purpose of a fresh link: "owner" while nobody has an account, then "login" as the owner.

    Unused links of earlier starts stop working.
    """
    owner = session.scalar(select(User).where(User.is_admin).order_by(User.created_at).limit(1))
    purpose = "owner" if owner is None else "login"
    session.execute(
        delete(OneTimeLink).where(
            OneTimeLink.purpose.in_(["owner", "login"]), OneTimeLink.used_at.is_(None), OneTimeLink.email.is_(None)
        )
    )
    token = security.new_token()
    session.add(
        OneTimeLink(
            purpose=purpose,
            token_hash=security.token_hash(token),
            user_id=owner.id if owner else None,
            expires_at=datetime.now(UTC) + VALID,
        )
    )
    return token, purpose
