"""Files that are costly to make are reused by the next release, as long as what they show stays the same.

`made_of.json` in a release says by a digest what each of them was made of. A file is reused only if its bytes are
those that the earlier release promised; so a release holds the same bytes whether a file was made or reused.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from resources.files import read_json, sha256_of, write_json

MADE_OF = "made_of.json"


@dataclass(frozen=True)
class ReusedFiles:
    """Writes files into the folder of a release, or copies them from an earlier release."""

    folder: Path
    earlier: Path | None
    code: str

    def put(self, name: str, shows: object, make: Callable[[], bytes]) -> None:
        """Write a file that shows something (anything that JSON can say): made, or reused if it would be the same."""
        text = json.dumps([self.code, shows], ensure_ascii=False, sort_keys=True, default=str)
        digest = hashlib.sha256(text.encode()).hexdigest()
        path = self.folder / name
        if (kept := self._kept(name, digest)) is not None:
            shutil.copyfile(kept, path)
        else:
            path.write_bytes(make())
        write_json(self.folder / MADE_OF, {**(read_json(self.folder / MADE_OF) or {}), name: digest})

    def _kept(self, name: str, digest: str) -> Path | None:
        """The file of the earlier release, if it shows the same and is whole."""
        if self.earlier is None or (read_json(self.earlier / MADE_OF) or {}).get(name) != digest:
            return None
        promised = (read_json(self.earlier / "manifest.json") or {}).get("files", {}).get(name, {}).get("sha256")
        path = self.earlier / name
        return path if path.is_file() and sha256_of(path) == promised else None
