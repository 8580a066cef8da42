"""The inbox: folders where suppliers put files. It is read, never written."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

UNFINISHED_SUFFIXES = (".part", ".tmp", ".crdownload", ".filepart", ".swp")
UNFINISHED_PREFIXES = ("~$", ".~lock", ".")


@dataclass(frozen=True)
class Offered:
    """A file in the inbox. `folder` is the feed it was put under; '' at the top of the inbox."""

    folder: str
    path: Path


def files_in(inbox: Path, folder: str | None = None) -> list[Offered]:
    """Return the files of an inbox (or of one folder in it), in order of name.

    Hidden files and unfinished copies (`.part`, `~$…`) are left alone until they get their real name.
    """
    if not inbox.is_dir():
        return []
    folders = [folder] if folder is not None else _folders(inbox)
    found = []
    for name in folders:
        place = inbox / name if name else inbox
        if not place.is_dir():
            continue
        paths = place.iterdir() if not name else place.rglob("*")
        found += [Offered(name, path) for path in paths if path.is_file() and not _is_unfinished_name(path)]
    return sorted(found, key=lambda offered: (offered.folder, str(offered.path)))


def _folders(inbox: Path) -> list[str]:
    return ["", *sorted(path.name for path in inbox.iterdir() if path.is_dir() and path.name[0] != ".")]


def _is_unfinished_name(path: Path) -> bool:
    name = path.name.lower()
    return name.startswith(UNFINISHED_PREFIXES) or name.endswith(UNFINISHED_SUFFIXES)


def read_when_settled(path: Path) -> bytes | None:
    """Return the bytes of a file, or None while somebody is still writing it.

    A file counts as being written while a process holds it open for writing (asked of the kernel by a read
    lease, where the file system offers one) or while its size or times change as we read.
    """
    with path.open("rb") as file:
        before = _stamp(os.fstat(file.fileno()))
        if _has_writer(file.fileno()):
            return None
        content = file.read()
        after = stamp_of(path)
    return content if before == after else None


def _has_writer(handle: int) -> bool:
    lease = getattr(fcntl, "F_SETLEASE", None)
    if lease is None:
        return False
    try:
        fcntl.fcntl(handle, lease, fcntl.F_RDLCK)
    except OSError as error:
        # Only EAGAIN means "open for writing"; a foreign owner or a network file system cannot say.
        return error.errno == errno.EAGAIN
    with contextlib.suppress(OSError):
        fcntl.fcntl(handle, lease, fcntl.F_UNLCK)
    return False


def stamp_of(path: Path) -> str:
    """Return size, times and identity of a file as one text: equal means that nobody touched it."""
    return _stamp(path.stat())


def _stamp(status: os.stat_result) -> str:
    return f"{status.st_size}/{status.st_mtime_ns}/{status.st_ctime_ns}/{status.st_ino}"


def listing_digest(inbox: Path) -> str:
    """Return a digest of names and stamps of all files in an inbox: equal means that nothing was touched."""
    listing = [(o.path.relative_to(inbox).as_posix(), stamp_of(o.path)) for o in files_in(inbox)]
    return hashlib.sha256(repr(listing).encode()).hexdigest()
