"""Streaming XML from outside: no document type, so no entities to expand or fetch; no unbounded depth."""

from __future__ import annotations

from typing import BinaryIO, Protocol
from xml.parsers import expat

from assets.readers.read_jobs import RefusedFileError

CHUNK_BYTES = 1 << 16
LONGEST_TAG_BYTES = 1 << 18
"""Expat reads an unfinished tag again with each chunk, and compares each attribute of it with all others."""
MOST_ATTRIBUTES = 2_000


class Handler(Protocol):
    """Receives elements as they open and close. Names are local: prefixes and namespaces are taken
    off.
    """

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Take note of an element that opens."""

    def end(self, name: str) -> None:
        """Take note of an element that closes."""

    def text(self, data: str) -> None:
        """Take note of characters between tags."""


class _LocalNames(dict[str, str]):
    """Names without their prefixes, each worked out once: millions of elements have a dozen names."""

    def __missing__(self, name: str) -> str:
        self[name] = local = name.rpartition(":")[2]
        return local


def parse_safely(file: BinaryIO, what: str, handler: Handler, deepest: int) -> None:
    """Stream `file` through `handler`.

    Raises RefusedFileError, naming `what`, for a document type declaration (the way in for entity bombs and of
    files fetched from elsewhere), for elements nested deeper than `deepest` or with more attributes than any real
    one has, for an encoding that the parser does not know, and for XML that is not well formed.
    """
    parser = expat.ParserCreate()
    parser.buffer_text = True
    local_names = _LocalNames()
    on_start, on_end = handler.start, handler.end
    depth = 0

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > deepest:
            raise RefusedFileError(
                f"{what} nests its elements more than {deepest} deep, which no real one does. Export it anew."
            )
        if len(attributes) > MOST_ATTRIBUTES:
            raise _too_much(what)
        on_start(local_names[name], attributes)

    def end(name: str) -> None:
        nonlocal depth
        depth -= 1
        on_end(local_names[name])

    def doctype(*_: object) -> None:
        raise RefusedFileError(
            f"{what} declares a document type (DOCTYPE), through which entities can be smuggled in. Export it without."
        )

    def declaration(_version: str, encoding: str | None, _standalone: int) -> None:
        if encoding is not None and not _is_known(encoding):
            raise RefusedFileError(
                f"{what} says that it is written in the encoding '{encoding[:40]}', which cannot be read. "
                "Export it in UTF-8."
            )

    parser.XmlDeclHandler = declaration
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = handler.text
    parser.StartDoctypeDeclHandler = doctype
    given = 0
    try:
        while chunk := file.read(CHUNK_BYTES):
            parser.Parse(chunk, False)
            given += len(chunk)
            if given - max(parser.CurrentByteIndex, 0) > LONGEST_TAG_BYTES:
                raise _too_much(what)
        parser.Parse(b"", True)
    except expat.ExpatError as error:
        raise RefusedFileError(
            f"{what} is truncated or damaged ({expat.errors.messages[error.code]}, line {error.lineno}). "
            "Send it again, whole."
        ) from error


def _is_known(encoding: str) -> bool:
    """Whether the parser knows an encoding: it asks Python's codecs, which raise what they like where they do not."""
    try:
        expat.ParserCreate(encoding).Parse(b"<a/>", True)
    except (LookupError, ValueError):
        return False
    except expat.ExpatError:
        pass  # known, and not what this is written in
    return True


def _too_much(what: str) -> RefusedFileError:
    return RefusedFileError(
        f"{what} has a tag of more than {LONGEST_TAG_BYTES >> 10} KB or {MOST_ATTRIBUTES:,} attributes, which no real "
        "one has. Export it anew."
    )
