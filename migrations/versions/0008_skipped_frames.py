"""Why nobody labels a frame."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET lock_timeout = '3s'")
    op.add_column("frames", sa.Column("skipped", sa.String(), nullable=True))


def downgrade() -> None:
    op.drop_column("frames", "skipped")
