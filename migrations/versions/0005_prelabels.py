"""Pre-labels, and the rounds of training that make them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "prelabels",
        sa.Column("frame_id", sa.Uuid(), sa.ForeignKey("frames.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("model_id", sa.Uuid(), sa.ForeignKey("models.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("project_id", sa.Uuid(), sa.ForeignKey("projects.id", ondelete="CASCADE"), nullable=False),
        sa.Column("points", postgresql.JSONB(), nullable=False, server_default=sa.text("'{}'::jsonb")),
        sa.Column("benefit", sa.Float(), nullable=False, server_default="0"),
        sa.Column("jump_px", sa.Float(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("now()")),
    )
    op.create_index("ix_prelabels_model", "prelabels", ["model_id", "benefit", "frame_id"])
    op.create_index("ix_prelabels_project", "prelabels", ["project_id"])
    op.create_table(
        "prelabel_rounds",
        sa.Column("project_id", sa.Uuid(), sa.ForeignKey("projects.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("number", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("model_id", sa.Uuid(), sa.ForeignKey("models.id", ondelete="CASCADE"), nullable=False),
        sa.Column("labels", sa.Integer(), nullable=False),
        sa.Column("held_out", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("error_px", sa.Float(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("now()")),
        sa.Column("ready_at", sa.DateTime(timezone=True), nullable=True),
    )
    op.create_index("ix_prelabel_rounds_model_id", "prelabel_rounds", ["model_id"])


def downgrade() -> None:
    op.drop_table("prelabel_rounds")
    op.drop_table("prelabels")
