"""A model for Power BI: a table for each view, Vietnamese captions, a measure for each column that may be summed.

It is a tabular model as JSON (`model.bim`), which Tabular Editor opens; its tables read the Parquet files of
`bi/views` through the parameter `Folder`. Nobody has opened it in Power BI yet: it is untested there.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from assets.product.database import AdditiveView, additive_views, columns_of, view_types
from dbt_like_sql.project import Project

MODEL = "model.bim"
_TYPES = {"VARCHAR": "string", "BOOLEAN": "boolean", "DATE": "dateTime", "DOUBLE": "double"}


def power_bi_model(project: Project, database: Path) -> str:
    """Return the model of the views of a database."""
    model = {
        "name": "growth",
        "compatibilityLevel": 1550,
        "model": {
            "culture": "vi-VN",
            "expressions": [
                {
                    "name": "Folder",
                    "kind": "m",
                    "expression": '"C:\\growth\\bi\\views" meta [IsParameterQuery=true, Type="Text"]',
                }
            ],
            "tables": [_table(project, database, view) for view in additive_views()],
        },
    }
    return json.dumps(model, ensure_ascii=False, indent=1) + "\n"


def _table(project: Project, database: Path, view: AdditiveView) -> dict[str, Any]:
    types = view_types(database, view)
    captions = captions_of(project, view)
    return {
        "name": view.name,
        "description": f"{view.vi} {view.en}",
        "columns": [
            {
                "name": captions[name],
                "sourceColumn": name,
                "dataType": _data_type(kind),
                "summarizeBy": "none",
            }
            for name, kind in types.items()
        ],
        "measures": [
            {
                "name": f"Tổng: {captions[name]}",
                "expression": f"SUM('{view.name}'[{captions[name].replace(']', ']]')}])",
            }
            for name in view.sums
        ],
        "partitions": [
            {
                "name": view.name,
                "source": {
                    "type": "m",
                    "expression": f'Parquet.Document(File.Contents(Folder & "\\{view.name}.parquet"))',
                },
            }
        ],
    }


def captions_of(project: Project, view: AdditiveView) -> dict[str, str]:
    """Return what to call each column of a view in Vietnamese; no two are called alike."""
    columns = columns_of(project, view)
    names = {column.name for column in columns}
    captions: dict[str, str] = {}
    for column in columns:
        has_words = f"{column.name.removesuffix('_code')}_vi" in names
        says_so = column.label_vi.startswith("Mã ")
        caption = f"{column.label_vi} (mã)" if has_words and not says_so else column.label_vi
        captions[column.name] = f"{caption} [{column.name}]" if caption in captions.values() else caption
    return captions


def _data_type(kind: str) -> str:
    if kind.startswith("DECIMAL"):
        return "decimal"
    return _TYPES.get(kind, "int64")
