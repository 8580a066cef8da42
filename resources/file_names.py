"""Names that suppliers give their files: as text that can be shown and kept, and as names that we may write.

A name is whatever bytes a file system allows: 255 of them, no UTF-8, line breaks. It is a supplier's text like any
other: shown and stored as text that anybody can read, and never the length or the letters of a path of ours.
"""

from __future__ import annotations

import re
import unicodedata
from pathlib import PurePath

NAME_LIMIT = 234
"""Bytes of a name: the 255 that file systems allow, less `.<delivery_id>.csv` that the file of its findings adds."""
RECEIPT = "receipt.json"
"""The one name beside a landed file, which no landed file may have."""

_NOT_SHOWN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
_ESCAPE = re.compile(r"\{(?:x([0-9a-f]{2})|u([0-9a-f]{4,6}))\}")


def printable(name: str) -> str:
    """Return a name or path as text that can be shown, printed in one line and written as UTF-8.

    A byte that is no UTF-8 becomes `{xff}`, a character that cannot be seen `{u000a}`, and so do the backslash and the
    brace, so that `spelled` gives the name back.
    """
    return "".join(map(_shown, name))


def _shown(character: str) -> str:
    if unicodedata.category(character) not in _NOT_SHOWN and character not in "\\{":
        return character
    code = ord(character)
    if 0xDC80 <= code <= 0xDCFF:  # how Python carries a byte that is no UTF-8
        return f"{{x{code - 0xDC00:02x}}}"
    return f"{{u{code:04x}}}"


def spelled(text: str) -> str:
    """Return the name or path that `printable` made a text of."""

    def character(match: re.Match[str]) -> str:
        byte, point = match.groups()
        return chr(0xDC00 + int(byte, 16)) if byte else chr(int(point, 16))

    return _ESCAPE.sub(character, text)


def composed(name: str) -> str:
    """Return the name of a file with composed letters: some systems keep an accent as a sign of its own."""
    return unicodedata.normalize("NFC", name)


def fault_of(name: str) -> str | None:
    """Return what is wrong with a name, already made printable, and the next step; None where it can stay as it is."""
    if "{" in name:
        return (
            "its name holds bytes that are no UTF-8, characters that cannot be seen, a backslash or a brace; they are "
            "written here in braces. [rule names_are_understood] Rename it with letters, digits, '-' and '_', and send "
            "it again."
        )
    if len(name.encode()) > NAME_LIMIT:
        return (
            f"its name has {len(name.encode())} bytes, and a name may have {NAME_LIMIT}. [rule names_are_understood] "
            "Shorten the note at its end and send it again."
        )
    return None


def safe_name(name: str, limit: int = NAME_LIMIT) -> str:
    """Return the name under which a file with this (printable) name is kept: itself, if it is short and not taken."""
    if name == RECEIPT:
        return f"_{name}"
    if len(name.encode()) <= limit:
        return name
    suffix = PurePath(name).suffix
    suffix = suffix if len(suffix.encode()) <= 10 else ""
    return name.encode()[: limit - len(suffix.encode())].decode(errors="ignore") + suffix
