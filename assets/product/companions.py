"""All that goes with the marts of a release: each file is made from the marts alone."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

from assets.product.marts import Marts
from assets.product.package import DICTIONARY, PACKAGE, data_package, dictionary_csv
from assets.product.page import PAGE, page
from assets.product.workbook import WORKBOOK, workbook
from dbt_like_sql.project import Project


def companions(project: Project, as_of: dt.date) -> Callable[[Path, str], None]:
    """Return what writes them into a folder of marts, given the release's id."""

    def write(folder: Path, release_id: str) -> None:
        marts = Marts(folder, project)
        (folder / PAGE).write_text(page(marts, as_of, release_id), encoding="utf-8", newline="\n")
        (folder / PACKAGE).write_text(data_package(marts, as_of, release_id), encoding="utf-8", newline="\n")
        (folder / DICTIONARY).write_text(dictionary_csv(marts), encoding="utf-8-sig", newline="")
        (folder / WORKBOOK).write_bytes(workbook(marts, as_of))

    return write
