"""A zipped workbook seen from outside: its directory, its parts and its sheets, before any parser opens it.

Parts are found as the format says, from `_rels/.rels` on: some portals put the workbook at the root of the archive,
and some programs write the names of parts with backslashes.
"""

from __future__ import annotations

import errno
import posixpath
import zipfile
import zlib
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import BinaryIO

from assets.readers.read_jobs import Limits, RefusedFileError
from assets.readers.sheet_scan import SheetPart
from assets.readers.xml_safely import parse_safely

MOST_PARTS = 10_000
_SAVE_AS_XLSX = "Save it as 'Excel workbook (.xlsx)' and send that."
_SEND_AGAIN = "Send it again, whole."
_METHODS = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})


class WorkbookZip:
    """The zip archive of a workbook whose directory has been found sane."""

    def __init__(self, file: BinaryIO, limits: Limits) -> None:
        self._limits = limits
        try:
            self._archive = zipfile.ZipFile(file)
        except (zipfile.BadZipFile, NotImplementedError, ValueError, EOFError) as error:
            raise RefusedFileError(
                f"the workbook is truncated or damaged: its zip directory cannot be read ({error}). {_SEND_AGAIN}"
            ) from error
        self._names = {_plain(info.filename): info.filename for info in self._archive.infolist()}
        _refuse_directory(self._archive.infolist(), self._names, limits)
        self.main = self._main()

    @contextmanager
    def part(self, name: str) -> Iterator[BinaryIO]:
        """Open one part; damage found while it is read becomes a refusal."""
        stored = self._names.get(_plain(name))
        if stored is None:
            raise RefusedFileError(f"the workbook lacks its part {name}. {_SEND_AGAIN}")
        try:
            opened = self._archive.open(stored)
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, RuntimeError) as error:
            if isinstance(error, OSError) and error.errno != errno.EINVAL:  # a place before the file's beginning
                raise
            raise RefusedFileError(f"the workbook is damaged in its part {name} ({error}). {_SEND_AGAIN}") from error
        try:
            with opened as part:
                yield part  # type: ignore[misc]  # IO[bytes]; a zip member has no fileno, and nothing here asks for one
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
            raise RefusedFileError(f"the workbook is damaged in its part {name} ({error}). {_SEND_AGAIN}") from error

    def has(self, name: str) -> bool:
        """Whether the workbook has such a part."""
        return _plain(name) in self._names

    def _main(self) -> str:
        """The name of the part that lists the sheets. Raises RefusedFileError where there is none."""
        if self.has("_rels/.rels"):
            for kind, target in self._relations("").values():
                if kind == "officeDocument" and self.has(target):
                    return target
        for usual in ("xl/workbook.xml", "xl/workbook.bin", "content.xml"):
            if self.has(usual):
                return usual
        raise RefusedFileError(f"the file is a zip archive without a workbook in it. {_SAVE_AS_XLSX}")

    def _relations(self, name: str) -> dict[str, tuple[str, str]]:
        """The parts that a part names, by their id: what kind each is of, and its place in the archive."""
        folder, _, own = name.rpartition("/")
        found = _Relations(folder)
        with self.part(posixpath.join(folder, "_rels", f"{own}.rels")) as part:
            parse_safely(part, "the workbook's list of parts", found, self._limits.xml_depth)
        return found.targets

    def listed(self) -> dict[str, tuple[str, str]]:
        """The parts that the main part names, by their id: kind and place."""
        return self._relations(self.main)

    def sheets(self) -> list[SheetPart]:
        """The worksheets in the order of the workbook; charts and macro sheets are left out."""
        worksheets = {id_: part_name for id_, (kind, part_name) in self.listed().items() if kind == "worksheet"}
        listed = _Sheets()
        with self.part(self.main) as part:
            parse_safely(part, "the workbook's list of sheets", listed, self._limits.xml_depth)
        return [
            SheetPart(name, visible, worksheets[relation])
            for name, visible, relation in listed.sheets
            if relation in worksheets
        ]


class _Relations:
    def __init__(self, folder: str) -> None:
        self.targets: dict[str, tuple[str, str]] = {}
        self._folder = folder

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "Relationship" and attributes.get("TargetMode") != "External":
            kind = attributes.get("Type", "").rpartition("/")[2]
            part_name = posixpath.join("/", self._folder, attributes.get("Target", "").replace("\\", "/"))
            self.targets[attributes.get("Id", "")] = kind, posixpath.normpath(part_name).lstrip("/")

    def end(self, name: str) -> None: ...

    def text(self, data: str) -> None: ...


class _Sheets:
    def __init__(self) -> None:
        self.sheets: list[tuple[str, bool, str]] = []

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "sheet":
            relation = next((v for k, v in attributes.items() if k == "id" or k.endswith(":id")), "")
            visible = attributes.get("state", "visible") == "visible"
            self.sheets.append((attributes.get("name", ""), visible, relation))

    def end(self, name: str) -> None: ...

    def text(self, data: str) -> None: ...


def _plain(name: str) -> str:
    """A part's name as parts are looked up: some programs write backslashes, or another case than they refer by."""
    return name.replace("\\", "/").lstrip("/").lower()


def _refuse_directory(parts: list[zipfile.ZipInfo], names: Collection[str], limits: Limits) -> None:
    packed = sum(info.compress_size for info in parts)
    unpacked = sum(info.file_size for info in parts)
    mb = 1 << 20
    if len(parts) > MOST_PARTS or len(names) != len(parts):
        raise RefusedFileError(f"the workbook's zip directory lists too many parts, or one twice. {_SAVE_AS_XLSX}")
    if any(info.flag_bits & 0x1 for info in parts):
        raise RefusedFileError("the workbook is protected by a password. Remove the password and send it again.")
    if any(info.compress_type not in _METHODS for info in parts):
        raise RefusedFileError(f"the workbook is packed in a way that Excel does not use. {_SAVE_AS_XLSX}")
    if unpacked > limits.unpacked_bytes:
        raise RefusedFileError(
            f"the workbook unpacks to {unpacked / mb:,.0f} MB, more than the "
            f"{limits.unpacked_bytes / mb:,.0f} MB "
            "allowed. Delete unused sheets, rows and pictures, or split it."
        )
    if unpacked > limits.unpacked_bytes // 32 and unpacked > limits.unpacked_ratio * max(packed, 1):
        raise RefusedFileError(
            f"the workbook unpacks to {unpacked // max(packed, 1)} times its size, as no table does. "
            "Copy the table into a new workbook and send that."
        )
