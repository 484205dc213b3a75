"""A reviewer's note on a frame that went back, and who labels a frame a second time."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET lock_timeout = '3s'")
    op.add_column("frames", sa.Column("note", sa.String(), nullable=True))
    op.add_column(
        "frames",
        sa.Column("second_rater_id", sa.Uuid(), sa.ForeignKey("users.id", ondelete="SET NULL"), nullable=True),
    )


def downgrade() -> None:
    op.drop_column("frames", "second_rater_id")
    op.drop_column("frames", "note")
