"""Who may read what: writers of messages, pages, workbooks and previews ask here before they write."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from dbt_like_sql.fields import Field
from dbt_like_sql.project import Model, Project


def public_columns(fields: Mapping[str, Field], columns: Iterable[str]) -> list[str]:
    """Return the columns that anyone may read, in order."""
    return [column for column in columns if fields[column].is_public]


def lists_for_offices(project: Project) -> list[Model]:
    """Return the models whose rows each agency gets for its own cases, with all columns."""
    return [model for model in project.models_in_order() if model.audience]
