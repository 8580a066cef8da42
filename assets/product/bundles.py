"""What `release export` lays beside a release for BI tools: the views as Parquet, and a bundle for each tool."""

from __future__ import annotations

from pathlib import Path

import pyarrow.parquet as pq

from assets.product.database import DATABASE, additive_views, rows_of_views
from assets.product.powerbi import MODEL, power_bi_model
from assets.product.superset import BUNDLE, superset_bundle
from dbt_like_sql.project import Project

FOLDER = "bi"


def write_bundles(project: Project, release: Path) -> None:
    """Write them into a folder that holds the files of a release; nothing outside of it is touched."""
    path = release / FOLDER
    (path / "views").mkdir(parents=True)
    views = additive_views()
    for view, rows in zip(views, rows_of_views(release / DATABASE, views), strict=True):
        pq.write_table(
            rows,
            path / "views" / f"{view.name}.parquet",
            version="1.0",
            data_page_version="1.0",
        )
    (path / BUNDLE).write_bytes(superset_bundle(project, release / DATABASE))
    (path / MODEL).write_text(power_bi_model(project, release / DATABASE), encoding="utf-8", newline="\n")
