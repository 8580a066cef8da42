"""SDMX-ML 2.1 structure-specific data, streamed: one raw row for each observation.

The first row (number 0) holds the names of the attributes, the others the attributes of an observation's
series (and of its groups), its own attributes and its value, as text exactly as in the file. What a file
leaves out is null. No structure definition is needed or fetched, and addresses that a file names are never
followed.

A library was weighed against this: pysdmx reads these files right (a test holds this reader to it,
observation by observation), but it imports pandas, so that one file costs 2 CPU-seconds and 125 MB where this
costs 0.1 and no memory to speak of, whatever the size of the file.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, BinaryIO

from assets.readers.jobs import Limits, RefusedFileError, Sheet
from assets.readers.raw import RawWriter
from assets.readers.xml_safely import parse_safely

ROWS_AT_A_TIME = 50_000
BLOCK_BYTES = 1 << 20
VALUE = "OBS_VALUE"

_ROOTS = frozenset({"StructureSpecificData", "StructureSpecificTimeSeriesData"})
_NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)")
_EXPONENT = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)[eE][+-]?\d{1,3}")
_OBSERVATION = re.compile(rb"<(?:[A-Za-z_][\w.-]*:)?Obs[\s/>]")


def read_sdmx(file: BinaryIO, form: Mapping[str, Any], limits: Limits, writer: RawWriter) -> list[Sheet]:
    """Read the observations of a file and write them; return what was counted.

    Raises RefusedFileError for files that are not structure-specific SDMX-ML, are cut off or hold no
    observation.
    """
    physical = _count_observations(file)
    file.seek(0)
    names = _Names()
    parse_safely(file, "the SDMX file", names, limits.xml_depth)
    if not names.observations:
        raise RefusedFileError("the SDMX file holds no observations. Send it again, with its data.")
    columns = [*sorted(names.seen - {VALUE}), VALUE]
    if len(columns) > limits.columns:
        raise RefusedFileError(f"the SDMX file has more than {limits.columns} different attributes. Export it anew.")
    file.seek(0)
    observations = _Observations(columns, writer)
    parse_safely(file, "the SDMX file", observations, limits.xml_depth)
    observations.flush()
    return [{"name": None, "visible": True, "read": True, "physical_rows": physical, "parsed_rows": observations.count}]


def _count_observations(file: BinaryIO) -> int:
    """Count the observations by their opening tags in the bytes, without an XML parser."""
    count, tail = 0, b""
    while block := file.read(BLOCK_BYTES):
        held = tail + block
        end = held.rfind(b"<")
        whole, tail = (held, b"") if end < 0 else (held[:end], held[end:])
        count += len(_OBSERVATION.findall(whole))
    return count + len(_OBSERVATION.findall(tail))


class _Names:
    """First pass: which attributes there are, and whether this is the kind of file that is read here."""

    def __init__(self) -> None:
        self.seen: set[str] = set()
        self.observations = 0
        self._root = ""

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if not self._root:
            self._root = name
            if name not in _ROOTS:
                raise RefusedFileError(
                    f"the file is '{name}', not SDMX-ML 2.1 structure-specific data. Export it as "
                    "'structure specific data' and send it again."
                )
        elif name in ("Series", "Obs", "Group"):
            self.seen.update(_plain(attributes))
            self.observations += name == "Obs"

    def end(self, name: str) -> None: ...

    def text(self, data: str) -> None: ...


class _Observations:
    """Second pass: the observations, each with the attributes of its series and of the groups that hold
    it.
    """

    def __init__(self, columns: list[str], writer: RawWriter) -> None:
        self.count = 0
        self._columns = columns
        self._writer = writer
        self._groups: list[dict[str, str]] = []
        self._series: dict[str, str] = {}
        self._in_series = False
        self._rows: list[int] = [0]
        self._cells: list[list[str | None]] = [list(columns)]
        self._kinds: list[str] = ["s" * len(columns)]

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "Obs":
            self._add(_plain(attributes))
        elif name == "Series":
            self._in_series = True
            self._series = self._with_groups(_plain(attributes))
        elif name == "Group":
            self._groups.append(_plain(attributes))
        elif name == "DataSet":
            self._groups = []

    def end(self, name: str) -> None:
        if name == "Series":
            self._in_series = False
            self._series = {}

    def text(self, data: str) -> None: ...

    def _with_groups(self, series: dict[str, str]) -> dict[str, str]:
        """A group speaks of every series that agrees with it in the dimensions that both name."""
        for group in self._groups:
            shared = [name for name in group if name in series]
            if shared and all(series[name] == group[name] for name in shared):
                series = {**group, **series}
        return series

    def _add(self, own: dict[str, str]) -> None:
        values = {**self._series, **(own if self._in_series else self._with_groups(own))}
        cells: list[str | None] = [values.get(name) for name in self._columns]
        kinds = ["_" if cell is None or not cell.strip() else "s" for cell in cells]
        if cells[-1] is not None:
            cells[-1], kinds[-1] = _value(cells[-1])
        self.count += 1
        self._rows.append(self.count)
        self._cells.append(cells)
        self._kinds.append("".join(kinds))
        if len(self._rows) == ROWS_AT_A_TIME:
            self.flush()

    def flush(self) -> None:
        """Write what is held."""
        self._writer.add(None, self._rows, self._cells, self._kinds)
        self._rows, self._cells, self._kinds = [], [], []


def _plain(attributes: dict[str, str]) -> dict[str, str]:
    """The attributes that carry data: none of namespaces, of XML itself or of XML Schema."""
    return {k: v for k, v in attributes.items() if ":" not in k and k != "xmlns"}


def _value(text: str) -> tuple[str | None, str]:
    """The value and its kind; one with an exponent is written out, digit by digit, without passing a
    float.
    """
    bare = text.strip()
    if _NUMBER.fullmatch(bare):
        return bare, "n"
    if _EXPONENT.fullmatch(bare):
        return format(Decimal(bare), "f"), "n"
    return text, "s" if bare else "_"
