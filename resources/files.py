"""Whole or not at all: files written beside their place, made durable, and moved there in one step."""

from __future__ import annotations

import contextlib
import errno
import filecmp
import hashlib
import json
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

TEMPORARY = ".tmp-"
"""Prefix of names that are not finished; whatever carries it may be deleted when nobody writes."""
LEFT_OVER_AFTER_SECONDS = 60.0
"""Notes of the home are written, in no time, by runs that still wait for their turn: theirs are younger than this."""

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


class DiskFullError(OSError):
    """There is no room to write; the message says where and what to do."""


@contextlib.contextmanager
def naming_a_full_disk(path: Path) -> Iterator[None]:
    """Turn the system's word for a full disk or a used-up quota into a sentence about `path`."""
    try:
        yield
    except OSError as error:
        if error.errno not in _FULL or isinstance(error, DiskFullError):
            raise
        raise DiskFullError(full_disk(path, error)) from None


def out_of_reach(error: OSError) -> str:
    """Say that a place in the home cannot be used, why, and what to do."""
    path = error.filename2 or error.filename or "a file"
    step = {
        errno.EROFS: "Mount its disk for writing",
        errno.EACCES: "Let the user that runs the night read and write it",
        errno.EPERM: "Let the user that runs the night read and write it",
    }.get(error.errno or 0, "Move away what lies there")
    return f"{path} cannot be used ({error.strerror or error}). {step} and run the night again."


def full_disk(path: Path, error: object) -> str:
    """Say that there was no room to write at a place."""
    return f"nothing more can be written in {path} ({error}). Free space on its disk and run the night again."


@contextlib.contextmanager
def replacing(path: Path, durable: bool = True, mode: int = 0o644, *, keeps_equal: bool = False) -> Iterator[Path]:
    """Give a temporary path beside `path`; on leaving without an error it replaces `path` atomically.

    After a crash at any moment `path` is either what it was or what it was to become. Not `durable` is for what is
    looked at before it is used and made again where it is not whole: after a loss of power it may be neither. With
    `keeps_equal` a file that holds the same bytes already is left alone: whoever watches it sees nothing new.
    """
    with naming_a_full_disk(path.parent):
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=TEMPORARY, dir=path.parent)  # no suffix: no `*.parquet` meets it
        os.close(handle)
        temporary = Path(name)
        try:
            yield temporary
            if keeps_equal and path.is_file() and filecmp.cmp(temporary, path, shallow=False):
                return
            if durable:
                _sync_file(temporary)
            temporary.chmod(mode)
            move_folder_away(path)
            temporary.replace(path)
            if durable:
                sync_folder(path.parent)
        finally:
            temporary.unlink(missing_ok=True)


def move_folder_away(path: Path) -> None:
    """Let a folder that lies where a file or a link belongs be a leftover: what belongs there is made again."""
    if path.is_dir() and not path.is_symlink():
        path.rename(path.with_name(f"{TEMPORARY}folder-{path.name}-{os.getpid()}-{time.time_ns()}"))


def write_json(path: Path, content: Any) -> None:
    """Write JSON atomically, sorted, so that equal content gives equal bytes; a file that has them is left alone."""
    with replacing(path, keeps_equal=True) as temporary:
        temporary.write_text(json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def read_json(path: Path) -> Any:
    """Return the content of a JSON file, or None where there is none or it is not readable as JSON.

    A byte order mark, as editors of some systems write it, is read over.
    """
    try:
        return json.loads(path.read_text(encoding="utf-8-sig"))
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError, ValueError, RecursionError):
        return None


def write_sealed(path: Path, content: Any) -> None:
    """Write JSON with a digest of itself: a note that says from what a file was made must not change unnoticed."""
    plain = json.loads(json.dumps(content))  # as it will be read: lists for tuples, texts for keys
    write_json(path, {"content": plain, "sha256": _seal(plain)})


def read_sealed(path: Path) -> Any:
    """Return what `write_sealed` wrote, or None where there is nothing, or it is not as it was written."""
    sealed = read_json(path)
    if not isinstance(sealed, dict) or sealed.get("sha256") != _seal(sealed.get("content")):
        return None
    return sealed["content"]


def _seal(content: Any) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def sha256_of(path: Path) -> str:
    """Return the hex digest of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def digest_or_none(path: Path) -> str | None:
    """Return the hex digest of a file's bytes, or None where there is no file."""
    return sha256_of(path) if path.is_file() else None


def sync_folder(folder: Path) -> None:
    """Make renames in a folder survive a loss of power."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _sync_file(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())


def remove_leftovers(root: Path) -> list[Path]:
    """Delete what a killed run left unfinished below `root`. Only for the holder of the home's lock."""
    leftovers = [path for path in root.rglob(f"{TEMPORARY}*") if _is_left_over(path)]
    for path in leftovers:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
    return leftovers


def _is_left_over(path: Path) -> bool:
    try:
        return time.time() - path.lstat().st_mtime > LEFT_OVER_AFTER_SECONDS
    except FileNotFoundError:
        return False
