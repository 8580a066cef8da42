"""Marked workbooks of deliveries: the comment on each cell, and where the night writes them."""

from __future__ import annotations

import datetime as dt
import hashlib
import logging
import zipfile
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from assets.answers.clerk_lines import causes_of, message_of_one, verdict
from assets.answers.marked_workbook import MOST_ROWS, Mark, Summary, write_marked_workbook
from assets.delivery_stages import Decision
from assets.intake import Intake, supplier_csv
from dbt_like_sql.project import Project
from resources.file_names import NAME_LIMIT, safe_name
from resources.files import replacing
from resources.landing import Receipt

log = logging.getLogger("provincial_growth")

_HEADER = ("Mức độ", "Trang tính", "Ô", "Nội dung", "Việc cần làm", "Quy tắc")
_LEGEND = "Ô màu đỏ: lỗi phải sửa. Ô màu vàng: cần kiểm tra lại. Đặt con trỏ vào ô để đọc ghi chú."
_UNREADABLE = "Không đọc được các ô của tệp nên không có bảng kèm theo."
_LONG = f"Tệp dài hơn {MOST_ROWS:,} dòng: chỉ kèm phần đầu và các dòng được đánh dấu.".replace(",", ".")
_MARKED = ("rejected", "accepted_in_part")


def write_marked_deliveries(intake: Intake, feed: str, decisions: Sequence[Decision]) -> None:
    """Write for each delivery refused or accepted in part the marked workbook, and remove those of any other.

    One that stands as it would be written is left alone.
    """
    for decision in decisions:
        receipt = decision.judged.receipt
        path = marked_copy(intake.warehouse.root, feed, receipt)
        if decision.status not in _MARKED:
            path.unlink(missing_ok=True)
            continue
        fingerprint = _fingerprint(decision)
        if _stands(path, fingerprint):
            continue
        raw = intake.path_of("raw", receipt)
        try:
            with replacing(path) as temporary:
                mark_delivery(intake.project, decision, raw if raw.exists() else None, temporary, fingerprint)
        except (OSError, MemoryError):
            raise
        except Exception:  # what cannot be drawn keeps no figure out: the list of findings says all of it
            log.exception("%s, delivery %s: its marked workbook could not be written", feed, receipt.file_name)


def marked_copy(root: Path, feed: str, receipt: Receipt) -> Path:
    """Return where the marked workbook of a delivery lies in a home: beside the list of what was found."""
    name = safe_name(receipt.file_name, NAME_LIMIT - 1)  # its ending has a letter more than that of the list
    return supplier_csv(root, feed, receipt).with_name(f"{name}.{receipt.delivery_id}.xlsx")


def mark_delivery(project: Project, decision: Decision, raw: Path | None, path: Path, fingerprint: str = "") -> None:
    """Write the marked workbook of one delivery; `raw` holds its raw cells, where it could be read."""
    receipt = decision.judged.receipt
    marks: dict[tuple[str | None, int], dict[int | None, Mark]] = {}
    for finding in decision.findings:
        row = finding.line if finding.source_row is None else finding.source_row
        if row is None or finding.severity == "info" or finding.check in decision.waived:
            continue
        of_row = marks.setdefault((finding.source_sheet, row), {})
        comment = message_of_one(project, decision, finding)
        for column in finding.column_numbers or (None,):
            of_row.setdefault(column, Mark()).add(finding.severity, comment)
    held = decision.judged.facts.get("physical_rows") or 0
    lines = [
        "Kết quả kiểm tra tệp số liệu",
        verdict(decision),
        _LEGEND if raw is not None else _UNREADABLE,
        *([_LONG] if held > MOST_ROWS else []),
    ]
    rows = [
        (
            cause.findings[0].severity,
            (cause.severity, cause.sheet, cause.where, cause.message, cause.next_step, cause.findings[0].check),
        )
        for cause in causes_of(project, decision)
        if cause.findings[0].check not in decision.waived
    ]
    made_on = receipt.released_on or dt.date(2000, 1, 1)
    write_marked_workbook(path, Summary(lines, _HEADER, rows), raw, marks, made_on, fingerprint)


def _fingerprint(decision: Decision) -> str:
    """A digest of all that a marked workbook follows from; raw cells follow from the delivery's bytes."""
    content = (
        decision.judged.receipt.delivery_id,
        decision.status,
        decision.reason,
        sorted(decision.waived),
        len(decision.bad_rows),
        decision.findings,
        _code(),
    )
    return f"answer {hashlib.sha256(repr(content).encode()).hexdigest()}"


@cache
def _code() -> str:
    here = Path(__file__).parent
    files = sorted(path for path in here.iterdir() if path.suffix in (".py", ".yml"))
    return hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()


def _stands(path: Path, fingerprint: str) -> bool:
    """Whether a workbook is there, whole, and made from the same things."""
    try:
        with zipfile.ZipFile(path) as book:
            return book.testzip() is None and fingerprint.encode() in book.read("docProps/core.xml")
    except (OSError, KeyError, zipfile.BadZipFile):
        return False
