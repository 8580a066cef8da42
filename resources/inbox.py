"""The inbox: folders where suppliers put files. It is read, never written, and no link in it is followed.

Whoever may write into an inbox must not be able to have another file of this machine read: a link, a device or a pipe
is refused where it lies. That holds for the folder of a feed, too: to keep a feed elsewhere, mount it there.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import hashlib
import os
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from resources.file_names import printable

UNFINISHED_SUFFIXES = (".part", ".tmp", ".crdownload", ".filepart", ".swp")
UNFINISHED_PREFIXES = ("~$", ".~lock", ".")

_LIKE_A_FILE = re.compile(r"(?i)\.(csv|xlsx|xlsm|xls|ods|xml|pdf|zip)$")
_NO_FILES = {
    stat.S_IFLNK: "a link, and links are never followed",
    stat.S_IFDIR: "a folder in the place of a file",
    stat.S_IFIFO: "a named pipe, which is no file",
    stat.S_IFSOCK: "a socket, which is no file",
    stat.S_IFCHR: "a device, which is no file",
    stat.S_IFBLK: "a device, which is no file",
}


@dataclass(frozen=True)
class InboxFile:
    """What lies in the inbox. `folder` is the feed it was put under; '' at the top of the inbox.

    `relative_path` is its path in the inbox, printable; `refusal` says why it cannot be taken, where that is seen from
    outside.
    """

    folder: str
    path: Path
    relative_path: str
    refusal: str | None = None


def files_in(inbox: Path, folder: str | None = None) -> list[InboxFile]:
    """Return what an inbox (or one folder in it) offers, in order of name.

    Hidden files and unfinished copies (`.part`, `~$…`) are left alone until they get their real name. Raises OSError
    if the inbox itself cannot be listed.
    """
    if not inbox.is_dir():
        return []
    found: list[InboxFile] = []
    for path in inbox.iterdir():
        mode = _mode_of(path)
        if isinstance(mode, int) and stat.S_ISREG(mode):
            found += [InboxFile("", path, printable(path.name))] if folder in (None, "") else []
        elif folder in (None, path.name) and path.name[0] != ".":
            found += _below(inbox, path.name)
    found = [inbox_file for inbox_file in found if inbox_file.refusal or not _is_unfinished_name(inbox_file.path)]
    return sorted(found, key=lambda inbox_file: (inbox_file.folder, str(inbox_file.path)))


def _below(inbox: Path, folder: str) -> Iterator[InboxFile]:
    """Yield the files below one entry of the inbox, and whatever there is no file."""
    waiting = [inbox / folder]
    while waiting:
        path = waiting.pop()
        mode = _mode_of(path)
        relative_path = printable(str(path.relative_to(inbox)))
        if isinstance(mode, OSError):
            if not isinstance(mode, FileNotFoundError) and not _is_unfinished_name(path):
                yield InboxFile(folder, path, relative_path, unreadable(relative_path, mode))
        elif stat.S_ISREG(mode):
            yield InboxFile(folder, path, relative_path)
        elif stat.S_ISDIR(mode) and not _LIKE_A_FILE.search(path.name):
            try:
                waiting += path.iterdir()
            except FileNotFoundError:
                continue
            except OSError as error:
                yield InboxFile(folder, path, relative_path, unreadable(relative_path, error))
        elif not _is_unfinished_name(path):
            yield InboxFile(folder, path, relative_path, _no_file(relative_path, mode))


def _mode_of(path: Path) -> int | OSError:
    try:
        return os.lstat(path).st_mode
    except OSError as error:
        return error


def _is_unfinished_name(path: Path) -> bool:
    name = path.name.lower()
    return name.startswith(UNFINISHED_PREFIXES) or name.endswith(UNFINISHED_SUFFIXES)


def _no_file(relative_path: str, mode: int) -> str:
    what = _NO_FILES.get(stat.S_IFMT(mode), "no file")
    return (
        f"'{relative_path}' in the inbox is {what}. [rule deliveries_are_files] Put the file itself there, or take it "
        "out of the inbox."
    )


def unreadable(relative_path: str, error: OSError) -> str:
    """Say that something in the inbox could not be read, and what to do."""
    why = os.strerror(error.errno) if error.errno else type(error).__name__
    return (
        f"'{relative_path}' in the inbox cannot be read ({why}). [rule deliveries_are_readable] Let the user that runs "
        "the night read it, or take it out of the inbox."
    )


def reading_fails(inbox_file: InboxFile) -> str | None:
    """Return why a file cannot even be opened for reading; None if it can, or is gone by now."""
    try:
        os.close(_opened(inbox_file.path))
    except FileNotFoundError:
        return None
    except OSError as error:
        return unreadable(inbox_file.relative_path, error)
    return None


def read_when_settled(path: Path) -> bytes | None:
    """Return the bytes of a file, or None while somebody is still writing it.

    A file counts as being written while a process holds it open for writing (asked of the kernel by a read
    lease, where the file system offers one) or while its size or times change as we read. Raises OSError if it cannot
    be read, or is a link or no file by now.
    """
    with os.fdopen(_opened(path), "rb") as file:
        before = _stamp(os.fstat(file.fileno()))
        if _has_writer(file.fileno()):
            return None
        content = file.read()
        after = stamp_of(path)
    return content if before == after else None


def _opened(path: Path) -> int:
    """Open a file and nothing else: no link is followed, and no pipe is waited for."""
    handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise OSError(errno.EINVAL, os.strerror(errno.EINVAL), str(path))
    return handle


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
    """Return size, times and identity of a file as one text: equal means that nobody touched it.

    Of a link, its own; of what cannot be looked at, why.
    """
    try:
        return _stamp(path.lstat())
    except OSError as error:
        return os.strerror(error.errno or 0)


def _stamp(status: os.stat_result) -> str:
    return f"{status.st_size}/{status.st_mtime_ns}/{status.st_ctime_ns}/{status.st_ino}"


def listing_digest(inbox: Path) -> str:
    """Return a digest of names and stamps of all that lies in an inbox: equal means that nothing was touched."""
    listing = [(inbox_file.relative_path, stamp_of(inbox_file.path)) for inbox_file in files_in(inbox)]
    return hashlib.sha256(repr(listing).encode()).hexdigest()
