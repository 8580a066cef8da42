"""All that goes with the marts of a release: each file is made from the marts alone."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from pathlib import Path

from assets.code_version import code_version, declarations_version
from assets.product.catalog import CATALOG, LINEAGE_FILE, catalog, lineage
from assets.product.charts import Draw, drawn, drawn_as_png, kept_in
from assets.product.database import DATABASE, database, marts_held
from assets.product.marts import Marts
from assets.product.office_report import REPORT, report, report_content
from assets.product.package import DICTIONARY, PACKAGE, data_package, dictionary_csv
from assets.product.page import PAGE, page
from assets.product.reused_files import ReusedFiles
from assets.product.workbook import WORKBOOK, marts_shown, workbook
from dbt_like_sql.project import Project
from resources.files import sha256_of


def companions(
    project: Project,
    as_of: dt.date,
    earlier: Path | None = None,
    report_template: Path | None = None,
    is_report_signed_by_deputy: bool = False,
    charts: Path | None = None,
) -> Callable[[Path, str], None]:
    """Return what writes them into a folder of marts, given the release's id.

    What is costly to make and would be the same is reused from the folder of an earlier release. The report follows the
    template of the home if there is one, and a deputy signs it for the director where that is said. Charts are kept in
    the folder `charts`, if there is one, so that a day on which none is another draws none.
    """

    def kept(form: str, draw: Draw) -> Draw:
        return draw if charts is None else kept_in(charts / f"{form}.json", code_version(), draw)

    def write(folder: Path, release_id: str) -> None:
        marts = Marts(folder, project)
        reused = ReusedFiles(folder, earlier, code_version())
        (folder / PAGE).write_text(page(marts, as_of, release_id, kept("svg", drawn)), encoding="utf-8", newline="\n")
        (folder / PACKAGE).write_text(data_package(marts, as_of, release_id), encoding="utf-8", newline="\n")
        (folder / DICTIONARY).write_text(dictionary_csv(marts), encoding="utf-8-sig", newline="")
        (folder / LINEAGE_FILE).write_text(lineage(marts), encoding="utf-8", newline="\n")
        reused.put(DATABASE, _shown(folder, marts_held(project)), lambda: database(marts))
        reused.put(WORKBOOK, [as_of, _shown(folder, marts_shown(project))], lambda: workbook(marts, as_of))
        content_of_report = report_content(marts, as_of, is_report_signed_by_deputy)
        own = report_template if report_template is not None and report_template.is_file() else None
        reused.put(
            REPORT,
            [content_of_report, own and sha256_of(own)],
            lambda: report(content_of_report, own, kept("png", drawn_as_png)),
        )
        (folder / CATALOG).write_text(catalog(marts, as_of, release_id), encoding="utf-8", newline="\n")

    return write


def _shown(folder: Path, marts: Sequence[str]) -> list[str]:
    """Return digests of what a file shows of some marts: their bytes, what is declared, and the product's words."""
    words = [sha256_of(path) for path in sorted(Path(__file__).parent.glob("*.yml"))]
    return [declarations_version(), *words, *(sha256_of(folder / f"{mart}.parquet") for mart in marts)]
