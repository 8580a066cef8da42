"""Folders elsewhere, by any file system that fsspec knows: S3-compatible stores, SFTP, a mounted share.

They are read, never written. Credentials come from the environment, as the libraries of each look for them.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from resources.inbox import UNFINISHED_PREFIXES, UNFINISHED_SUFFIXES

SETTLED_SECONDS = 60.0
"""For how long nothing may have changed in a file before it counts as whole at the first look."""


class RemoteError(Exception):
    """A folder that cannot be looked into; the message is what somebody can act on."""


@dataclass(frozen=True)
class RemoteFile:
    """A file elsewhere: its place below the folder, its size, and a stamp that changes with it."""

    relative_path: str
    size: int
    stamp: str
    modified_at: float | None


class RemoteFolder:
    """One look into a folder elsewhere."""

    def __init__(self, address: str, options: Mapping[str, Any]) -> None:
        import fsspec  # only where such a folder is declared

        try:
            self._files, self._root = fsspec.url_to_fs(address, skip_instance_cache=True, **options)
        except (ImportError, ValueError) as error:
            raise RemoteError(f"no library here opens it ({error}). Install the extra 'remote'") from None
        except Exception as error:  # noqa: BLE001 - each library has errors of its own
            raise RemoteError(_message_of(error)) from None

    def files(self) -> Iterator[RemoteFile]:
        """Yield the files below the folder, in order, but for hidden and unfinished ones. Raises RemoteError."""
        try:
            found = self._files.find(self._root, detail=True)
        except Exception as error:  # noqa: BLE001 - each library has errors of its own
            raise RemoteError(_message_of(error)) from None
        root = self._root.rstrip("/")
        for path, facts in sorted(found.items()):
            relative_path = path.removeprefix(root).strip("/")
            if not any(_is_unfinished(name) for name in relative_path.split("/")):
                yield _remote_file(relative_path, facts)

    def read(self, file: RemoteFile, seen: str | None) -> bytes | None:
        """Return the bytes of a file, or None while somebody may be writing it. Raises RemoteError.

        It counts as whole if it is as it was at an earlier look (`seen`) or was not changed for a while, and does not
        change while it is read.
        """
        is_old = file.modified_at is not None and time.time() - file.modified_at > SETTLED_SECONDS
        if file.stamp != seen and not is_old:
            return None
        path = f"{self._root.rstrip('/')}/{file.relative_path}"
        try:
            content: bytes = self._files.cat_file(path)
            after = _remote_file(file.relative_path, self._files.info(path))
        except FileNotFoundError:
            return None
        except Exception as error:  # noqa: BLE001 - each library has errors of its own
            raise RemoteError(f"{file.relative_path}: {_message_of(error)}") from None
        return content if after.stamp == file.stamp and len(content) == file.size else None


def _remote_file(relative_path: str, facts: Mapping[str, Any]) -> RemoteFile:
    """What a file system says of a file: each calls the time of the last change in its own way."""
    names = ("LastModified", "mtime", "last_modified", "created")
    changed = next((facts[name] for name in names if name in facts), None)
    modified_at = changed.timestamp() if isinstance(changed, dt.datetime) else changed
    size = int(facts.get("size") or 0)
    stamp = f"{size}/{modified_at}/{facts.get('ETag') or ''}"
    return RemoteFile(relative_path, size, stamp, modified_at if isinstance(modified_at, int | float) else None)


def _is_unfinished(name: str) -> bool:
    return name.lower().startswith(UNFINISHED_PREFIXES) or name.lower().endswith(UNFINISHED_SUFFIXES)


def _message_of(error: Exception) -> str:
    return " ".join(f"{type(error).__name__}: {error}".split())[:200]
