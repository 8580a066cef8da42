"""What the marts promise to whoever reads them by column: names and types, under a version.

A column more is a minor step of `SCHEMA_VERSION` (assets/publishing.py); one that is taken out, or gets another type, a
major one. `python -m tests.golden.schema RELEASE` writes the file anew of the folder of a release, and refuses a step
that is too small. With a major step the columns before it are kept in `schema_before.json`: dictionaries show what was
renamed by their old names too.
"""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

import pyarrow.parquet as pq

from assets.publishing import SCHEMA_VERSION

FILE = Path(__file__).with_name("schema.json")
FILE_BEFORE = Path(__file__).with_name("schema_before.json")
"""The last schema of the major version before."""

Columns = Mapping[str, Mapping[str, str]]
"""Type of each column, by mart."""


def columns_of_release(release: Path) -> dict[str, dict[str, str]]:
    """Return the columns of every mart of a release and their types, as Arrow names them."""
    schemas = {path.stem: pq.read_schema(path) for path in sorted(release.glob("*.parquet"))}
    return {mart: {field.name: str(field.type) for field in schema} for mart, schema in schemas.items()}


def promised(file: Path = FILE) -> tuple[str, Columns]:
    """Return the version and the columns that a file holds."""
    said = json.loads(file.read_text(encoding="utf-8"))
    return said["schema_version"], said["marts"]


def broken_promises(before: Columns, now: Columns) -> list[str]:
    """Name every column that is gone, or has another type."""
    return [
        f"{mart}.{column}: {kind} -> {now.get(mart, {}).get(column, 'gone')}"
        for mart, columns in before.items()
        for column, kind in columns.items()
        if now.get(mart, {}).get(column) != kind
    ]


def too_small_a_step(before: Columns, now: Columns, version_before: str, version: str) -> list[str]:
    """Return what asks for a greater step of the version than was made; empty where the step is great enough."""
    major_before, minor_before = (int(part) for part in version_before.split("."))
    major, minor = (int(part) for part in version.split("."))
    if major > major_before:
        return []
    if broken := broken_promises(before, now):
        return [f"a major step is missing for {one}" for one in broken]
    added = broken_promises(now, before)
    return (
        [f"a minor step is missing for {one}" for one in added]
        if (major, minor) == (major_before, minor_before)
        else []
    )


if __name__ == "__main__":
    columns = columns_of_release(Path(sys.argv[1]).resolve())
    if FILE.exists():
        version_held, columns_held = promised()
        if refused := too_small_a_step(columns_held, columns, version_held, SCHEMA_VERSION):
            sys.exit("\n".join(refused))
        if version_held.split(".")[0] != SCHEMA_VERSION.split(".")[0]:
            shutil.copyfile(FILE, FILE_BEFORE)
    content = {"schema_version": SCHEMA_VERSION, "marts": columns}
    FILE.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
