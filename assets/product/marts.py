"""The marts of a release, as rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow.compute as pc
import pyarrow.parquet as pq

from dbt_like_sql.project import Project

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Marts:
    """The marts that lie in one folder, and what the project says of them."""

    folder: Path
    project: Project

    def rows(self, mart: str, **equal: Any) -> list[dict[str, Any]]:
        """Return the rows of a mart whose columns equal some values, in the order of the mart.

        Raises FileNotFoundError if the mart is not there.
        """
        return rows_of(self.folder, mart, **equal)

    def key(self, mart: str, row: Row) -> str:
        """Name a row by the values of the columns that no two rows of its mart have alike."""
        return "|".join("" if row[column] is None else str(row[column]) for column in self._grain(mart))

    def _grain(self, mart: str) -> Sequence[str]:
        return self.project.models[mart].grain


def rows_of(folder: Path, mart: str, **equal: Any) -> list[dict[str, Any]]:
    """Return the rows of a mart whose columns equal some values, in the order of the mart.

    Raises FileNotFoundError if the mart is not there.
    """
    table = pq.ParquetFile(folder / f"{mart}.parquet").read()
    for column, value in equal.items():
        table = table.filter(pc.equal(table[column], value))
    rows: list[dict[str, Any]] = table.to_pylist()
    return rows


def rows_if_kept(folder: Path, mart: str, **equal: Any) -> list[dict[str, Any]]:
    """Return the same of a release that may be older than the mart: none where it does not have it."""
    return rows_of(folder, mart, **equal) if (folder / f"{mart}.parquet").is_file() else []
