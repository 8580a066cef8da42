"""A bundle for Apache Superset: the database of a release, its views as data sets with labels and units, a dashboard.

Superset imports it as it is (Dashboards, Import; or its API). A metric stands for each column that may be summed, so
that nobody has to ask whether it may. The same declarations give the same bytes.
"""

from __future__ import annotations

import io
import uuid
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from assets.product.database import AdditiveView, additive_views, columns_of, view_types
from assets.product.powerbi import captions_of
from assets.product.words import header_unit
from dbt_like_sql.declarations import read_yaml
from dbt_like_sql.project import Project

BUNDLE = "superset.zip"
_DASHBOARD = Path(__file__).with_name("superset.yml")
_NAMES = uuid.UUID("6f0d6ac8-6a5b-4c7e-9a5e-0c8ad4c0de94")
"""Under which the ids of what the bundle holds are made: an import replaces what an earlier one brought."""
_WHEN = "2024-01-01T00:00:00+00:00"
_VERSION = "1.0.0"


def superset_bundle(project: Project, database: Path) -> bytes:
    """Return the bundle for a database that lies at a place which Superset's server can read."""
    files: dict[str, Any] = {
        "metadata.yaml": {"version": _VERSION, "type": "Dashboard", "timestamp": _WHEN},
        "databases/growth.yaml": _database(database),
    }
    files |= {f"datasets/growth/{view.name}.yaml": _data_set(project, view, database) for view in additive_views()}
    declared = read_yaml(_DASHBOARD)
    charts = [chart for row in declared["rows"] for chart in row]
    files |= {f"charts/{chart['view']}.yaml": _chart(chart) for chart in charts}
    files["dashboards/growth.yaml"] = _dashboard(declared)
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, declaration in sorted(files.items()):
            entry = zipfile.ZipInfo(f"growth/{name}", (1980, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, yaml.safe_dump(declaration, allow_unicode=True, sort_keys=True, width=120))
    return content.getvalue()


def _id(kind: str, name: str) -> str:
    return str(uuid.uuid5(_NAMES, f"{kind}/{name}"))


def _database(database: Path) -> dict[str, Any]:
    return {
        "database_name": "growth",
        "sqlalchemy_uri": f"duckdb:///{database.absolute()}?access_mode=read_only",
        "expose_in_sqllab": True,
        "allow_run_async": False,
        "allow_ctas": False,
        "allow_cvas": False,
        "allow_dml": False,
        "allow_file_upload": False,
        "extra": {"allows_virtual_table_explore": True},
        "uuid": _id("database", "growth"),
        "version": _VERSION,
    }


def labels_of(project: Project, view: AdditiveView) -> dict[str, str]:
    """Return what heads of tables call each column of a view: its caption, and its unit in Vietnamese."""
    units = {column.name: header_unit(column.unit) for column in columns_of(project, view)}
    return {
        name: caption if units[name] is None or str(units[name]) in caption else f"{caption} ({units[name]})"
        for name, caption in captions_of(project, view).items()
    }


def _data_set(project: Project, view: AdditiveView, database: Path) -> dict[str, Any]:
    types = view_types(database, view)
    columns = columns_of(project, view)
    labels = labels_of(project, view)
    return {
        "table_name": view.name,
        "description": f"{view.vi}\n\n{view.en}",
        "schema": "main",
        "filter_select_enabled": True,
        "uuid": _id("dataset", view.name),
        "database_uuid": _id("database", "growth"),
        "version": _VERSION,
        "columns": [
            {
                "column_name": column.name,
                "verbose_name": labels[column.name],
                "description": column.label_en,
                "type": types[column.name],
                "is_dttm": types[column.name] == "DATE",
                "is_active": True,
                "groupby": True,
                "filterable": True,
            }
            for column in columns
        ],
        "metrics": [
            {
                "metric_name": f"sum_{column}",
                "verbose_name": labels[column],
                "metric_type": "sum",
                "expression": f"SUM({column})",
            }
            for column in view.sums
        ]
        or [{"metric_name": "rows", "verbose_name": "Số dòng", "metric_type": "count", "expression": "COUNT(*)"}],
    }


def _chart(chart: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "slice_name": chart["name"],
        "viz_type": chart["viz_type"],
        "params": {"viz_type": chart["viz_type"], "adhoc_filters": [], **chart["params"]},
        "uuid": _id("chart", chart["view"]),
        "dataset_uuid": _id("dataset", chart["view"]),
        "version": _VERSION,
    }


def _dashboard(declared: Mapping[str, Any]) -> dict[str, Any]:
    position: dict[str, Any] = {
        "DASHBOARD_VERSION_KEY": "v2",
        "ROOT_ID": {"type": "ROOT", "id": "ROOT_ID", "children": ["GRID_ID"]},
        "GRID_ID": {"type": "GRID", "id": "GRID_ID", "parents": ["ROOT_ID"], "children": []},
        "HEADER_ID": {"type": "HEADER", "id": "HEADER_ID", "meta": {"text": declared["title"]}},
    }
    for number, charts in enumerate(declared["rows"]):
        row = f"ROW-{number}"
        position["GRID_ID"]["children"].append(row)
        position[row] = {
            "type": "ROW",
            "id": row,
            "parents": ["ROOT_ID", "GRID_ID"],
            "children": [f"CHART-{chart['view']}" for chart in charts],
            "meta": {"background": "BACKGROUND_TRANSPARENT"},
        }
        for chart in charts:
            chart_id = f"CHART-{chart['view']}"
            position[chart_id] = {
                "type": "CHART",
                "id": chart_id,
                "parents": ["ROOT_ID", "GRID_ID", row],
                "children": [],
                "meta": {
                    "uuid": _id("chart", chart["view"]),
                    "sliceName": chart["name"],
                    "width": chart["width"],
                    "height": chart["height"],
                    "chartId": 0,
                },
            }
    return {
        "dashboard_title": declared["title"],
        "slug": "growth",
        "published": True,
        "position": position,
        "metadata": {},
        "uuid": _id("dashboard", "growth"),
        "version": _VERSION,
    }
