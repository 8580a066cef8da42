"""Lists that one office gets whole, internal columns and all: a workbook for each below `told/offices/<agency>`.

They lie outside of every release, may be read by nobody but the user of the night and its group, and go by mail to
channels of that agency alone. Which models they are is declared (`audience`).
"""

from __future__ import annotations

import datetime as dt
import json
import shutil
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from assets.product.workbook import list_of_an_office
from dbt_like_sql.access import lists_for_offices
from dbt_like_sql.project import Model, Project
from resources.files import read_json, replacing
from resources.home import Home
from resources.releases import Release, ReleaseStore

OFFICES = "offices"
WORK_LIST = "int_construction_work_list"
_OWN, _OWN_FOLDER = 0o640, 0o750


def write_lists(home: Home, project: Project, as_of: dt.date) -> None:
    """Write the lists of each agency as they stand after a night, and remove the lists that are empty now."""
    wanted: dict[Path, bytes] = {}
    for model in lists_for_offices(project):
        rows = rows_of_list(home, model)
        for agency in sorted({row[model.audience] for row in rows if row[model.audience]}):
            own = [row for row in rows if row[model.audience] == agency]
            fields = [project.fields[name] for name in own[0]]
            wanted[folder_of(home, agency) / f"{model.name.removeprefix('int_')}.xlsx"] = list_of_an_office(
                fields, own, as_of
            )
    folder_of_lists = home.root / "told" / OFFICES
    for folder in folder_of_lists.glob("*/") if folder_of_lists.is_dir() else ():
        if folder not in {path.parent for path in wanted}:
            shutil.rmtree(folder)
    for path, content in wanted.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        for folder in (folder_of_lists, path.parent):
            folder.chmod(_OWN_FOLDER)
        if not path.is_file() or path.read_bytes() != content:
            with replacing(path, mode=_OWN) as unfinished:
                unfinished.write_bytes(content)


def lists_of(home: Home, agency: str) -> list[Path]:
    """Return the lists that an agency has after the last night."""
    return sorted(folder_of(home, agency).glob("*.xlsx"))


def folder_of(home: Home, agency: str) -> Path:
    """Return where the lists of an agency lie."""
    return home.root / "told" / OFFICES / agency


def rows_of_list(home: Home, model: Model) -> list[dict[str, Any]]:
    """Return all rows of a list; none where it was never made."""
    path = home.root / model.layer / f"{model.name}.parquet"
    rows: list[dict[str, Any]] = pq.ParquetFile(path).read().to_pylist() if path.is_file() else []
    return rows


def open_cases(home: Home, release: Release) -> dict[str, dict[str, Any]] | None:
    """Return the cases of the work list that wait for an answer, as they stood with a release; None where unknown."""
    noted = read_json(_cases(home))
    cases: dict[str, dict[str, Any]] | None = noted.get(release.release_id) if isinstance(noted, dict) else None
    return cases


def note_open_cases(home: Home, project: Project, release: Release) -> None:
    """Keep which cases wait for an answer, so that it can be told which are new; for as long as releases are kept."""
    waiting = {
        row["case_id"]: {
            "agency_code": row["agency_code"],
            "value_left_out_mn": str(row["value_left_out_mn"] or 0),
            "released_on": str(row["released_on"] or ""),
        }
        for row in rows_of_list(home, project.models[WORK_LIST])
        if row["answer"] is None
    }
    noted = read_json(_cases(home))
    kept = {one.release_id for one in ReleaseStore(home.marts).all()}
    known = {name: cases for name, cases in (noted if isinstance(noted, dict) else {}).items() if name in kept}
    if not waiting and not known:
        return
    path = _cases(home)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.parent.chmod(_OWN_FOLDER)
    with replacing(path, mode=_OWN) as unfinished:
        unfinished.write_text(json.dumps({**known, release.release_id: waiting}, ensure_ascii=False), encoding="utf-8")


def _cases(home: Home) -> Path:
    return home.root / "told" / OFFICES / "open_cases.json"
