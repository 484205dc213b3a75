"""Ensembles, whose predictions carry a variance, and what a recording's calibration holds."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

EMPTY = sa.text("'{}'::jsonb")


def upgrade() -> None:
    op.execute("SET lock_timeout = '3s'")
    create_ensembles()
    open_predictions()
    op.add_column("recordings", sa.Column("calibration", postgresql.JSONB(), nullable=False, server_default=EMPTY))


def downgrade() -> None:
    op.drop_column("recordings", "calibration")
    op.execute("DELETE FROM predictions WHERE model_id IS NULL")
    op.drop_index("uq_predictions_ensemble_video", "predictions")
    op.drop_constraint(op.f("ck_predictions_source"), "predictions")
    op.drop_column("predictions", "variance_key")
    op.drop_column("predictions", "ensemble_id")
    op.alter_column("predictions", "model_id", nullable=False)
    op.drop_table("ensemble_members")
    op.drop_table("ensembles")


def create_ensembles() -> None:
    op.create_table(
        "ensembles",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("project_id", sa.Uuid(), sa.ForeignKey("projects.id", ondelete="CASCADE"), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("settings", postgresql.JSONB(), nullable=False, server_default=EMPTY),
        sa.Column("job_id", sa.Uuid(), sa.ForeignKey("jobs.id", ondelete="SET NULL"), nullable=True),
        sa.Column("created_by", sa.Uuid(), sa.ForeignKey("users.id", ondelete="SET NULL"), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("now()")),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
    )
    op.create_index("ix_ensembles_project", "ensembles", ["project_id", "created_at", "id"])
    op.create_table(
        "ensemble_members",
        sa.Column("ensemble_id", sa.Uuid(), sa.ForeignKey("ensembles.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("model_id", sa.Uuid(), sa.ForeignKey("models.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("position", sa.Integer(), nullable=False),
    )
    op.create_index("ix_ensemble_members_model_id", "ensemble_members", ["model_id"])


def open_predictions() -> None:
    op.alter_column("predictions", "model_id", nullable=True)
    op.add_column("predictions", sa.Column("variance_key", sa.String(), nullable=True))
    op.add_column(
        "predictions",
        sa.Column("ensemble_id", sa.Uuid(), sa.ForeignKey("ensembles.id", ondelete="CASCADE"), nullable=True),
    )
    op.create_check_constraint(op.f("ck_predictions_source"), "predictions", "num_nonnulls(model_id, ensemble_id) = 1")
    op.create_index(
        "uq_predictions_ensemble_video",
        "predictions",
        ["ensemble_id", "video_id"],
        unique=True,
        postgresql_where=sa.text("deleted_at is null"),
    )
