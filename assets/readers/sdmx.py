"""SDMX-ML: structure-specific data of 2.1 and 3.0, parsed by pysdmx, and generic data; a raw row for each observation.

The first row (number 0) holds the names of the attributes, the others the attributes of an observation's
series (and of its groups), its own attributes and its value, as text exactly as in the file, in the file's
order. What a file leaves out or empty is null. No structure definition is needed or fetched, and addresses
that a file names are never followed.

Ours is what stands around the parser: a scan that refuses what is not safe before pysdmx sees it and notes
which attributes stand where, and a count of the observations that does without any parser. What pysdmx is known
to lose without a word (measured with 1.21) is refused: groups beside observations without series, and groups
whose attributes stand at some of the series or observations too.

pysdmx brings pandas, and pandas numpy, which the reading process shuts out: they are let in here, in a child
that reads SDMX files, once the scan has found one safe, and end with it. They cost about 0.4 CPU-seconds and
80 MB more; the usual limit of 1 GB of memory holds some 650,000 observations (40 MB of XML), a hundred
times the national accounts, and what is larger is refused with the advice to split it.
"""

from __future__ import annotations

import os
import re
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO
from xml.parsers import expat

from assets.readers.observation_values import value_and_kind
from assets.readers.raw import RawWriter
from assets.readers.read_jobs import Limits, RefusedFileError, Sheet
from assets.readers.sdmx_generic import GenericObservations
from assets.readers.sdmx_root import root_of
from assets.readers.xml_safely import parse_safely

_Cells = list[str | None]

ROWS_AT_A_TIME = 50_000
BLOCK_BYTES = 1 << 20
VALUE = "OBS_VALUE"

_NO_DATA = frozenset({"xmlns", "xml", "xsi"})
"""Prefixes of attributes that say how XML is to be read."""
_OBSERVATION = re.compile(rb"<(?:[A-Za-z_][\w.-]*:)?Obs[\s/>]")
_ENCODING = re.compile(rb"""\s*<\?xml[^>]*\sencoding\s*=\s*["']([\w.-]+)""")


def read_sdmx(file: BinaryIO, form: Mapping[str, Any], limits: Limits, writer: RawWriter) -> list[Sheet]:
    """Read the observations of a file and write them; return what was counted.

    Raises RefusedFileError for files that are no data of SDMX-ML 2.1 or 3.0, are cut off, hold no
    observation, or say something that the parser would lose.
    """
    root = root_of(file, limits)
    if root.is_generic:
        return _read_generic(file, limits, writer)
    scan = _Scan()
    parse_safely(file, "the SDMX file", scan, limits.xml_depth)
    file.seek(0)
    physical = _count_observations(file)
    if not scan.of_observations:
        raise RefusedFileError("the SDMX file holds no observations. Send it again, with its data.")
    columns = [*sorted(scan.names - {VALUE}), VALUE]
    if len(columns) > limits.columns:
        raise RefusedFileError(f"the SDMX file has more than {limits.columns} different attributes. Export it anew.")
    file.seek(0)
    # To pysdmx a series without observations is a row too; it has none of the names that only observations have.
    own = [columns.index(name) for name in scan.of_observations - scan.of_series]
    count = 0
    rows, cells, kinds = [0], [_Cells(columns)], ["s" * len(columns)]
    for observation in _observations(_text(file), columns, is_of_sdmx_3=root.is_of_sdmx_3):
        if all(observation[index] is None for index in own):
            continue
        count += 1
        rows.append(count)
        cells.append(observation)
        kinds.append(_settle(observation))
        if len(rows) == ROWS_AT_A_TIME:
            writer.add(None, rows, cells, kinds)
            rows, cells, kinds = [], [], []
    writer.add(None, rows, cells, kinds)
    return [{"name": None, "visible": True, "read": True, "physical_rows": physical, "parsed_rows": count}]


def _read_generic(file: BinaryIO, limits: Limits, writer: RawWriter) -> list[Sheet]:
    found = GenericObservations()
    parse_safely(file, "the SDMX file", found, limits.xml_depth)
    file.seek(0)
    physical = _count_observations(file)
    if not found.rows:
        raise RefusedFileError("the SDMX file holds no observations. Send it again, with its data.")
    columns = [*sorted(found.names - {VALUE}), VALUE]
    if len(columns) > limits.columns:
        raise RefusedFileError(f"the SDMX file has more than {limits.columns} different attributes. Export it anew.")
    cells: list[_Cells] = [[*columns], *([row.get(name) or None for name in columns] for row in found.rows)]
    kinds = ["s" * len(columns), *map(_settle, cells[1:])]
    for first in range(0, len(cells), ROWS_AT_A_TIME):
        last = min(first + ROWS_AT_A_TIME, len(cells))
        writer.add(None, range(first, last), cells[first:last], kinds[first:last])
    return [{"name": None, "visible": True, "read": True, "physical_rows": physical, "parsed_rows": len(found.rows)}]


