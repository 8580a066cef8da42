"""CSV as its contract declares it: encoding, delimiter and quote are never guessed.

Guessing loses rows without a word, and so does mending: a stray quote can swallow a hundred lines as one
cell. Here every record is one physical line, counted before the parser sees it, and a record that runs over
its line is refused with the number of the line where it begins. Rows with too few or too many cells are kept
as they are: `assets.layout` makes findings of them.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, BinaryIO

from assets.readers.raw import RawWriter
from assets.readers.read_jobs import Limits, RefusedFileError, Sheet

BLOCK_BYTES = 1 << 22
LONGEST_LINE_BYTES = 1 << 24
LONGEST_CELL_CHARACTERS = 32_767
"""What a cell of a spreadsheet can hold; a longer one is a file gone wrong."""

SPACES = (
    "\t\n\x0b\x0c\r\x1c\x1d\x1e\x1f "
    "\x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000"
)
"""All that Python calls white space."""

ENCODINGS = {
    "utf-8": "utf-8",
    "utf8": "utf-8",
    "utf-8-sig": "utf-8",
    "cp1258": "cp1258",
    "windows-1258": "cp1258",
}
AS_UTF8 = "Save it as 'CSV UTF-8' and send it again."

_BEGINNINGS = (
    (b"PK\x03\x04", "is a workbook or a zip archive, not CSV. Send it under its own extension, or save it as CSV."),
    (b"\xd0\xcf\x11\xe0", "is an old Excel workbook, not CSV. Save it as CSV UTF-8 and send that."),
    (b"\xff\xfe", f"is UTF-16 text ('Unicode text' in Excel). {AS_UTF8}"),
    (b"\xfe\xff", f"is UTF-16 text ('Unicode text' in Excel). {AS_UTF8}"),
    (b"%PDF", "is a PDF, not CSV. Send the table itself, as CSV UTF-8."),
)
_BOM = b"\xef\xbb\xbf"


def read_csv(file: BinaryIO, form: Mapping[str, Any], limits: Limits, writer: RawWriter) -> list[Sheet]:
    """Read a CSV file in blocks of whole lines and write its rows; return what was counted.

    Raises RefusedFileError, with the line where one is at fault.
    """
    dialect = _dialect(form)
    encoding = _encoding(form)
    blank = SPACES + dialect["delimiter"] + (dialect["quotechar"] or "")
    physical = parsed = 0
    line = 1
    for block in _blocks(file):
        lines = _decode(block, encoding, line).split("\n")
        filled = [i for i, text in enumerate(lines) if text.strip(blank)]
        physical += len(filled)
        rows = _parse(lines, dialect, line)
        kept = [i for i, cells in enumerate(rows) if "".join(cells).strip()]
        if kept != filled:
            odd = min(set(kept) ^ set(filled))
            raise RefusedFileError(
                f"line {line + odd} holds nothing but quotes or delimiters. Mend or delete that line."
            )
        parsed += len(kept)
        cells = [rows[i] for i in kept]
        if max(map(len, cells), default=0) > limits.columns:
            raise RefusedFileError(f"a line has more than {limits.columns} cells. Check the delimiter, send it again.")
        writer.add(None, [line + i for i in kept], cells, _kinds(cells))
        line += len(lines)
    if parsed < 2:
        what = "a header and no data rows" if parsed else "only blank lines"
        raise RefusedFileError(f"the file holds {what}. Send it again, with its rows.")
    return [{"name": None, "visible": True, "read": True, "physical_rows": physical, "parsed_rows": parsed}]


def _dialect(form: Mapping[str, Any]) -> dict[str, Any]:
    quote = form.get("quote", '"')
    return {
        "delimiter": form.get("delimiter", ","),
        "quotechar": quote or None,
        "quoting": csv.QUOTE_MINIMAL if quote else csv.QUOTE_NONE,
        "doublequote": True,
        "strict": True,
    }


def _encoding(form: Mapping[str, Any]) -> str:
    declared = str(form.get("encoding", "utf-8")).lower()
    if declared not in ENCODINGS:
        raise LookupError(f"the contract declares the encoding '{declared}'; known are {', '.join(sorted(ENCODINGS))}")
    return ENCODINGS[declared]


def _blocks(file: BinaryIO) -> Iterator[bytes]:
    """Yield blocks of whole lines, without the byte order mark and without the last line's end."""
    held = file.read(BLOCK_BYTES)
    for beginning, what in _BEGINNINGS:
        if held.startswith(beginning):
            raise RefusedFileError(f"the file {what}")
    held = held.removeprefix(_BOM)
    while True:
        more = file.read(BLOCK_BYTES)
        if not more:
            if held:
                yield held.removesuffix(b"\n")
            return
        end = held.rfind(b"\n")
        if end >= 0:
            yield held[:end]
            held = held[end + 1 :] + more
        else:
            held += more
            if len(held) > LONGEST_LINE_BYTES:
                raise RefusedFileError(
                    f"it has a line of more than {LONGEST_LINE_BYTES >> 20} MB. Check that its lines end "
                    "with a "
                    "line feed, and send it again."
                )


