"""Releases in another place that an address names: S3 and what speaks it, SFTP, WebDAV, a share, whatever fsspec knows.

What is there follows `current`: the files of a release under its name, read back and compared, its manifest after them,
and last of all one object, `current.json`, that names the release. Whoever reads that object first and then the files
of the release that it names meets exactly one release, whole. Secrets come from where the store's own library looks
for them (for S3 the environment variables `AWS_…`), never from a file of ours.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

POINTER = "current.json"


class RemoteReleasesError(RuntimeError):
    """The other place cannot be used; the message says why and what to do."""


@dataclass(frozen=True)
class RemoteReleases:
    """A place for releases at an address such as `s3://bucket/growth`."""

    address: str

    def put(self, folder: Path, manifest_name: str, digests: Mapping[str, str]) -> None:
        """Let the place hold the release that lies in a folder, whose files have these digests, and point at it.

        What is there whole is not sent again. Raises RemoteReleasesError where that cannot be done: then the place
        points at what it pointed at.
        """
        try:
            manifest = (folder / manifest_name).read_bytes()
            there = f"releases/{folder.name}"
            if self._read(f"{there}/{manifest_name}") != manifest:
                for name in sorted(digests):
                    self._send(folder / name, f"{there}/{name}", digests[name])
                self._write(f"{there}/{manifest_name}", manifest)
            pointer = _as_bytes({"release_id": folder.name, "path": there, "manifest": f"{there}/{manifest_name}"})
            if self._read(POINTER) != pointer:
                self._write(POINTER, pointer)
        except RemoteReleasesError:
            raise
        except Exception as error:  # each store has exceptions of its own
            raise self._refusal(error) from error

    def current_id(self) -> str | None:
        """Return the release that readers of the place meet, or None before the first. Raises RemoteReleasesError."""
        try:
            pointer = self._read(POINTER)
        except Exception as error:
            raise self._refusal(error) from error
        return json.loads(pointer)["release_id"] if pointer is not None else None

    @cached_property
    def _store_and_root(self) -> tuple[Any, str]:
        import fsspec  # only where a place is named

        # what another process has written since is to be seen, so that no listing is kept
        store, root = fsspec.url_to_fs(self.address, use_listings_cache=False, skip_instance_cache=True)
        return store, root.rstrip("/")

    @property
    def _store(self) -> Any:
        return self._store_and_root[0]

    @property
    def _root(self) -> str:
        return self._store_and_root[1]

    def _send(self, path: Path, name: str, digest: str) -> None:
        self._write(name, path.read_bytes())
        found = self._read(name)
        if found is None or hashlib.sha256(found).hexdigest() != digest:
            raise RemoteReleasesError(
                f"{self.address} holds other bytes under {name} than were sent. It points at what it pointed at; see "
                "that nothing else writes there and run the night again."
            )

    def _write(self, name: str, content: bytes) -> None:
        path = f"{self._root}/{name}"
        self._store.makedirs(path.rpartition("/")[0], exist_ok=True)
        self._store.pipe_file(path, content)

    def _read(self, name: str) -> bytes | None:
        try:
            content: bytes = self._store.cat_file(f"{self._root}/{name}")
        except FileNotFoundError:
            return None
        return content

    def _refusal(self, error: Exception) -> RemoteReleasesError:
        why = " ".join(str(error).split())[:300] or type(error).__name__
        return RemoteReleasesError(
            f"the release could not be put to {self.address} ({why}). It stands here, and readers there meet the one "
            "of before: see that the place is reachable and that the night may write there, and run the night again."
        )


def _as_bytes(content: Mapping[str, str]) -> bytes:
    return (json.dumps(content, indent=1, sort_keys=True) + "\n").encode()
