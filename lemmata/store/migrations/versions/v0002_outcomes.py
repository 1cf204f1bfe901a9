"""The cache of step outcomes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "outcomes",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("environment", sa.String, nullable=False),
        sa.Column("goal", sa.String, nullable=False),
        sa.Column("step", sa.String, nullable=False),
        sa.Column("outcome", sa.String, nullable=False),
        sa.UniqueConstraint("environment", "goal", "step"),
        sqlite_autoincrement=True,
    )
