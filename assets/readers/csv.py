"""CSV as its contract declares it: encoding and quote are never guessed, and what differs is reported.

Guessing loses rows without a word, and so does mending: a stray quote can swallow a hundred lines as one
cell. Here a record is the lines that its quotes hold together, counted before the parser sees it; what the parser reads
otherwise is refused with the number of the line where it begins, and so is a cell that swallows whole rows. Rows
with too few or too many cells are kept as they are: `assets.layout` makes findings of them.

Excel parts cells by what the settings of its machine say, `;` in Viet Nam: where the declared delimiter does not part
the table and another does, that one is used and the delivery says so.
"""

from __future__ import annotations

import csv
import os
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, BinaryIO

from assets.readers.raw import RawWriter
from assets.readers.read_jobs import Limits, RefusedFileError, Sheet

BLOCK_BYTES = 1 << 22
LONGEST_LINE_BYTES = 1 << 24
LONGEST_CELL_CHARACTERS = 32_767
"""What a cell of a spreadsheet can hold; a longer one is a file gone wrong."""

DELIMITERS = (";", "\t", ",", "|")
"""What else than the declared delimiter may part cells."""
LINES_LOOKED_AT = 200
_NAMED_DELIMITER = re.compile(r'"?sep=(.)"?')
_NOTE = re.compile(r"[(*]|(ghi chú|chú thích|nguồn|người lập|thủ trưởng|note|source)\b", re.IGNORECASE)
"""How lines below a table begin that are no rows of it."""

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
    physical = parsed = 0
    line = 1
    open_record: list[str] = []
    lengths: Counter[int] = Counter()
    last_line, last_cells = 0, list[str]()
    for block in _blocks(file):
        text = _decode(block, encoding, line + len(open_record))
        if line == 1 and not open_record:
            dialect = _with_the_delimiter_that_parts(text, dialect, writer)
        lines = [*open_record, *text.split("\n")]
        records, starts, open_record = _records(lines, dialect, line)
        physical += _count_filled(records, dialect)
        kept, cells = _parse(records, starts, dialect)
        parsed += len(kept)
        if max(map(len, cells), default=0) > limits.columns:
            raise RefusedFileError(f"a line has more than {limits.columns} cells. Check the delimiter, send it again.")
        writer.add(None, [starts[i] for i in kept], cells, _kinds(cells))
        if cells:
            lengths += Counter(map(len, cells))
            last_line, last_cells = starts[kept[-1]], cells[-1]
        line += len(lines) - len(open_record)
    if open_record:
        raise _unclosed(line, dialect)
    if not _ends_with_a_line_end(file):
        _refuse_if_cut_off(last_cells, last_line, lengths, form.get("ends_at"))
    if parsed < 2:
        what = "a header and no data rows" if parsed else "only blank lines"
        raise RefusedFileError(f"the file holds {what}. Send it again, with its rows.")
    return [{"name": None, "visible": True, "read": True, "physical_rows": physical, "parsed_rows": parsed}]


def _ends_with_a_line_end(file: BinaryIO) -> bool:
    return file.seek(0, os.SEEK_END) == 0 or (file.seek(-1, os.SEEK_END) >= 0 and file.read(1) == b"\n")


def _refuse_if_cut_off(cells: Sequence[str], line: int, lengths: Mapping[int, int], ends_at: str | None) -> None:
    """Refuse a file whose last line has no end and too few cells: what came after it is lost.

    A note below the table is no such line: its beginning says so, or other lines are as short as it is.
    """
    usual = max(lengths, key=lambda length: lengths[length], default=0)
    first = next(filter(None, cells), "").strip()
    is_note = _NOTE.match(first) or (ends_at is not None and re.search(ends_at, first))
    if len(cells) >= usual or is_note or (len(cells) == 1 and len(lengths) > 2):
        return
    raise RefusedFileError(
        f"the file was cut off in line {line}: it has {len(cells)} of {usual} cells and no line end, and what followed "
        "is lost. Export the whole file anew and send that."
    )


def _dialect(form: Mapping[str, Any]) -> Mapping[str, Any]:
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


def _with_the_delimiter_that_parts(text: str, dialect: Mapping[str, Any], writer: RawWriter) -> Mapping[str, Any]:
    """The dialect with the delimiter that Excel names in a first line `sep=…`, or that parts the most lines alike.

    The declared one stands where no other parts more. Whatever differs from the declaration is reported.
    """
    lines = [line.strip("\r") for line in text.split("\n", LINES_LOOKED_AT)[:LINES_LOOKED_AT]]
    declared = dialect["delimiter"]
    named = _NAMED_DELIMITER.fullmatch(lines[0])
    if named:
        found = named[1]
    else:
        quote = dialect["quotechar"]
        bare = [re.sub(f"{quote}[^{quote}]*{quote}", "", line) if quote else line for line in lines]

        def parted(delimiter: str) -> tuple[int, int, bool]:
            counts = Counter(line.count(delimiter) for line in bare if delimiter in line)
            ((count, alike),) = counts.most_common(1) or [(0, 0)]
            return alike, count, delimiter == declared

        found = max({declared, *DELIMITERS}, key=parted)
    if found == declared:
        return dialect
    shown = "a tab" if found == "\t" else f"'{found}'"
    hint = (
        " If its numbers have a decimal comma, as Excel with Vietnamese settings writes them, and they are not "
        "understood, send the workbook itself (.xlsx)."
        if found == ";"
        else ""
    )
    writer.metadata["remarks"] = [
        {
            "check": "delimiter_is_as_agreed",
            "message": f"its cells are parted by {shown}, not by '{declared}' as agreed; it was read so",
            "next_step": f"Nothing to do if the rows are right.{hint}",
            "value": "tab" if found == "\t" else found,
        }
    ]
    return {**dialect, "delimiter": found}


