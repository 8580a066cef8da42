"""All that goes with the marts of a release: each file is made from the marts alone."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from assets.code_version import declarations_version, product_code
from assets.product.catalog import CATALOG, LINEAGE, catalog, lineage
from assets.product.database import DATABASE, marts_held, write_database
from assets.product.marts import Marts
from assets.product.package import DICTIONARY, PACKAGE, data_package, dictionary_csv
from assets.product.page import PAGE, page
from assets.product.workbook import WORKBOOK, marts_shown, workbook
from dbt_like_sql.project import Project
from resources.files import sha256_of
from resources.releases import Companions, Earlier


@dataclass(frozen=True)
class Carried:
    """A file that is dear to make: where nothing that it shows has changed, the one of an earlier release is taken.

    `shows` are the marts that it is made from; one that says the day of the release is made anew on another day.
    """

    name: str
    make: Callable[[Marts, Path], None]
    shows: Sequence[str]
    says_the_day: bool


def companions(project: Project, as_of: dt.date) -> Companions:
    """Return what writes them into a folder of marts, given the release's id."""
    dear = (
        Carried(WORKBOOK, lambda marts, path: _write(path, workbook(marts, as_of)), marts_shown(), says_the_day=True),
        Carried(DATABASE, write_database, marts_held(project), says_the_day=False),
    )

    def write(folder: Path, release_id: str, earlier: Earlier) -> Mapping[str, str]:
        marts = Marts(folder, project)
        (folder / PAGE).write_text(page(marts, as_of, release_id), encoding="utf-8", newline="\n")
        (folder / DICTIONARY).write_text(dictionary_csv(marts), encoding="utf-8-sig", newline="")
        (folder / LINEAGE).write_text(lineage(marts), encoding="utf-8", newline="\n")
        made_from = {}
        for one in dear:
            made_from[one.name] = _digest(folder, one, as_of)
            if (found := earlier(one.name, made_from[one.name])) is not None:
                shutil.copyfile(found, folder / one.name)
            else:
                one.make(marts, folder / one.name)
        (folder / PACKAGE).write_text(data_package(marts, as_of, release_id), encoding="utf-8", newline="\n")
        (folder / CATALOG).write_text(catalog(marts, as_of, release_id), encoding="utf-8", newline="\n")
        return made_from

    return write


def _write(path: Path, content: bytes) -> None:
    path.write_bytes(content)


def _digest(folder: Path, one: Carried, as_of: dt.date) -> str:
    """Stand for all that a file follows from."""
    follows_from = {
        "marts": {mart: sha256_of(folder / f"{mart}.parquet") for mart in one.shows},
        "day": as_of.isoformat() if one.says_the_day else "",
        "code": product_code(),
        "declarations": declarations_version(),
    }
    return hashlib.sha256(json.dumps(follows_from, sort_keys=True).encode()).hexdigest()
