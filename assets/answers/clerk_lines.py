"""The answer to the person who made a file: one line for each cause, with the cells that it concerns."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from assets.delivery_stages import Decision
from assets.readers.sheet_scan import address
from dbt_like_sql.contracts import Contract
from dbt_like_sql.declarations import read_yaml
from dbt_like_sql.fields import Field
from expectations.report import SEVERITIES, Finding

if TYPE_CHECKING:
    from dbt_like_sql.project import Project

MOST_SHOWN = 5
"""Cells and values that one line names; of more it says how many."""
_EMPTY = "empty"
"""How rules name a cell without a value."""

_SEVERITIES = {"critical": "Lỗi", "warning": "Cảnh báo", "info": "Lưu ý"}
_NEXT_STEPS = {
    "critical": "Sửa lại rồi gửi lại tệp, thêm r2 (hoặc số lớn hơn) vào cuối tên tệp.",
    "warning": "Kiểm tra lại; nếu số liệu đúng thì không phải làm gì.",
    "info": "Không phải làm gì nếu tệp được đọc đúng.",
}
_STATUSES = {"accepted": "được nhận toàn bộ", "accepted_in_part": "được nhận một phần", "rejected": "bị từ chối"}


@dataclass(frozen=True)
class Cause:
    """Findings of one cause, in Vietnamese: how grave, where, what is wrong and what to do about it."""

    findings: Sequence[Finding]
    severity: str
    sheet: str
    where: str
    message: str
    next_step: str


def causes_of(project: Project, decision: Decision) -> list[Cause]:
    """Return what is wrong with a file, most serious first."""
    causes = sorted(_by_cause(decision.findings), key=lambda some: SEVERITIES.index(some[0].severity))
    return [_cause(project, decision, some) for some in causes]


def message_of_one(project: Project, decision: Decision, finding: Finding) -> str:
    """Return the text for one cell."""
    cause = _cause(project, decision, [finding])
    return f"{cause.severity}: {cause.message}. {cause.next_step}"


def answer_lines(project: Project, decision: Decision, lang: str) -> list[str]:
    """Return the lines about a file: in Vietnamese, with the English ones below, or in English."""
    english = [_english(some) for some in _by_cause(decision.findings)]
    if lang != "vi":
        return english
    return [*map(_vietnamese, causes_of(project, decision)), verdict(decision), *english]


_OF_ROWS_OF_THE_WHOLE = frozenset({"numbers_are_written_as_agreed"})
"""Rules that name row by row what is said of a delivery as a whole."""


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
        is_of_cells = finding.source_row is not None or finding.check in _OF_ROWS_OF_THE_WHOLE
        causes.setdefault(key if is_of_cells else at, []).append(finding)
    return list(causes.values())


def _english(some: Sequence[Finding]) -> str:
    first = some[0]
    where = _cells_named(some, "line {row}, column {column}", "row {row}", "and {more} more")
    cells = f" Found at {where}." if where else ""
    return f"{first.severity}: {first.message}{cells} {first.next_step}"


def _cause(project: Project, decision: Decision, some: Sequence[Finding]) -> Cause:
    first = some[0]
    return Cause(
        findings=some,
        severity=_SEVERITIES[first.severity],
        sheet=first.source_sheet or "",
        where=_cells_named(some, "dòng {row}, cột {column}", "dòng {row}", "và {more} chỗ khác"),
        message=_message(project, decision, some),
        next_step=_NEXT_STEPS[first.severity],
    )


def _vietnamese(cause: Cause) -> str:
    sheet = f"Trang '{cause.sheet}', " if cause.sheet else ""
    found_at = f"{sheet}{cause.where}: " if cause.where else ""
    return f"{cause.severity}: {found_at}{cause.message}. {cause.next_step} [{cause.findings[0].check}]"


def _message(project: Project, decision: Decision, some: Sequence[Finding]) -> str:
    first, contract = some[0], project.contracts[decision.judged.receipt.feed]
    wording = _wording(first.check)
    if wording is None:
        return f"không đạt quy tắc {first.check} (xem câu tiếng Anh bên dưới)"
    form = contract.forms[decision.judged.receipt.extension]
    labels = [_label(project, name) for name in (first.column or "").split(", ") if name]
    return wording.format(
        label=labels[0] if labels else "",
        labels=", ".join(labels),
        values=_few(list(dict.fromkeys(_value(project, f) for f in some if f.value)), "và {more} giá trị khác"),
        required=", ".join(_label(project, rule.name) for rule in contract.fields if rule.required),
        numbers="1.234.567,89" if form.numbers == "vi" else "1234567.89",
        dates=" hoặc ".join({"iso": "2024-10-01", "dmy": "01/10/2024"}[style] for style in form.dates),
        times=_times(project, first),
        period=decision.judged.receipt.period or "",
        headers=_headers(contract, (first.column or "").split(", ")),
    )


def _headers(contract: Contract, names: Sequence[str]) -> str:
    """How the columns of fields are headed, as agreed."""
    return ", ".join(f"'{(*rule.headers, rule.name)[0]}'" for rule in contract.fields if rule.name in names)


def _value(project: Project, finding: Finding) -> str:
    """What stands in a cell; of several columns each under its label."""
    names = (finding.column or "").split(", ")
    if len(names) == 1:
        return f"'{finding.value}'"
    named = "|".join(map(re.escape, names))
    parts = re.split(f"(?:^|, )({named})=", finding.value or "")[1:]
    return (
        " và ".join(f"{_label(project, name)} '{value}'" for name, value in zip(parts[::2], parts[1::2], strict=True))
        or f"'{finding.value}'"
    )


def _wording(check: str) -> str | None:
    """The text of a rule: its own, or that of the derived rules whose names end alike."""
    wordings = _wordings()
    return wordings.get(check) or next((text for rule, text in wordings.items() if check.endswith(f"_{rule}")), None)


def _times(project: Project, finding: Finding) -> str:
    """How many times a figure is that of an earlier delivery, roughly, and in which unit it may be."""
    named = dict(finding.row_names)
    given = finding.value if finding.column == "magnitude_ratio" else named.get("middle_ratio")
    ratio = Decimal(given) if given not in (None, _EMPTY) else Decimal(0)
    beside = "mức thường gặp" if named.get("reference_file") == _TYPICAL else "số liệu đã gửi trước"
    if ratio <= 0:
        return f"chênh lệch nhiều lần so với {beside}"
    factor = max(ratio, 1 / ratio)
    step = Decimal(10) ** factor.adjusted()
    rounded = f"{int((factor / step).to_integral_value() * step):,}".replace(",", ".")
    figure = project.fields.get(named.get("figure_name", ""))
    compared = f"chỉ bằng khoảng 1/{rounded}" if ratio < 1 else f"gấp khoảng {rounded} lần"
    of_figure = f"{figure.label_vi} " if figure else ""
    return f"{of_figure}{compared} {beside}{_unit_guessed(figure, ratio)}"


_TYPICAL = "typical_figures.csv"
"""What a figure is compared with where there is no earlier delivery."""
_MONEY = {0: "đồng", 3: "nghìn đồng", 6: "triệu đồng", 9: "tỷ đồng", 12: "nghìn tỷ đồng"}
_ZEROS = {"": 0, "thousand ": 3, "mn ": 6, "bn ": 9, "trillion ": 12}
_MONEY_OF_FIELD = re.compile(r"(trillion |bn |mn |thousand |)VND\b")


def _unit_guessed(figure: Field | None, ratio: Decimal) -> str:
    """In which unit an amount of money seems to be written, where it is a thousand times (or a million …) off."""
    found = _MONEY_OF_FIELD.match(figure.unit) if figure else None
    thousands = round(float(ratio.log10()) / 3)
    if found is None or thousands == 0:
        return ""
    required = _ZEROS[found.group(1)]
    written = _MONEY.get(required - 3 * thousands)
    return f"; có thể đã nhập theo {written} (yêu cầu: {_MONEY[required]})" if written else ""


def verdict(decision: Decision) -> str:
    """Return what became of a file, in one line."""
    receipt, rows_in = decision.judged.receipt, decision.judged.rows_in
    rows = "" if rows_in is None else f" ({decision.rows_accepted}/{rows_in} dòng)"
    why = f" {_refusal(decision.reason or '')}." if decision.is_refused_for_no_finding else ""
    return f"{receipt.file_name}: {_STATUSES.get(decision.status, decision.status)}{rows}.{why}"


def _refusal(reason: str) -> str:
    """Why a file without findings is refused, in Vietnamese."""
    for known in _refusals().values():
        found = re.search(known["pattern"], reason)
        if found:
            text = known["vi"].format(**found.groupdict())
            return text[:1].upper() + text[1:]
    return "Lý do ghi bằng tiếng Anh bên dưới"


def _cells_named(some: Sequence[Finding], of_cell: str, of_row: str, more: str) -> str:
    """The cells or rows of findings, as a spreadsheet names them (`E9`) or by line and column."""
    named: dict[str, None] = {}
    for finding in some:
        row = finding.line if finding.source_row is None else finding.source_row
        if row is None:
            continue
        if not finding.column_numbers:
            named[of_row.format(row=row)] = None
        for column in finding.column_numbers:
            if finding.source_sheet is None:
                named[of_cell.format(row=row, column=column)] = None
            else:
                named[address(row, column)] = None
    return _few(list(named), more)


def _few(texts: Sequence[str], more: str) -> str:
    shown = ", ".join(texts[:MOST_SHOWN])
    left = len(texts) - MOST_SHOWN
    return f"{shown} {more.format(more=left)}" if left > 0 else shown


def _label(project: Project, name: str) -> str:
    return project.fields[name].label_vi if name in project.fields else name


@cache
def _refusals() -> Mapping[str, Mapping[str, str]]:
    return read_yaml(Path(__file__).with_name("refusals_in_vietnamese.yml"))


@cache
def _wordings() -> Mapping[str, str]:
    return read_yaml(Path(__file__).with_name("answers.yml"))
