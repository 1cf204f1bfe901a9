"""What was to be proved: obligations, and the sources that they share."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Make the tables, and the index that finds the tasks on one obligation."""
    op.create_table(
        "sources",
        sa.Column("digest", sa.String, primary_key=True),
        sa.Column("text", sa.String, nullable=False),
    )
    op.create_table(
        "obligations",
        sa.Column("key", sa.String, primary_key=True),
        sa.Column("source", sa.String, sa.ForeignKey("sources.digest"), nullable=False),
        sa.Column("body", sa.String, nullable=False),
    )
    op.create_index("ix_tasks_obligation", "tasks", ["obligation"])
