"""Backs a home up into one file, and restores it into an empty place.

A backup holds what cannot be made again: landed deliveries, releases, their journal, what the home remembers of itself,
and the operator's settings. Every other table follows from landing, so the next night makes it again. Not in it: what
lies in the inbox and has not landed, Dagster's runs and events, and secrets, which lie in no file of the home.

It may be made while a night runs. Landed files and releases never change, and releases are read before the landing:
whatever a release in the backup rests on has landed before it.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import json
import shutil
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path

from resources.files import TEMPORARY, replacing, sync_folder, write_json
from resources.home import HOME_NOTE, Home
from resources.operator import SETTINGS
from resources.releases import ReleaseStore

CONTENTS = "backup.json"
FORM = 1
_SINGLE_FILES = (HOME_NOTE, SETTINGS, "dagster/dagster.yaml", "failures.log", "marts/journal.jsonl")


class BackupError(RuntimeError):
    """A backup cannot be made or restored; the message says why and what to do."""


def back_up(home: Home, path: Path) -> int:
    """Write a backup of a home to a file, whole or not at all; return how many files it holds.

    A name that ends in `.gz` is compressed. Raises BackupError if nothing has landed in the home.
    """
    if not home.landing.is_dir():
        raise BackupError(f"Nothing has landed in {home.root}: there is nothing to back up. Is GROWTH_HOME right?")
    digests: dict[str, str] = {}
    with replacing(path) as unfinished, tarfile.open(unfinished, "w:gz" if path.suffix == ".gz" else "w") as archive:
        current = ReleaseStore(home.marts).current_id()
        for file in _files(home):
            name = file.relative_to(home.root).as_posix()
            try:
                content = file.read_bytes()
            except FileNotFoundError:  # replaced or pruned since it was listed
                continue
            digests[name] = hashlib.sha256(content).hexdigest()
            _add(archive, name, content)
        facts = {
            "form": FORM, "made_at": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
            "root": str(home.root), "current": current, "files": digests,
        }  # fmt: skip
        _add(archive, CONTENTS, json.dumps(facts, indent=1, sort_keys=True).encode())
    return len(digests)


def _files(home: Home) -> Iterator[Path]:
    """Files to be kept, releases before what has landed: the other way round a release might lack its deliveries."""
    yield from sorted(_whole(home.marts / "releases"))
    yield from (home.root / name for name in _SINGLE_FILES if (home.root / name).is_file())
    yield from sorted(_whole(home.landing))


def _whole(folder: Path) -> Iterator[Path]:
    for path in folder.rglob("*"):
        unfinished = any(part.startswith(TEMPORARY) for part in path.relative_to(folder).parts)
        if not unfinished and path.is_file() and not path.is_symlink():
            yield path


def _add(archive: tarfile.TarFile, name: str, content: bytes) -> None:
    member = tarfile.TarInfo(name)
    member.size, member.mode = len(content), 0o644
    archive.addfile(member, io.BytesIO(content))


def restore(path: Path, home: Home) -> str | None:
    """Restore a backup into an empty home; return the id of the release that is current in it.

    Every file is compared with the digest that was noted when it was backed up. Raises BackupError if the home is not
    empty or the file is no whole backup; then nothing is left behind.
    """
    if home.root.exists() and any(home.root.iterdir()):
        raise BackupError(f"{home.root} is not empty. Restore into an empty place: set GROWTH_HOME to another folder.")
    home.root.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=TEMPORARY, dir=home.root) as name:
        folder = Path(name)
        facts = _unpacked(path, folder)
        for part in sorted(folder.iterdir()):
            shutil.move(part, home.root / part.name)
    _forget_old_places(home, Path(facts["root"]))
    current = facts["current"]
    if current is not None:
        ReleaseStore(home.marts).restore_pointer(current)
    sync_folder(home.root)
    return current


def _unpacked(archive_path: Path, folder: Path) -> dict[str, str]:
    """Unpack into a folder and return what the backup says of itself."""
    broken = f"{archive_path} is no whole backup"
    advice = "Take an earlier one; nothing was restored."
    seen: dict[str, str] = {}
    facts = None
    try:
        with tarfile.open(archive_path) as archive:
            for member in archive:
                file = archive.extractfile(member) if member.isreg() else None
                if file is None:
                    raise BackupError(f"{broken}: {member.name} is no file. {advice}")
                content = file.read()
                if member.name == CONTENTS:
                    facts = json.loads(content)
                    continue
                target = folder / member.name
                if not target.resolve().is_relative_to(folder.resolve()):
                    raise BackupError(f"{broken}: {member.name} lies outside of a home. {advice}")
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(content)
                seen[member.name] = hashlib.sha256(content).hexdigest()
    except FileNotFoundError:
        raise BackupError(f"There is no file {archive_path}.") from None
    except (tarfile.TarError, EOFError, OSError, ValueError) as error:
        raise BackupError(f"{broken} ({error}). {advice}") from error
    if not isinstance(facts, dict) or facts.get("form") != FORM or facts.get("files") != seen:
        raise BackupError(f"{broken}: its files are not those that it lists. {advice}")
    for path in folder.rglob("*"):  # readable for the readers of marts, whatever the umask of who restores
        path.chmod(0o755 if path.is_dir() else 0o644)
    return facts


def _forget_old_places(home: Home, old_root: Path) -> None:
    """Let the home look for its inbox where it lies now, if it lay within the home that was backed up."""
    note = home.note()
    if "inbox" in note and Path(note["inbox"]).is_relative_to(old_root):
        write_json(home.root / HOME_NOTE, {key: value for key, value in note.items() if key != "inbox"})
