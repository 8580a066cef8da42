"""Who may read what of a mart: writers of messages, pages, workbooks and files for BI ask here before they write."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from dbt_like_sql.fields import Field
from dbt_like_sql.project import Model, Project


def public_columns(fields: Mapping[str, Field], columns: Iterable[str]) -> list[str]:
    """Return the columns that anyone may read, in order."""
    return [column for column in columns if fields[column].is_public]


def rows_for(
    project: Project, mart: Model, rows: Iterable[Mapping[str, Any]], agency: str | None = None
) -> list[dict[str, Any]]:
    """Return the rows of a mart as a reader may have them: without internal columns, whoever it is.

    An agency, by its code, gets of a mart with an audience its own rows alone, and these whole.
    """
    if mart.audience and agency is not None:
        return [dict(row) for row in rows if row[mart.audience] == agency]
    return [{column: row[column] for column in public_columns(project.fields, row)} for row in rows]
