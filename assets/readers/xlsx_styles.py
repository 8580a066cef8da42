"""Which styles of a workbook show a number as a percentage: 0.85 stands in the file, and a person sees 85%."""

from __future__ import annotations

import re
from decimal import Decimal

from assets.readers.read_jobs import Limits
from assets.readers.workbook_zip import WorkbookZip
from assets.readers.xml_safely import parse_safely

_BUILT_IN = frozenset({9, 10})
"""Numbers of the formats `0%` and `0.00%`, which a file need not write down."""
_LITERAL = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]')
"""Parts of a format that are shown as they are."""


def percent_styles(archive: WorkbookZip, limits: Limits) -> frozenset[int]:
    """Return the styles, by their number in the workbook, that show a number as a percentage."""
    styles = _Styles()
    if archive.has("xl/styles.xml"):
        with archive.part("xl/styles.xml") as part:
            parse_safely(part, "the workbook's list of styles", styles, limits.xml_depth)
    return frozenset(number for number, form in enumerate(styles.formats) if form in styles.percent)


def as_percent(number: str) -> str:
    """Return a number in plain text as the percentage that a person sees: `0.285` is `28.5%`."""
    return f"{format(Decimal(number).scaleb(2).normalize(), 'f')}%"


class _Styles:
    def __init__(self) -> None:
        self.percent: set[int] = set(_BUILT_IN)
        self.formats: list[int] = []
        self._is_of_cells = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        number = attributes.get("numFmtId", "0")
        if name == "cellXfs":
            self._is_of_cells = True
        elif name == "xf" and self._is_of_cells:
            self.formats.append(int(number) if number.isdigit() else 0)
        elif name == "numFmt" and number.isdigit() and "%" in _LITERAL.sub("", attributes.get("formatCode", "")):
            self.percent.add(int(number))

    def end(self, name: str) -> None:
        if name == "cellXfs":
            self._is_of_cells = False

    def text(self, data: str) -> None: ...