def _count_observations(file: BinaryIO) -> int:
    """Count the observations by their opening tags in the bytes, without an XML parser."""
    count, tail = 0, b""
    while block := file.read(BLOCK_BYTES):
        held = tail + block
        end = held.rfind(b"<")
        whole, tail = (held, b"") if end < 0 else (held[:end], held[end:])
        count += len(_OBSERVATION.findall(whole))
    return count + len(_OBSERVATION.findall(tail))


class _Scan:
    """What is looked at before the parser sees a file: its kind, and which attributes stand where."""

    def __init__(self) -> None:
        self.names: set[str] = set()
        self.of_series: set[str] = set()
        self.of_observations: set[str] = set()
        self._shapes: Counter[tuple[str, tuple[str, ...]]] = Counter()
        """Of the open data set: which elements there are with which attributes, a handful for any file."""
        self._others: set[str] = set()

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "DataSet":
            self._shapes.clear()
            self._others.clear()
        elif name == "Comp":
            raise RefusedFileError(
                f"the SDMX file gives '{attributes.get('id', '')}' several values, which is not read. Export it "
                "without that attribute."
            )
        elif name in ("Series", "Obs", "Group"):
            shape = name, tuple(attributes)
            if shape not in self._shapes:
                _refuse_foreign(attributes)
            self._shapes[shape] += 1
        else:
            self._others.add(name)

    def end(self, name: str) -> None:
        if name != "DataSet":
            return
        series, observations, groups = (
            [{key for key in keys if ":" not in key and key != "xmlns"} for kind, keys in self._shapes if kind == which]
            for which in ("Series", "Obs", "Group")
        )
        of_series, of_observations, of_groups = (set[str]().union(*some) for some in (series, observations, groups))
        names = of_series | of_observations | of_groups
        unclear = {name for name in of_groups & of_series if any(name not in shape for shape in series)}
        unclear |= of_groups & of_observations if series or not observations else of_groups
        unclear |= names & self._others
        if unclear:
            raise RefusedFileError(
                f"the SDMX file sets {', '.join(sorted(unclear))} in more places than one (groups, series, "
                "observations, elements), which would not be read exactly. Export it with every attribute at its "
                "series or observation."
            )
        self.names |= names
        self.of_series |= of_series
        self.of_observations |= of_observations

    def text(self, data: str) -> None: ...


def _refuse_foreign(attributes: Mapping[str, str]) -> None:
    """Refuse attributes of another namespace at series and observations: pysdmx leaves them out without a word."""
    for key in attributes:
        prefix, _, local = key.partition(":")
        if local and prefix not in _NO_DATA and local != "type":
            raise RefusedFileError(
                f"the SDMX file gives series or observations the attribute {key}, which is none of the data and would "
                "not be read. Export it without."
            )


def _text(file: BinaryIO) -> str:
    """The file as text: pysdmx takes bytes for UTF-8, whatever they declare, and replaces those that are not."""
    content = file.read()
    declared = _ENCODING.match(content)
    try:
        return content.decode(declared[1].decode() if declared else "utf-8").removeprefix("\ufeff")
    except (LookupError, UnicodeDecodeError) as error:
        raise _not_sdmx(error) from error


def _not_sdmx(error: Exception) -> RefusedFileError:
    message = " ".join(str(error).split())[:100].rstrip(".")
    return RefusedFileError(
        f"the SDMX file is damaged, or not as SDMX-ML has it ({type(error).__name__}: {message}). Export it again."
    )


def _observations(text: str, columns: list[str], *, is_of_sdmx_3: bool) -> Iterator[_Cells]:
    """The observations as pysdmx gives them, each with its cells in the order of the columns."""
    os.environ["OPENBLAS_NUM_THREADS"] = "1"  # every thread reserves memory of the limit, with nothing to do
    if sys.modules.get("numpy", ...) is None:
        del sys.modules["numpy"]
    import pandas as pd

    pd.set_option("mode.string_storage", "python")  # pyarrow was imported without numpy
    if is_of_sdmx_3:
        from pysdmx.io.xml.sdmx30.reader.structure_specific import read
    else:
        from pysdmx.io.xml.sdmx21.reader.structure_specific import read
    from pysdmx.errors import PysdmxError

    try:
        datasets = [*read(text, validate=False)]  # what it would validate is the message's schema
    except (PysdmxError, expat.ExpatError, LookupError, AttributeError, TypeError, ValueError) as error:
        raise _not_sdmx(error) from error
    for dataset in datasets:
        frame = dataset.data
        held = [frame[name].tolist() if name in frame else [None] * len(frame) for name in columns]
        for cells in zip(*held, strict=True):
            yield [cell if isinstance(cell, str) and cell else None for cell in cells]


def _settle(cells: _Cells) -> str:
    """Bring the value, the last of the cells, into its plain form; return the kinds of all."""
    kinds = ["_" if cell is None or not cell.strip() else "s" for cell in cells]
    if cells[-1] is not None:
        cells[-1], kinds[-1] = value_and_kind(cells[-1])
    return "".join(kinds)
