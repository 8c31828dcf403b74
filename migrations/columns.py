"""What the steps share: tables that refuse values of another type, and columns in words of both databases."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
"""64 bits everywhere; STRICT tables know the word INTEGER alone."""


def table(name: str, *columns: Any, with_rowid: bool = True) -> None:  # noqa: ANN401 - columns and constraints share no public type
    """Create a table that refuses values of another type."""
    op.create_table(name, *columns, sqlite_strict=True, sqlite_with_rowid=with_rowid)


def number(name: str, *constraints: Any, nullable: bool = False) -> sa.Column[int]:  # noqa: ANN401 - as above
    """Return a column of whole numbers."""
    return sa.Column(name, NUMBER, *constraints, nullable=nullable)


def text(name: str, *constraints: Any, nullable: bool = False) -> sa.Column[str]:  # noqa: ANN401 - as above
    """Return a column of text."""
    return sa.Column(name, sa.Text(), *constraints, nullable=nullable)


def one_of(column: str, values: tuple[str, ...]) -> str:
    """Return the condition that a column holds one of a few words."""
    return f"{column} IN ({', '.join(repr(value) for value in values)})"
