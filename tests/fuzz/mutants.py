"""Files of each kind, spoilt where their structure is: not bytes at random, but what programs and people do wrong."""

from __future__ import annotations

import io
import json
import random
import re
import zipfile
import zlib
from collections.abc import Callable, Mapping
from typing import Any

from tests.office_made_files import CSV, SDMX, XLSX, ods, sdmx, workbook, xls

Table = list[list[Any]]
FORMS: Mapping[str, Mapping[str, Any]] = {
    "csv": CSV,
    "xlsx": XLSX,
    "xls": XLSX,
    "ods": XLSX,
    "jsonstat": {"reader": "jsonstat"},
    "sdmx": SDMX,
    "generic": SDMX,
}
_WORDS = (
    "Sóc Trăng",
    "tôm",
    "a, b",
    "x;y",
    'nói "có"',
    "…",
    "-",
    "dòng 1\ndòng 2",
    "12",
    "0.5",
    " ",
    "=1+1",
    "<b>&amp;",
)


def mutant(kind: str, number: int) -> bytes:
    """The mutant of a kind with a number; number 0 is as good as its maker can."""
    dice = random.Random(f"{kind} {number}")
    content = _MAKERS[kind](_table(dice), dice)
    for _ in range(dice.choice((1, 1, 2, 3)) if number else 0):
        content = _SPOILERS[kind](content, dice)
    return content


def _table(dice: random.Random) -> Table:
    width = dice.randint(2, 5)
    rows = [[f"cột {column}" for column in range(width)]]
    return rows + [[_cell(dice) for _ in range(width)] for _ in range(dice.randint(2, 12))]


def _cell(dice: random.Random) -> Any:
    return dice.choice((dice.choice(_WORDS), dice.randint(-9, 10**9), round(dice.uniform(-1e6, 1e6), 4), None, 2024))


def _csv(table: Table, dice: random.Random) -> bytes:
    delimiter = dice.choice((",", ",", ";", "\t"))
    end = dice.choice(("\n", "\r\n"))
    lines = []
    for row in table:
        cells = ["" if cell is None else str(cell) for cell in row]
        quoted = [f'"{c.replace(chr(34), chr(34) * 2)}"' if re.search(f'[{delimiter}"\n;]', c) else c for c in cells]
        lines.append(delimiter.join(quoted))
    return (end.join(lines) + end).encode()


def _plain(table: Table) -> Table:
    """A table without texts that begin like a formula, which writers of workbooks take for one."""
    return [[cell.lstrip("=") if isinstance(cell, str) else cell for cell in row] for row in table]


def _ods(table: Table, dice: random.Random) -> bytes:
    escaped = [[re.sub("[<>&\n]", "+", cell) if isinstance(cell, str) else cell for cell in row] for row in table]
    return ods(escaped)


def _json_stat(table: Table, dice: random.Random) -> bytes:
    sizes = [dice.randint(1, 3), dice.randint(1, 4)]
    dimension = {
        name: {"category": {"index": [f"{name}{n}" for n in range(size)], "label": {f"{name}0": "tôm"}}}
        for name, size in zip("ab", sizes, strict=True)
    }
    values = [dice.choice((None, 1.5, 7, -0.25, "..")) for _ in range(sizes[0] * sizes[1])]
    said = {"version": "2.0", "class": "dataset", "id": ["a", "b"], "size": sizes, "dimension": dimension}
    return json.dumps({**said, "value": values}).encode() + dice.choice((b"", b"\0"))


def _sdmx(table: Table, dice: random.Random) -> bytes:
    body = ""
    for series in range(dice.randint(1, 3)):
        observations = "".join(
            f'<Obs TIME_PERIOD="{2020 + year}" OBS_VALUE="{dice.choice(("1.5", "NaN", "1E3", "-2", ""))}"/>'
            for year in range(dice.randint(0, 4))
        )
        body += f'<Series REF_AREA="VN" INDICATOR="S{series}">{observations}</Series>'
    return sdmx(body)


def _generic(table: Table, dice: random.Random) -> bytes:
    from tests.integration.test_sdmx_messages import HEAD, TAIL, observation, series

    found = [
        series(
            f"S{n}", *(observation(str(2020 + year), str(dice.randint(0, 99))) for year in range(dice.randint(1, 4)))
        )
        for n in range(dice.randint(1, 3))
    ]
    return (HEAD + "".join(found) + TAIL).encode()


_MAKERS: Mapping[str, Callable[[Table, random.Random], bytes]] = {
    "csv": _csv,
    "xlsx": lambda table, _: workbook(_plain(table)),
    "xls": lambda table, _: xls(_plain(table)),
    "ods": _ods,
    "jsonstat": _json_stat,
    "sdmx": _sdmx,
    "generic": _generic,
}


