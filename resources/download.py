"""A file by its address: asked for only if it has changed, bounded in size and time, resumed where it broke off.

Only faults of transport are tried again: a server that answers no is believed. Knows http and https alone.
"""

from __future__ import annotations

import http.client
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

from resources.files import read_json, write_json

_AT_ONCE = 1 << 16
_SILENCE_SECONDS = 20.0
"""How long a server may say nothing before the connection counts as broken."""
_PAUSES = (0.5, 2.0)
"""Seconds between attempts: three in all."""


class DownloadError(Exception):
    """A file that could not be had; the message is what somebody can act on, and names no address."""


@dataclass(frozen=True)
class Bounds:
    """What one file may cost."""

    most_bytes: int
    seconds: float


@dataclass(frozen=True)
class FetchRequest:
    """What is asked for: an address, headers that may be secret and never follow to another server, and a body."""

    address: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None


@dataclass(frozen=True)
class Download:
    """A file that was had whole, and how its server names this state of it."""

    content: bytes
    etag: str | None
    last_modified: str | None

    @property
    def modified_at(self) -> float | None:
        """When its server says that it was changed, in seconds."""
        try:
            return parsedate_to_datetime(self.last_modified).timestamp() if self.last_modified else None
        except ValueError:
            return None


def download(
    asked: FetchRequest, part: Path, bounds: Bounds, etag: str | None, last_modified: str | None
) -> Download | None:
    """Return a file, or None if it is still the one that its server named so.

    What arrived before a connection broke lies in `part`, for the next attempt or the next night. Raises
    DownloadError.
    """
    deadline = time.monotonic() + bounds.seconds
    for pause in (*_PAUSES, None):
        try:
            return _attempt(asked, part, bounds, deadline, etag, last_modified)
        except urllib.error.HTTPError as error:
            if error.code == http.HTTPStatus.NOT_MODIFIED:
                return None
            _forget(part)
            raise DownloadError(f"the server answers {error.code} {error.reason}") from None
        except (OSError, http.client.HTTPException) as error:
            why = str(getattr(error, "reason", error)) or type(error).__name__
            if pause is None or time.monotonic() + pause > deadline:
                raise DownloadError(f"the connection fails ({why})") from None
            time.sleep(pause)
    raise AssertionError("the last pause is none")


class _NoDowngradeToHttp(urllib.request.HTTPRedirectHandler):
    """Follows where a server points, but never from a safe connection to another."""

    def redirect_request(self, req: urllib.request.Request, *rest: Any) -> urllib.request.Request | None:
        new = super().redirect_request(req, *rest)
        if new is not None and (new.type not in ("http", "https") or (req.type == "https" and new.type != "https")):
            raise DownloadError(f"the server points to {new.type}, which is not followed")
        return new


def _attempt(
    asked: FetchRequest, part: Path, bounds: Bounds, deadline: float, etag: str | None, last_modified: str | None
) -> Download | None:
    request = urllib.request.Request(asked.address, data=asked.body)
    for name, value in asked.headers.items():
        request.add_unredirected_header(name, value)
    begun = _begun(part) if asked.body is None else None
    if begun is not None:
        request.add_header("Range", f"bytes={part.stat().st_size}-")
        request.add_header("If-Range", begun)
    elif asked.body is None:
        for name, known in (("If-None-Match", etag), ("If-Modified-Since", last_modified)):
            if known:
                request.add_header(name, known)
    opener = urllib.request.build_opener(_NoDowngradeToHttp)
    with opener.open(request, timeout=_SILENCE_SECONDS) as answer:
        _receive(answer, part, bounds, deadline)
        content = part.read_bytes()
        _forget(part)
        return Download(content, answer.headers.get("ETag"), answer.headers.get("Last-Modified"))


def _receive(answer: http.client.HTTPResponse, part: Path, bounds: Bounds, deadline: float) -> None:
    """Write what comes into the part, behind what is there if the server goes on from it."""
    begun = part.stat().st_size if part.exists() else 0
    goes_on = answer.status == http.HTTPStatus.PARTIAL_CONTENT and begun > 0
    if goes_on and not (answer.headers.get("Content-Range") or "").startswith(f"bytes {begun}-"):
        _forget(part)
        raise http.client.HTTPException("it goes on from another place than was asked for")
    length = answer.headers.get("Content-Length")
    size = begun if goes_on else 0
    whole = size + int(length) if length and length.isdigit() else None
    part.parent.mkdir(parents=True, exist_ok=True)
    # A weak tag names no bytes, so that nothing can go on from it.
    tag = answer.headers.get("ETag") or ""
    write_json(_note(part), "" if tag.startswith("W/") else tag or answer.headers.get("Last-Modified") or "")
    with part.open("ab" if goes_on else "wb") as file:
        while some := answer.read(_AT_ONCE):
            size += len(some)
            if size > bounds.most_bytes:
                file.close()
                _forget(part)
                raise DownloadError(f"it has more than the {bounds.most_bytes:,} bytes that are allowed")
            file.write(some)
            if time.monotonic() > deadline:
                raise DownloadError(f"it takes longer than the {bounds.seconds:g} seconds that are allowed")
    if whole is not None and size < whole:
        raise http.client.HTTPException(f"it broke off after {size:,} of {whole:,} bytes")


def _begun(part: Path) -> str | None:
    """How the server named the file of which a part is here; None where nothing can go on from it."""
    note = read_json(_note(part)) if part.exists() and part.stat().st_size else None
    return note if isinstance(note, str) and note else None


def _note(part: Path) -> Path:
    return part.with_name(f"{part.name}.json")


def _forget(part: Path) -> None:
    part.unlink(missing_ok=True)
    _note(part).unlink(missing_ok=True)
