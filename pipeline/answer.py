"""What `check` answers to whoever made a file: one line for each cause, with the cells that it concerns."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from functools import cache
from pathlib import Path

from assets.intake import Decision, message_of
from assets.readers.sheet_scan import address
from dbt_like_sql.contracts import Contract
from dbt_like_sql.declarations import read_yaml
from dbt_like_sql.project import Project
from expectations.report import Finding

MOST_SHOWN = 5
"""Cells and values that one line names; of more it says how many."""
_EMPTY = "empty"
"""How rules tell of a cell without a value."""

_SEVERITIES = {"critical": "Lỗi", "warning": "Cảnh báo", "info": "Lưu ý"}
_NEXT_STEPS = {
    "critical": "Sửa lại rồi gửi lại tệp, thêm r2 (hoặc số lớn hơn) vào cuối tên tệp.",
    "warning": "Kiểm tra lại; nếu số liệu đúng thì không phải làm gì.",
    "info": "Không phải làm gì nếu tệp được đọc đúng.",
}
_STATUSES = {"accepted": "được nhận toàn bộ", "accepted_in_part": "được nhận một phần", "rejected": "bị từ chối"}


def answer_lines(project: Project, decision: Decision, lang: str) -> list[str]:
    """Return the lines about a file: in Vietnamese, with the English ones below, or in English."""
    contract = project.contracts[decision.audit.receipt.feed]
    causes = _by_cause(decision.findings)
    english = [_english(decision, some) for some in causes]
    if lang != "vi":
        return english
    return [*(_vietnamese(project, contract, decision, some) for some in causes), _verdict(decision), *english]


def _by_cause(findings: Iterable[Finding]) -> list[list[Finding]]:
    """Findings of cells together where rule, column and sheet are one; what is said of the whole stands alone.

    A cell that holds what cannot be read is empty to the rules that come after; that is not said of it.
    """
    findings = list(findings)
    filled = {(f.source_sheet, f.source_row, f.column) for f in findings if f.value not in (None, _EMPTY)}
    causes: dict[object, list[Finding]] = {}
    for at, finding in enumerate(findings):
        if finding.value == _EMPTY and (finding.source_sheet, finding.source_row, finding.column) in filled:
            continue
        key = (finding.check, finding.column, finding.source_sheet, finding.severity)
        causes.setdefault(key if finding.source_row is not None else at, []).append(finding)
    return list(causes.values())


def _english(decision: Decision, some: Sequence[Finding]) -> str:
    first = some[0]
    where = _places(decision, some, "line {row}, column {column}", "row {row}", "and {more} more")
    cells = f" Found at {where}." if where else ""
    return f"{first.severity}: {message_of(first)}{cells} {first.next_step}"


def _vietnamese(project: Project, contract: Contract, decision: Decision, some: Sequence[Finding]) -> str:
    first = some[0]
    where = _places(decision, some, "dòng {row}, cột {column}", "dòng {row}", "và {more} chỗ khác")
    sheet = f"Trang '{first.source_sheet}', " if first.source_sheet else ""
    said = _said(project, contract, decision, some)
    place = f"{sheet}{where}: " if where else ""
    return f"{_SEVERITIES[first.severity]}: {place}{said}. {_NEXT_STEPS[first.severity]} [{first.check}]"


def _said(project: Project, contract: Contract, decision: Decision, some: Sequence[Finding]) -> str:
    first = some[0]
    wording = _wording(first.check)
    if wording is None:
        return f"không đạt quy tắc {first.check} (xem câu tiếng Anh bên dưới)"
    form = contract.forms[decision.audit.receipt.extension]
    labels = [_label(project, name) for name in (first.column or "").split(", ") if name]
    return wording.format(
        label=labels[0] if labels else "",
        labels=", ".join(labels),
        values=_few([f"'{v}'" for v in dict.fromkeys(f.value for f in some) if v], "và {more} giá trị khác"),
        required=", ".join(_label(project, rule.name) for rule in contract.fields if rule.required),
        numbers="1.234.567,89" if form.numbers == "vi" else "1234567.89",
        dates=" hoặc ".join({"iso": "2024-10-01", "dmy": "01/10/2024"}[style] for style in form.dates),
        times=_times(first),
    )


def _wording(check: str) -> str | None:
    """What is said of a rule: its own words, or those of the derived rules whose names end alike."""
    wordings = _wordings()
    return wordings.get(check) or next((text for rule, text in wordings.items() if check.endswith(f"_{rule}")), None)


def _times(finding: Finding) -> str:
    """How many times a figure is that of an earlier delivery, rounded to its first digit.

    A rule about the middle line of many gives a factor that has no direction.
    """
    known = finding.column == "magnitude_ratio" and finding.value not in (None, _EMPTY)
    ratio = Decimal(finding.value or 0) if known else Decimal(0)
    if ratio <= 0:
        return "chênh lệch nhiều lần so với số liệu đã gửi trước"
    factor = max(ratio, 1 / ratio)
    step = Decimal(10) ** factor.adjusted()
    rounded = f"{int((factor / step).to_integral_value() * step):,}".replace(",", ".")
    said = f"chỉ bằng khoảng 1/{rounded}" if ratio < 1 else f"gấp khoảng {rounded} lần"
    return f"{said} số liệu đã gửi trước"


def _verdict(decision: Decision) -> str:
    receipt, rows_in = decision.audit.receipt, decision.audit.rows_in
    rows = "" if rows_in is None else f" ({decision.rows_accepted}/{rows_in} dòng)"
    why = f" {_refusal(decision.reason or '')}." if decision.is_refused_for_no_finding else ""
    return f"{receipt.file_name}: {_STATUSES.get(decision.status, decision.status)}{rows}.{why}"


def _refusal(reason: str) -> str:
    """Why a file that no finding speaks of is refused, in Vietnamese."""
    for known in _refusals().values():
        found = re.search(known["said"], reason)
        if found:
            text = known["vi"].format(**found.groupdict())
            return text[:1].upper() + text[1:]
    return "Lý do ghi bằng tiếng Anh bên dưới"


def _places(decision: Decision, some: Sequence[Finding], of_cell: str, of_row: str, more: str) -> str:
    """The cells or rows of findings, as a spreadsheet names them (`E9`) or by line and column."""
    said = []
    columns: Mapping[str, Mapping[str, int]] = decision.audit.facts.get("column_numbers") or {}
    for finding in some:
        if finding.source_row is None:
            continue
        column = columns.get(finding.source_sheet or "", {}).get(finding.column or "")
        if column is None:
            said.append(of_row.format(row=finding.source_row))
        elif finding.source_sheet is None:
            said.append(of_cell.format(row=finding.source_row, column=column))
        else:
            said.append(address(finding.source_row, column))
    return _few(list(dict.fromkeys(said)), more)


def _few(texts: Sequence[str], more: str) -> str:
    shown = ", ".join(texts[:MOST_SHOWN])
    left = len(texts) - MOST_SHOWN
    return f"{shown} {more.format(more=left)}" if left > 0 else shown


def _label(project: Project, name: str) -> str:
    return project.fields[name].label_vi if name in project.fields else name


@cache
def _refusals() -> Mapping[str, Mapping[str, str]]:
    return read_yaml(Path(__file__).with_name("refusals.yml"))


@cache
def _wordings() -> Mapping[str, str]:
    return read_yaml(Path(__file__).with_name("answers.yml"))
