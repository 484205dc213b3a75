"""The times of a camera's frames, by a clock that it shares with another camera."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET lock_timeout = '3s'")
    op.add_column("videos", sa.Column("camera_times_key", sa.String(), nullable=True))
    op.add_column(
        "videos",
        sa.Column("camera_times", postgresql.JSONB(), server_default=sa.text("'{}'::jsonb"), nullable=False),
    )


def downgrade() -> None:
    op.drop_column("videos", "camera_times")
    op.drop_column("videos", "camera_times_key")