def _decode(block: bytes, encoding: str, first_line: int) -> str:
    nul = block.find(b"\0")
    if nul >= 0:
        number = first_line + block.count(b"\n", 0, nul)
        raise RefusedFileError(f"line {number} holds a NUL byte, which text never does. {AS_UTF8}")
    try:
        text = block.decode(encoding)
    except UnicodeDecodeError as error:
        number = first_line + block.count(b"\n", 0, error.start)
        raise RefusedFileError(
            f"line {number} holds the byte 0x{block[error.start]:02X}, which is not {encoding} text; old "
            "Vietnamese "
            f"encodings (TCVN3, VNI, Windows-1258) look like this. {AS_UTF8}"
        ) from error
    if encoding != "utf-8" and not block.isascii() and _is_utf8(block):
        raise RefusedFileError(
            f"the file is UTF-8 text, and its contract declares {encoding}. Agree with the data team on one."
        )
    return text


def _is_utf8(block: bytes) -> bool:
    try:
        block.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _parse(lines: Sequence[str], dialect: Mapping[str, Any], first_line: int) -> list[list[str]]:
    """Parse lines into as many rows; a blank line gives a row without cells."""
    csv.field_size_limit(LONGEST_CELL_CHARACTERS)
    try:
        rows = list(csv.reader(lines, **dialect))
    except csv.Error:
        rows = []
    if len(rows) == len(lines):
        return rows
    raise _what_is_wrong(lines, dialect, first_line)


def _what_is_wrong(lines: Sequence[str], dialect: Mapping[str, Any], first_line: int) -> RefusedFileError:
    """Find the line that is no record of its own, by parsing each line alone."""
    for number, text in enumerate(lines, start=first_line):
        try:
            rows = list(csv.reader([text], **dialect))
        except csv.Error as error:
            said = str(error)
            quote = dialect["quotechar"]
            if "unexpected end" in said:
                why = f"opens a quote ({quote}) that it does not close"
                how = "Remove the stray quote, or write it twice inside a quoted cell; no cell may run over its line."
            elif "field larger" in said:
                why = f"has a cell of more than {LONGEST_CELL_CHARACTERS} characters"
                how = "Check the delimiter and the quotes of that line."
            elif "new-line" in said:
                why = "ends lines with a carriage return alone, as old Macintosh programs did"
                how = AS_UTF8
            else:
                why = f"has text after a closing quote ({quote})"
                how = "Write a quote inside a quoted cell twice."
            return RefusedFileError(f"line {number} {why}. {how}")
        if len(rows) > 1:
            break
    return RefusedFileError(f"line {number} is not one record. Check its quotes, and send the file again.")


def _kinds(rows: Sequence[Sequence[str]]) -> list[str]:
    """One letter per cell: text, or nothing. Equal strings are one object, since most rows are alike."""
    known: dict[tuple[bool, ...] | int, str] = {}
    kinds = []
    for row in rows:
        key = tuple(map(bool, row)) if "" in row else len(row)
        kind = known.get(key)
        if kind is None:
            kind = "".join("s" if cell else "_" for cell in row)
            known[key] = kind
        kinds.append(kind)
    return kinds
