"""What an asset shows in the UI: its columns with units, where each comes from, its rows, its content."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import dagster as dg

from assets.dagster.pictures import wide_table
from dbt_like_sql.contracts import LINEAGE_COLUMNS
from dbt_like_sql.fields import Field
from dbt_like_sql.project import HISTORY, Model, Project, Seed
from resources.landing import LandingStore

PREVIEW_ROWS = 8
VALUE_LENGTH = 60
_NO_MARKDOWN = str.maketrans("", "", "`*")


def table_metadata(path: Path, fields: Mapping[str, Field]) -> dict[str, Any]:
    """Return columns, number of rows, size and a preview of a Parquet file, without internal columns."""
    import pyarrow.parquet as pq

    file = pq.ParquetFile(path)
    rows = file.metadata.num_rows
    metadata: dict[str, Any] = {
        "dagster/column_schema": column_schema({column.name: str(column.type) for column in file.schema_arrow}, fields),
        "dagster/row_count": rows,
    }
    if rows:
        shown = [name for name in file.schema_arrow.names if name not in fields or fields[name].is_public]
        metadata["preview"] = preview(next(file.iter_batches(batch_size=PREVIEW_ROWS, columns=shown)).to_pylist())
    return {**metadata, "path": dg.MetadataValue.path(str(path)), "size_bytes": path.stat().st_size}


def preview(rows: Sequence[Mapping[str, Any]]) -> dg.MetadataValue:
    """Return rows as the asset page shows them: what they say first, and last from which delivery they come."""
    return wide_table(
        [{name: _short(row[name]) for name in sorted(row, key=LINEAGE_COLUMNS.__contains__)} for row in rows]
    )


def description_of(text: str, *more: str) -> str:
    """Return a description in plain text, a headline first: lists show it as it stands, Markdown and all."""
    _, _, rest = text.replace("\n", " ").partition(". ")
    parts = (headline_of(text), rest, *more)
    return "\n\n".join(part.translate(_NO_MARKDOWN) for part in parts if part)


def headline_of(text: str) -> str:
    """Return the first sentence of a description in plain text."""
    first, _, _ = text.replace("\n", " ").partition(". ")
    return f"{first.rstrip('.')}.".translate(_NO_MARKDOWN)


def seed_metadata(seed: Seed, fields: Mapping[str, Field]) -> dict[str, Any]:
    """Return files, columns, number of rows, version and a preview of a seed, as it is with the code."""
    rows = list(seed.rows())
    return {
        "dagster/column_schema": column_schema({name: fields[name].type for name in seed.columns}, fields),
        "dagster/row_count": len(rows),
        "preview": preview(rows[:PREVIEW_ROWS]),
        **{"path" if len(seed.paths) == 1 else path.name: dg.MetadataValue.path(str(path)) for path in seed.paths},
        "version": seed.digest[:12],
    }


def column_schema(columns: Mapping[str, str], fields: Mapping[str, Field]) -> dg.TableSchema:
    """Return the columns, given with their types, with unit and description."""
    return dg.TableSchema(
        columns=[
            dg.TableColumn(
                name=name,
                type=type_,
                description=_column_description(fields.get(name)),
                tags={"unit": _tag(known.unit)} if (known := fields.get(name)) else {},
            )
            for name, type_ in columns.items()
        ]
    )


def _column_description(field: Field | None) -> str | None:
    return f"{field.description_en} [{field.unit}] {field.label_vi}." if field else None


def _tag(text: str) -> str:
    """A unit in the letters that a Dagster tag may hold."""
    return "".join(c if c.isalnum() and c.isascii() else "-" for c in text.replace("%", "percent")).strip("-")[:63]


def _short(value: Any) -> str | None:
    if value is None:
        return None
    text = (
        f"{value:f}" if isinstance(value, Decimal) else value.isoformat() if isinstance(value, dt.date) else str(value)
    )
    return shortened(text, VALUE_LENGTH)


def shortened(text: str, length: int) -> str:
    """Return a text of at most so many characters, the last one an ellipsis where something is left out."""
    return text if len(text) <= length else f"{text[: length - 1]}…"


def column_lineage(project: Project, model: Model) -> dg.TableColumnLineage | None:
    """Return from which columns of which assets each column of a model comes; None where it was not worked out."""
    from assets.lineage import read_lineage

    traced = read_lineage().get(model.name)
    if traced is None:
        return None
    return dg.TableColumnLineage(
        {
            # a table and its history are one asset
            column: list(
                dict.fromkeys(
                    dg.TableColumnDep(asset_key_of(project, layer, table), name)
                    for layer, table, name in sources
                    # what was traced before a model went is written anew with the dictionary; no night fails for it
                    if layer not in ("ref", HISTORY) or table in project.models or table in project.seeds
                )
            )
            for column, sources in traced.items()
        }
    )


def asset_key_of(project: Project, layer: str, table: str) -> dg.AssetKey:
    """Return the asset that stands behind a reference in SQL."""
    if layer in ("ref", HISTORY):
        return dg.AssetKey(["seeds", table] if table in project.seeds else [project.models[table].layer, table])
    return dg.AssetKey([layer, table])


def evidence_deliveries(evidence: Path) -> dict[str, dg.MetadataValue]:
    """Return, for each item with evidence, the deliveries it rests on and where they landed; empty if there are none.

    The UI opens no file of the machine, whatever form its path is given in: the path is there to be copied.
    """
    import pyarrow.parquet as pq

    landing = LandingStore(evidence.resolve().parents[2] / "landing")
    columns = ["directive", "item", "evidence_role", "feed", "delivery_id", "source_file"]
    counted = Counter(tuple(row[c] for c in columns) for row in pq.read_table(evidence, columns=columns).to_pylist())
    rows = [
        {
            "directive": directive,
            "item": item,
            "role": role,
            "rows": number,
            "delivery": source_file,
            "landed at": str(landing.landed_file(feed, delivery_id, source_file)),
        }
        for (directive, item, role, feed, delivery_id, source_file), number in sorted(counted.items())
    ]
    return {"deliveries_by_item": wide_table(rows)} if rows else {}
