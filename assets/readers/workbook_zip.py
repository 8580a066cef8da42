"""A workbook seen from outside: its zip directory, its parts and its sheets, before any parser opens it."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import BinaryIO

from assets.readers.read_jobs import Limits, RefusedFileError
from assets.readers.xml_safely import parse_safely

MOST_PARTS = 10_000
_SAVE_AS_XLSX = "Save it as 'Excel workbook (.xlsx)' and send that."
_SEND_AGAIN = "Send it again, whole."
_METHODS = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})


@dataclass(frozen=True)
class SheetPart:
    """A sheet of the workbook: its name, whether it is visible, and the part that holds it."""

    name: str
    visible: bool
    part: str


class WorkbookZip:
    """The zip archive of a workbook whose directory has been found sane."""

    def __init__(self, file: BinaryIO, limits: Limits) -> None:
        self._limits = limits
        _refuse_other_files(file)
        try:
            self._archive = zipfile.ZipFile(file)
        except (zipfile.BadZipFile, NotImplementedError, ValueError, EOFError) as error:
            raise RefusedFileError(
                f"the workbook is truncated or damaged: its zip directory cannot be read ({error}). {_SEND_AGAIN}"
            ) from error
        _refuse_directory(self._archive.infolist(), limits)
        self._names = {info.filename.lower(): info.filename for info in self._archive.infolist()}
        if "xl/workbook.xml" not in self._names:
            raise RefusedFileError(_what_else(self._names))

    @contextmanager
    def part(self, name: str) -> Iterator[BinaryIO]:
        """Open one part; damage found while it is read becomes a refusal."""
        stored = self._names.get(name.lower())
        if stored is None:
            raise RefusedFileError(f"the workbook lacks its part {name}. {_SEND_AGAIN}")
        try:
            with self._archive.open(stored) as part:
                yield part  # type: ignore[misc]  # IO[bytes]; a zip member has no fileno, and nothing here asks for one
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
            raise RefusedFileError(f"the workbook is damaged in its part {name} ({error}). {_SEND_AGAIN}") from error

    def has(self, name: str) -> bool:
        """Whether the workbook has such a part."""
        return name.lower() in self._names

    def sheets(self) -> list[SheetPart]:
        """The worksheets in the order of the workbook; charts and macro sheets are left out."""
        targets = _Relations()
        with self.part("xl/_rels/workbook.xml.rels") as part:
            parse_safely(part, "the workbook's list of parts", targets, self._limits.xml_depth)
        listed = _Sheets()
        with self.part("xl/workbook.xml") as part:
            parse_safely(part, "the workbook's list of sheets", listed, self._limits.xml_depth)
        return [
            SheetPart(name, visible, targets.worksheets[relation])
            for name, visible, relation in listed.sheets
            if relation in targets.worksheets
        ]


class _Relations:
    def __init__(self) -> None:
        self.worksheets: dict[str, str] = {}

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "Relationship" and attributes.get("Type", "").endswith("/worksheet"):
            target = attributes.get("Target", "")
            part = target.removeprefix("/") if target.startswith("/") else f"xl/{target}"
            self.worksheets[attributes.get("Id", "")] = part

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


def _refuse_other_files(file: BinaryIO) -> None:
    beginning = file.read(512)
    file.seek(0)
    if beginning.startswith(b"\xd0\xcf\x11\xe0"):
        whole = file.read()
        if "EncryptedPackage".encode("utf-16-le") in whole:
            raise RefusedFileError("the workbook is protected by a password. Remove the password and send it again.")
        raise RefusedFileError(f"the file is a workbook of the old kind (.xls) under a new name. {_SAVE_AS_XLSX}")
    if not beginning.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        text = beginning.lstrip().lower()
        what = "a web page" if text.startswith((b"<html", b"<!doctype html", b"<table", b"<meta")) else "something else"
        raise RefusedFileError(f"the file is no workbook but {what} under the name of one. {_SAVE_AS_XLSX}")


def _refuse_directory(parts: list[zipfile.ZipInfo], limits: Limits) -> None:
    names = [info.filename.lower() for info in parts]
    packed = sum(info.compress_size for info in parts)
    unpacked = sum(info.file_size for info in parts)
    mb = 1 << 20
    if len(parts) > MOST_PARTS or len(set(names)) != len(names):
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


def _what_else(names: dict[str, str]) -> str:
    if "xl/workbook.bin" in names:
        return f"the file is a binary workbook (.xlsb) under another name. {_SAVE_AS_XLSX}"
    if "content.xml" in names:
        return f"the file is a LibreOffice document under another name. {_SAVE_AS_XLSX}"
    return f"the file is a zip archive without a workbook in it. {_SAVE_AS_XLSX}"
