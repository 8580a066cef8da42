"""What an asset shows in the UI: its columns with units, where each comes from, its rows, its content."""

from __future__ import annotations

import base64
import datetime as dt
from collections import Counter
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import dagster as dg
import pyarrow.parquet as pq

from assets.dagster.checks import markdown_table, table_value
from assets.lineage import read_lineage
from dbt_like_sql.fields import Field
from dbt_like_sql.project import HISTORY, Model, Project, Seed
from resources.landing import LandingStore

PREVIEW_ROWS = 8


def table_metadata(path: Path, fields: Mapping[str, Field]) -> dict[str, Any]:
    """Return columns, number of rows, size and a preview of a Parquet file."""
    file = pq.ParquetFile(path)
    rows = file.metadata.num_rows
    metadata: dict[str, Any] = {
        "dagster/column_schema": column_schema({column.name: str(column.type) for column in file.schema_arrow}, fields),
        "dagster/row_count": rows,
        "path": dg.MetadataValue.path(str(path)),
        "size_bytes": path.stat().st_size,
    }
    if rows:
        first = next(file.iter_batches(batch_size=PREVIEW_ROWS))
        metadata["preview"] = table_value([_readable(row) for row in first.to_pylist()])
    return metadata


def description_of(text: str, *more: str) -> str:
    """Return a description as Dagster shows it: lists show its first line as it stands, so that is a plain sentence."""
    first, _, rest = text.replace("\n", " ").partition(". ")
    headline = first.replace("`", "").replace("*", "").rstrip(".") + "."
    return "\n\n".join(part for part in (headline, rest, *more) if part)


def seed_metadata(seed: Seed, fields: Mapping[str, Field]) -> dict[str, Any]:
    """Return files, columns, number of rows, version and a preview of a register, as it is with the code."""
    rows = list(seed.rows())
    return {
        "dagster/column_schema": column_schema({name: fields[name].type for name in seed.columns}, fields),
        "dagster/row_count": len(rows),
        "version": seed.digest[:12],
        "preview": table_value([_readable(row) for row in rows[:PREVIEW_ROWS]]),
        **{path.name: dg.MetadataValue.path(str(path)) for path in seed.paths},
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


def _readable(row: Mapping[str, Any]) -> dict[str, str | None]:
    return {name: _short(value) for name, value in row.items()}


def _short(value: Any) -> str | None:
    if value is None:
        return None
    text = (
        f"{value:f}" if isinstance(value, Decimal) else value.isoformat() if isinstance(value, dt.date) else str(value)
    )
    return text if len(text) <= 60 else f"{text[:57]}…"


def column_lineage(project: Project, model: Model) -> dg.TableColumnLineage | None:
    """Return from which columns of which assets each column of a model comes; None where it was not worked out."""
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


def evidence_links(evidence: Path) -> dg.MetadataValue | None:
    """Return, for each item with evidence, the deliveries it rests on and where they landed; None if there are none."""
    landing = LandingStore(evidence.resolve().parents[2] / "landing")
    columns = ["directive", "item", "evidence_role", "feed", "delivery_id", "source_file"]
    counted = Counter(tuple(row[c] for c in columns) for row in pq.read_table(evidence, columns=columns).to_pylist())
    rows = [
        {
            "directive": directive,
            "item": item,
            "role": role,
            "rows": number,
            "delivery": f"[{source_file}]({landing.landed_file(feed, delivery_id, source_file).as_uri()})",
        }
        for (directive, item, role, feed, delivery_id, source_file), number in sorted(counted.items())
    ]
    return dg.MetadataValue.md(markdown_table(rows)) if rows else None


def growth_chart(scorecard: Path) -> dg.MetadataValue | None:
    """Return a small chart of growth against targets, or None where no growth is known yet."""
    rows = [
        row
        for row in pq.read_table(scorecard).to_pylist()
        if row["threshold"] is not None and row["sector_code"] is not None and row["actual"] is not None
    ]
    if not rows:
        return None
    rows.sort(key=lambda row: (row["directive"], row["item_order"]))
    width, left, step = 640, 90, 26
    top = max(max(abs(float(r["actual"])), float(r["threshold"])) for r in rows)
    scale = (width - left - 120) / top
    parts = []
    for number, row in enumerate(rows):
        y = 8 + number * step
        actual, threshold = float(row["actual"]), float(row["threshold"])
        colour = {"achieved": "#2e7d32", "on_track": "#2e7d32", "missed": "#c62828", "off_track": "#c62828"}.get(
            row["status"], "#b26a00"
        )
        pale = ' fill-opacity="0.45"' if row["is_simulated"] else ""
        mark = left + threshold * scale
        told = f"{actual:.2f} / {escape(row['comparator'])} {threshold:g}"
        parts += [
            f'<text x="0" y="{y + 13}" font-size="12">{escape(row["item"])}</text>',
            f'<rect x="{left}" y="{y}" width="{max(actual, 0) * scale:.1f}" height="16" fill="{colour}"{pale}/>',
            f'<line x1="{mark:.1f}" x2="{mark:.1f}" y1="{y - 3}" y2="{y + 19}" stroke="#222" stroke-width="2"/>',
            f'<text x="{left + max(actual, threshold) * scale + 6:.1f}" y="{y + 13}" font-size="12">{told}</text>',
        ]
    height = 16 + len(rows) * step
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" font-family="sans-serif">'
        f'<rect width="100%" height="100%" fill="#fff"/>{"".join(parts)}</svg>'
    )
    data = base64.b64encode(svg.encode()).decode()
    return dg.MetadataValue.md(
        f"![growth against targets, in %](data:image/svg+xml;base64,{data})\n\n"
        "Bars are what was reached, black lines what the directive asks, in %. Pale bars are simulated."
    )