def _records(
    lines: Sequence[str], dialect: Mapping[str, Any], first_line: int
) -> tuple[list[str], list[int], list[str]]:
    """Join the lines that an open quote holds together.

    Returns the records, the number of the line where each begins, and the lines of one that the block does not close.
    """
    quote = dialect["quotechar"]
    numbers = range(first_line, first_line + len(lines))
    if not quote or not any(quote in text for text in lines):
        return list(lines), list(numbers), []
    records: list[str] = []
    starts: list[int] = []
    held: list[str] = []
    size = 0
    for number, text in zip(numbers, lines, strict=True):
        held.append(text)
        size += len(text)
        is_open = len(held) > 1
        if (quote in text or is_open) and _stays_open(text, dialect["delimiter"], quote, is_open=is_open):
            if size > LONGEST_CELL_CHARACTERS + len(held[0]):
                raise _unclosed(number - len(held) + 1, dialect)
            continue
        records.append("\n".join(held))
        starts.append(number - len(held) + 1)
        held, size = [], 0
    return records, starts, held


def _stays_open(text: str, delimiter: str, quote: str, *, is_open: bool) -> bool:
    """Whether a line ends inside a quoted cell. A quote opens a cell only where the cell begins."""
    at, begins_cell = 0, not is_open
    while True:
        if is_open:
            end = text.find(quote, at)
            if end < 0:
                return True
            if text.startswith(quote, end + 1):  # a quote written twice
                at = end + 2
                continue
            is_open, begins_cell, at = False, False, end + 1
        if begins_cell and text.startswith(quote, at):
            is_open, at = True, at + 1
            continue
        at = text.find(delimiter, at) + 1
        if at == 0:
            return False
        begins_cell = True


def _count_filled(records: Sequence[str], dialect: Mapping[str, Any]) -> int:
    blank = SPACES + dialect["delimiter"] + (dialect["quotechar"] or "")
    return sum(1 for text in records if text.strip(blank))


def _parse(
    records: Sequence[str], starts: Sequence[int], dialect: Mapping[str, Any]
) -> tuple[list[int], list[list[str]]]:
    """Parse records; return the places of those that hold anything, and their cells."""
    csv.field_size_limit(LONGEST_CELL_CHARACTERS)
    try:
        rows = list(csv.reader(records, **dialect))
    except csv.Error:
        rows = []
    if len(rows) != len(records):
        raise _what_is_wrong(records, starts, dialect)
    blank = SPACES + dialect["delimiter"] + (dialect["quotechar"] or "")
    kept = [i for i, cells in enumerate(rows) if "".join(cells).strip()]
    filled = [i for i, text in enumerate(records) if text.strip(blank)]
    if kept != filled:
        odd = starts[min(set(kept) ^ set(filled))]
        raise RefusedFileError(f"line {odd} holds nothing but quotes or delimiters. Mend or delete that line.")
    for i in kept:
        if "\n" in records[i]:
            _refuse_swallowed_rows(rows[i], starts[i], dialect)
    return kept, [rows[i] for i in kept]


def _refuse_swallowed_rows(cells: Sequence[str], line: int, dialect: Mapping[str, Any]) -> None:
    """Refuse a record of several lines of which one has the delimiters of a whole row."""
    for cell in cells:
        for part in cell.split("\n")[1:]:
            if len(cells) > 1 and part.count(dialect["delimiter"]) >= len(cells) - 1:
                quote = dialect["quotechar"]
                raise RefusedFileError(
                    f"line {line} opens a quote ({quote}) that swallows whole rows below it. Remove the stray "
                    "quote, or write it twice inside a quoted cell."
                )


def _unclosed(line: int, dialect: Mapping[str, Any]) -> RefusedFileError:
    return RefusedFileError(
        f"line {line} opens a quote ({dialect['quotechar']}) that it does not close, nor does any line below within "
        f"the {LONGEST_CELL_CHARACTERS} characters of a cell. Remove the stray quote, or write it twice inside a "
        "quoted cell."
    )


def _what_is_wrong(records: Sequence[str], starts: Sequence[int], dialect: Mapping[str, Any]) -> RefusedFileError:
    """Find the record that the parser cannot read, by parsing each alone."""
    number = starts[0]
    for number, text in zip(starts, records, strict=True):
        try:
            rows = list(csv.reader([text], **dialect))
        except csv.Error as error:
            return _of_the_parser(str(error), number, text, dialect["quotechar"])
        if len(rows) > 1:
            break
    return RefusedFileError(f"line {number} is not one record. Check its quotes, and send the file again.")


def _of_the_parser(reason: str, number: int, text: str, quote: str) -> RefusedFileError:
    if "field larger" in reason:
        why = f"has a cell of more than {LONGEST_CELL_CHARACTERS} characters"
        how = "Check the delimiter and the quotes of that line."
    elif "\n" in text:
        why = f"opens a quote ({quote}) that it does not close, or closes it amid a cell some lines below"
        how = "Remove the stray quote, or write it twice inside a quoted cell."
    elif "new-line" in reason:
        why = "ends lines with a carriage return alone, as old Macintosh programs did"
        how = AS_UTF8
    else:
        why = f"has text after a closing quote ({quote})"
        how = "Write a quote inside a quoted cell twice."
    return RefusedFileError(f"line {number} {why}. {how}")


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
