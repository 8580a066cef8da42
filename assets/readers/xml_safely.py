"""Streaming XML from outside: no document type, so no entities to expand or fetch; no unbounded depth."""

from __future__ import annotations

from typing import BinaryIO, Protocol
from xml.parsers import expat

from assets.readers.jobs import RefusedFileError


class Handler(Protocol):
    """What is told of elements as they open and close. Names are local: prefixes and namespaces are taken
    off.
    """

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Take note of an element that opens."""

    def end(self, name: str) -> None:
        """Take note of an element that closes."""

    def text(self, data: str) -> None:
        """Take note of characters between tags."""


def parse_safely(file: BinaryIO, what: str, handler: Handler, deepest: int) -> None:
    """Stream `file` through `handler`.

    Raises RefusedFileError, naming `what`, for a document type declaration (the door of entity bombs and of
    files fetched from elsewhere), for elements nested deeper than `deepest`, and for XML that is not well
    formed.
    """
    parser = expat.ParserCreate()
    parser.buffer_text = True
    local_names: dict[str, str] = {}
    depth = 0

    def local(name: str) -> str:
        known = local_names.get(name)
        if known is None:
            known = local_names[name] = name.rpartition(":")[2]
        return known

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > deepest:
            raise RefusedFileError(
                f"{what} nests its elements more than {deepest} deep, which no real one does. Export it anew."
            )
        handler.start(local(name), attributes)

    def end(name: str) -> None:
        nonlocal depth
        depth -= 1
        handler.end(local(name))

    def doctype(*_: object) -> None:
        raise RefusedFileError(
            f"{what} declares a document type (DOCTYPE), through which entities can be smuggled in. Export it without."
        )

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = handler.text
    parser.StartDoctypeDeclHandler = doctype
    try:
        parser.ParseFile(file)
    except expat.ExpatError as error:
        raise RefusedFileError(
            f"{what} is truncated or damaged ({expat.errors.messages[error.code]}, line {error.lineno}). "
            "Send it again, whole."
        ) from error