def _cut(content: bytes, dice: random.Random) -> bytes:
    return content[: dice.randrange(len(content) + 1)]


def _piece_twice_or_gone(content: bytes, dice: random.Random, pieces: list[bytes]) -> bytes:
    """The content with one of the pieces that it is made of said twice, taken out, or put in another's place."""
    if not pieces:
        return content
    piece, other = dice.choice(pieces), dice.choice(pieces)
    return content.replace(piece, dice.choice((piece * 2, b"", other)), dice.choice((1, -1)))


_PUT = (
    b'"', b'""', b"\n", b"\r", b",", b";", b"\t", b"\0", b"\xff", b" ", b'"\n"', b"sep=;\n", b"\xef\xbb\xbf",
)  # fmt: skip


def _spoil_csv(content: bytes, dice: random.Random) -> bytes:
    at = dice.randrange(len(content) + 1)
    put = dice.choice(
        (b'"', b'""', b"\n", b"\r", b",", b";", b"\t", b"\0", b"\xff", b" ", b'"\n"', b"sep=;\n", b"\xef\xbb\xbf")
    )
    lines = content.splitlines(keepends=True)
    return dice.choice(
        (
            lambda: content[:at] + put + content[at:],
            lambda: content[:at] + content[at + 1 :],
            lambda: _piece_twice_or_gone(content, dice, lines),
            lambda: _cut(content, dice),
            lambda: put + content,
        )
    )()


_TAGS = re.compile(rb"<[^>]*>")
_ATTRIBUTES = re.compile(rb'[\w:]+="[^"]*"')


def _spoil_xml(content: bytes, dice: random.Random) -> bytes:
    tags, attributes = _TAGS.findall(content), _ATTRIBUTES.findall(content)
    value = dice.choice((b'="0"', b'="-1"', b'=""', b'="99999999"', b'="s"', b'="e"', b'="string"', b'="A1"', b'="x"'))
    changed = re.sub(rb"=.*", lambda _: value, dice.choice(attributes)) if attributes else b""
    texts = re.findall(rb">([^<>]+)<", content)
    text = dice.choice(texts) if texts else b""
    return dice.choice(
        (
            lambda: _piece_twice_or_gone(content, dice, tags),
            lambda: _piece_twice_or_gone(content, dice, attributes),
            lambda: content.replace(dice.choice(attributes), changed, 1) if attributes else content,
            lambda: content.replace(b">" + text + b"<", b"><![CDATA[" + text + b"]]><", 1),
            lambda: content.replace(b">" + text + b"<", dice.choice((b"> 7 <", b"><", b">1e400<", b">\xff<")), 1),
            lambda: _cut(content, dice),
        )
    )()


def _spoil_zip(content: bytes, dice: random.Random) -> bytes:
    """Spoil the XML of one part and pack the archive again; or the archive itself."""
    if dice.random() < 0.1:
        return _spoil_bytes(content, dice)
    packed = io.BytesIO()
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as new:
            names = old.namelist()
            sheets = [name for name in names if "sheet1" in name or name == "content.xml"]
            chosen = dice.choice(names + sheets * len(names))
            what = dice.random()
            for name in names:
                part = old.read(name)
                if name != chosen or what > 0.1:
                    renamed = name.replace("/", "\\") if name == chosen and what > 0.95 else name
                    new.writestr(renamed, _spoil_xml(part, dice) if name == chosen else part)
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, RuntimeError, NotImplementedError, ValueError):
        return content
    return packed.getvalue()


def _spoil_bytes(content: bytes, dice: random.Random) -> bytes:
    spoilt = bytearray(content)
    for _ in range(dice.randint(1, 6)):
        if spoilt:
            spoilt[dice.randrange(len(spoilt))] = dice.randrange(256)
    return bytes(spoilt)


def _spoil_json(content: bytes, dice: random.Random) -> bytes:
    pieces = re.findall(rb'"[^"]*"|-?[\d.]+|[\[\]{},:]|null', content)
    return dice.choice(
        (
            lambda: _piece_twice_or_gone(content, dice, pieces),
            lambda: _piece_twice_or_gone(content, dice, pieces),
            lambda: content.replace(
                dice.choice(pieces or [b"x"]), dice.choice((b"null", b"1e999", b"{}", b"[]", b"NaN")), 1
            ),
            lambda: _cut(content, dice),
        )
    )()


_SPOILERS: Mapping[str, Callable[[bytes, random.Random], bytes]] = {
    "csv": _spoil_csv,
    "xlsx": _spoil_zip,
    "xls": _spoil_bytes,
    "ods": _spoil_zip,
    "jsonstat": _spoil_json,
    "sdmx": _spoil_xml,
    "generic": _spoil_xml,
}
