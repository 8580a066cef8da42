"""Whether the packages that Python finds are ours. Looked at before anything of them is used."""

from __future__ import annotations

import sys
from pathlib import Path

import assets
import dbt_like_sql
import expectations
import resources
from pipeline.settings import PROJECT_ROOT


class AssemblyError(RuntimeError):
    """The definitions would be wrong or empty; the message says why."""


def refuse_foreign_packages() -> None:
    """Raise AssemblyError if a package of another project stands in the place of ours.

    It would load as an empty, green code location.
    """
    for package in (assets, dbt_like_sql, expectations, resources):
        folder = Path(str(package.__file__)).resolve().parent
        if folder.parent != PROJECT_ROOT:
            raise AssemblyError(
                f"The package '{package.__name__}' was found at {folder}, not in {PROJECT_ROOT}: another package of "
                f"this name shadows ours. Start from the project's folder; sys.path begins with {sys.path[:3]}."
            )
