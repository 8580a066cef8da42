"""The unit line of a sheet (`Đơn vị tính: Tỷ đồng`) against the unit that its contract expects.

A table in million where the contract says billion is wrong by a thousand in every cell, and every single
value of it is plausible: the line above the table is where it shows.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from assets.layout.delivery import Delivery
from assets.layout.headers import HeaderRow, plain

_UNIT_LINE = re.compile(r"\(?\s*(?:đơn vị(?: tính)?|đvt|đv|unit)\s*[:.]\s*(?P<unit>.*?)\)?\s*")
_MONEY = (
    ("nghìn tỷ đồng", "trillion VND"),
    ("nghìn tỉ đồng", "trillion VND"),
    ("tỷ đồng", "bn VND"),
    ("tỉ đồng", "bn VND"),
    ("triệu đồng", "mn VND"),
    ("nghìn đồng", "thousand VND"),
    ("ngàn đồng", "thousand VND"),
    ("1000đ", "thousand VND"),
    ("1.000 đồng", "thousand VND"),
    ("1000 đồng", "thousand VND"),
    ("đồng", "VND"),
    ("vnd", "VND"),
)
_UNIT_OF_FIELD = re.compile(r"(?:(trillion|bn|mn|thousand) )?VND\b")


def unit_lines(rows: Sequence[HeaderRow]) -> dict[int, str]:
    """The rows that are unit lines, by their place among `rows`, each with the unit that it states."""
    found = {}
    for place, row in enumerate(rows):
        for text in row.texts:
            match = _UNIT_LINE.fullmatch(plain(text)) if text.strip() else None
            if match:
                found[place] = " ".join(text.split())
    return found


def judge_unit_lines(delivery: Delivery, sheet: str | None, rows: Sequence[HeaderRow], lines: dict[int, str]) -> None:
    """Add a critical finding for a unit line that contradicts the contract.

    The contract's form may say what the line must match (`unit_line`, a regular expression); without it the
    unit of money in the line is set against the units of the contract's fields.
    """
    declared = delivery.form.unit_line
    if declared is not None and not lines:
        delivery.found(
            "unit_line_is_present",
            "warning",
            f"the sheet states no unit; its contract expects a line like '{declared}'",
            "Write the unit of the table above it, as in the agreed form.",
            sheet=sheet,
        )
    for place, said in lines.items():
        if declared is not None:
            agrees = re.search(declared, said, re.IGNORECASE) is not None
            expected = f"'{declared}'"
        else:
            units = _money_units_of(delivery)
            stated = _money_unit(said)
            agrees = stated is None or not units or stated in units
            expected = " or ".join(sorted(units))
        if not agrees:
            delivery.found(
                "unit_is_the_declared_one",
                "critical",
                f"the sheet says '{said}', and its contract expects {expected}",
                "Convert the values to the unit of the contract, or correct the line, and send the file again.",
                sheet=sheet,
                row=rows[place].number,
                value=said,
            )


def _money_unit(said: str) -> str | None:
    text = plain(said)
    return next((unit for words, unit in _MONEY if words in text), None)


def _money_units_of(delivery: Delivery) -> set[str]:
    units = set()
    for rule in delivery.contract.fields:
        match = _UNIT_OF_FIELD.match(delivery.fields[rule.name].unit) if rule.name in delivery.fields else None
        if match:
            units.add(f"{match.group(1)} VND" if match.group(1) else "VND")
    return units
