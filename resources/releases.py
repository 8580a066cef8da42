"""Releases: folders of marts that never change, and one pointer to the current one.

A release is made whole beside its place, its manifest written last, then moved into place and only then
pointed at, so that a reader following `current` meets exactly one whole release at any moment. A release's
name follows from its content: two machines fed alike publish the same folder. So a damaged release is mended where it
lies, file by file, each replaced in one step by the bytes that its name promises: no reader ever finds a file missing.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from resources.files import (
    TEMPORARY,
    move_folder_away,
    naming_a_full_disk,
    read_json,
    sha256_of,
    sync_folder,
)
from resources.remote_releases import RemoteReleases, RemoteReleasesError

MANIFEST = "manifest.json"

LATEST = "latest"
"""Folder below the root with a plain copy of the current release, for readers that follow no link."""

Companions = Callable[[Path, str], None]
"""Writes what goes with the marts of a release into their folder, given its id; the same for the same marts."""


def no_companions(folder: Path, release_id: str) -> None:
    """Write nothing: a release of marts alone."""


class ReleaseError(RuntimeError):
    """A release cannot be made, found or trusted; the message says why and what to do."""


@dataclass(frozen=True)
class Release:
    """One published release."""

    release_id: str
    path: Path
    manifest: Mapping[str, Any]
    is_current: bool


@dataclass(frozen=True)
class ReleaseStore:
    """Releases below `root/releases`, the pointer `root/current` with its copy `root/latest`, and a journal.

    Where a person has the last word (`needs_approval`), what a night makes is pointed at by `root/candidate` until
    somebody approves or rejects it; readers of `current` do not meet it. What is made as of a day before that of the
    current release is looked at and does not become current, unless that is asked for (`may_go_back`).
    """

    root: Path
    needs_approval: bool = False
    may_go_back: bool = False
    remote: RemoteReleases | None = None

    @property
    def current(self) -> Path:
        """The link that readers follow."""
        return self.root / "current"

    def current_id(self) -> str | None:
        """Return the identity of the current release, or None before the first."""
        return self.current.readlink().name if self.current.is_symlink() else None

    def candidate_id(self) -> str | None:
        """Return the identity of the release that waits for approval, or None."""
        return self._candidate.readlink().name if self._candidate.is_symlink() else None

    @property
    def _candidate(self) -> Path:
        return self.root / "candidate"

    def newest_id(self) -> str | None:
        """Return the identity of what the last night made: what waits, what was just rejected, or what is current."""
        if (waits := self.candidate_id()) is not None:
            return waits
        last = self._moves()[-1:]
        return last[0]["release_id"] if last and last[0]["action"] == "reject" else self.current_id()

    def _moves(self) -> list[dict[str, str]]:
        """The entries of the journal that decided what readers see or do not see."""
        return [entry for entry in self.journal() if entry["action"] not in ("tag", "prune", "look_back")]

    def looked_back_on(self) -> list[str]:
        """Return the releases that were made for an earlier day and pointed at by nothing since, the newest last."""
        pointed_at = {entry["release_id"] for entry in self._moves()}
        looks = [entry["release_id"] for entry in self.journal() if entry["action"] == "look_back"]
        newest_last = reversed(dict.fromkeys(reversed(looks)))
        return [one for one in newest_last if one not in pointed_at and self._manifest(one) is not None]

    def last_look(self) -> str | None:
        """Return the release that was made last for an earlier day than that of the current one, or None."""
        looks = [entry["release_id"] for entry in self.journal() if entry["action"] == "look_back"]
        return looks[-1] if looks else None

    def is_of_an_earlier_day(self, as_of: dt.date) -> bool:
        """Whether a day lies before that of the current release."""
        current = self.current_id()
        manifest = self._manifest(current) if current is not None else None
        return manifest is not None and as_of < dt.date.fromisoformat(manifest["as_of"])

    def publish(
        self,
        marts: Mapping[str, Path],
        facts: Mapping[str, Any],
        as_of: dt.date,
        companions: Companions = no_companions,
    ) -> tuple[str, bool]:
        """Publish files as one release and point at it; return its id and whether anything new was published.

        `facts` go into the manifest: inputs, versions. `companions` writes what is made from the marts, such as a page;
        the release's id rests on the marts alone. If the newest release holds the same bytes, nothing is
        made; one whose bytes have changed since is mended. One of a day before that of the current release is made and
        not pointed at, unless the store may go back. Raises ReleaseError if a file is missing.
        """
        tables = {name: _described(path) for name, path in sorted(marts.items())}
        newest = self.newest_id()
        looks_back = not self.may_go_back and self.is_of_an_earlier_day(as_of)
        if not looks_back and newest is not None and self._is_whole(newest) and self._tables(newest) == tables:
            if newest == self.candidate_id() and not self.needs_approval:  # the operator has changed the rule since
                self._end_of_candidate()
                self._point_at(newest, "publish")
            self._copy_latest()
            return newest, False
        release_id = _release_id(as_of.isoformat(), tables)
        manifest = {"release_id": release_id, "as_of": as_of.isoformat(), "marts": tables, **facts}
        release_folder = self.root / "releases" / release_id
        with naming_a_full_disk(release_folder):
            if not release_folder.exists():
                self._make(release_folder, marts, manifest, companions)
            elif not self._is_whole(release_id):
                self._mend(release_folder, marts, manifest, companions)
        if looks_back:
            self._note("look_back", release_id)
        elif self.needs_approval and release_id != self.current_id():
            self._point(self._candidate, release_id)
            self._note("candidate", release_id)
        else:
            self._end_of_candidate()
            self._point_at(release_id, "publish")
        return release_id, True

    def send(self) -> str | None:
        """Let the place elsewhere hold the current release and point at it; return the release's id if there are both.

        Raises ReleaseError where that cannot be done; then readers there meet the release of before.
        """
        current = self.current_id()
        if self.remote is None or current is None:
            return None
        release = self.get(current)
        digests = {name: described["sha256"] for name, described in _files_of(release.manifest).items()}
        try:
            self.remote.put(release.path, MANIFEST, digests)
        except RemoteReleasesError as error:
            raise ReleaseError(str(error)) from error
        return current

    def approve(self, release_id: str, by: str, reason: str) -> Release:
        """Make the release that waits current. Raises ReleaseError if it does not wait, or is damaged."""
        self._refuse_what_does_not_wait(release_id)
        approved = self._go_back_to(release_id, "approve", by=by, reason=reason)
        self._end_of_candidate()
        self.send()
        return approved

    def reject(self, release_id: str, by: str, reason: str) -> None:
        """Let the release that waits never become current. Raises ReleaseError if it does not wait."""
        self._refuse_what_does_not_wait(release_id)
        self._note("reject", release_id, by=by, reason=reason)
        self._end_of_candidate()

    def decision(self, release_id: str) -> dict[str, str] | None:
        """Return the last decision of a person about a release (`action`, `by`, `reason`, `at`), or None."""
        words = [e for e in self.journal() if e["release_id"] == release_id and e["action"] in ("approve", "reject")]
        return words[-1] if words else None

    def _refuse_what_does_not_wait(self, release_id: str) -> None:
        waits = self.candidate_id()
        if release_id != waits:
            raise ReleaseError(f"{release_id} does not wait for a word; {waits or 'nothing'} does.")

    def _end_of_candidate(self) -> None:
        self._candidate.unlink(missing_ok=True)

    def holds(self, marts: Mapping[str, str | None]) -> bool:
        """Whether the newest release holds these marts, by the digests of their bytes, and is whole."""
        newest = self.newest_id()
        tables = self._tables(newest) if newest is not None else None
        same = tables is not None and {name: table["sha256"] for name, table in tables.items()} == marts
        return same and self.is_newest_whole()

    def is_newest_whole(self) -> bool:
        """Whether there is a release of the last night and every byte of it is as it was made."""
        newest = self.newest_id()
        return newest is not None and self._is_whole(newest)

    def _is_whole(self, release_id: str) -> bool:
        return self._tables(release_id) is not None and not self.verify(release_id)

    def _make(
        self, release_folder: Path, marts: Mapping[str, Path], manifest: Mapping[str, Any], companions: Companions
    ) -> None:
        release_folder.parent.mkdir(parents=True, exist_ok=True)
        for folder in (self.root, release_folder.parent):
            folder.chmod(0o755)  # releases are there to be read, whatever the umask of whoever made the folder
        temporary = Path(tempfile.mkdtemp(prefix=TEMPORARY, dir=release_folder.parent))
        try:
            _fill(temporary, marts, manifest, companions)
            temporary.chmod(0o755)
            temporary.rename(release_folder)
            sync_folder(release_folder.parent)
        except BaseException:
            shutil.rmtree(temporary, ignore_errors=True)
            raise

    def _mend(
        self, release_folder: Path, marts: Mapping[str, Path], manifest: Mapping[str, Any], companions: Companions
    ) -> None:
        """Put the bytes that belong there in the place of those that do not, and take away what does not belong."""
        whole = Path(tempfile.mkdtemp(prefix=TEMPORARY, dir=release_folder.parent))
        try:
            _fill(whole, marts, manifest, companions)
            for path in sorted(whole.iterdir(), key=lambda path: path.name == MANIFEST):
                target = release_folder / path.name
                if not target.is_file() or sha256_of(target) != sha256_of(path):
                    move_folder_away(target)
                    path.replace(target)
            for path in _strays(release_folder, read_json(release_folder / MANIFEST)):
                if path.is_dir() and not path.is_symlink():
                    shutil.rmtree(path)
                else:
                    path.unlink()
            sync_folder(release_folder)
        finally:
            shutil.rmtree(whole, ignore_errors=True)

    def _point_at(self, release_id: str, action: str, **more: str) -> None:
        self._point(self.current, release_id)
        self._note(action, release_id, **more)
        self._copy_latest()

    @property
    def latest(self) -> Path:
        """The copy of the current release, for readers that follow no link, such as those of a Windows share."""
        return self.root / LATEST

    def _copy_latest(self) -> None:
        """Let the plain folder hold what is current, whole: it is filled beside its place and then moved there."""
        current = self.current.resolve()
        if read_json(self.latest / MANIFEST) == read_json(current / MANIFEST):
            return
        filled = Path(tempfile.mkdtemp(prefix=TEMPORARY, dir=self.root))
        shutil.copytree(current, filled, dirs_exist_ok=True)
        filled.chmod(0o755)
        move_folder_away(self.latest)  # a leftover of the run: whoever reads in it reads on
        filled.rename(self.latest)
        sync_folder(self.root)

    def export(self, folder: Path, release_id: str | None = None) -> Release:
        """Copy a release into an empty folder, or one that is not there yet, and write nowhere else.

        Raises ReleaseError if the folder holds anything, or the release is unknown or damaged.
        """
        release = self.get(release_id)
        if faults := self.verify(release.release_id):
            raise ReleaseError(f"{release.release_id} is damaged and is not exported: " + "; ".join(faults))
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise ReleaseError(f"{folder} is not empty; name a folder that is, or that is not there yet.")
        shutil.copytree(release.path, folder, dirs_exist_ok=True)
        return release

    def _point(self, link: Path, release_id: str) -> None:
        temporary = self.root / f"{TEMPORARY}{link.name}-{os.getpid()}"
        temporary.unlink(missing_ok=True)
        temporary.symlink_to(Path("releases") / release_id)
        move_folder_away(link)
        temporary.replace(link)
        sync_folder(self.root)

    def _note(self, action: str, release_id: str, **more: str) -> None:
        at = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
        entry = {"at": at, "action": action, "release_id": release_id, **more}
        path = self.root / "journal.jsonl"
        is_cut = path.exists() and path.stat().st_size > 0 and not path.read_bytes().endswith(b"\n")
        with path.open("a", encoding="utf-8") as journal:
            journal.write("\n" * is_cut + json.dumps(entry) + "\n")

    def all(self) -> list[Release]:
        """Return all whole releases, the one published last at the end."""
        order = {entry["release_id"]: number for number, entry in enumerate(self._moves())}
        current = self.current_id()
        found = []
        for path in (self.root / "releases").glob(f"*/{MANIFEST}"):
            name = path.parent.name
            manifest = self._manifest(name)
            if manifest is not None:
                found.append(Release(name, path.parent, manifest, name == current))
        return sorted(found, key=lambda release: (order.get(release.release_id, -1), release.release_id))

    def journal(self) -> list[dict[str, str]]:
        """Return what was published or rolled back, in order of time; half-written lines are left out."""
        path = self.root / "journal.jsonl"
        entries = []
        for line in path.read_text(encoding="utf-8", errors="replace").splitlines() if path.exists() else ():
            with contextlib.suppress(json.JSONDecodeError):
                entry = json.loads(line)
                if isinstance(entry, dict) and all(
                    isinstance(entry.get(key), str) for key in ("at", "action", "release_id")
                ):
                    entries.append(entry)
        return entries

    def get(self, release_id: str | None = None) -> Release:
        """Return a release, by default the current one. Raises ReleaseError if there is none."""
        wanted = release_id or self.current_id()
        for release in self.all():
            if release.release_id == wanted:
                return release
        if wanted is None:
            raise ReleaseError(f"Nothing has been published in {self.root} yet. Run the nightly job first.")
        known = ", ".join(release.release_id for release in self.all()) or "none"
        raise ReleaseError(f"There is no release {wanted}; there are: {known}.")

    def verify(self, release_id: str | None = None) -> list[str]:
        """Return what is wrong with a release, a sentence for each fault; empty if every byte is as published."""
        release = self.get(release_id)
        faults = []
        for name, expected in _files_of(release.manifest).items():
            path, mart = release.path / name, name.removesuffix(".parquet")
            if not path.is_file():
                faults.append(f"{mart}: the file is missing from {release.path}")
            elif sha256_of(path) != expected["sha256"]:
                faults.append(f"{mart}: the bytes are not those that were published; restore the file or roll back")
        faults += [f"{path.name}: not part of the release" for path in _strays(release.path, release.manifest)]
        return faults

    def rollback(self, release_id: str) -> Release:
        """Point at an earlier release; what waits for approval goes on waiting.

        Raises ReleaseError if it is unknown or damaged; then nothing changes.
        """
        release = self._go_back_to(release_id, "rollback")
        self.send()
        return release

    def tag(self, release_id: str, name: str) -> Release:
        """Give a release a name, under which it is kept for ever. Raises ReleaseError if it is unknown."""
        release = self.get(release_id)
        self._note("tag", release_id, name=name)
        return release

    def tags(self) -> dict[str, list[str]]:
        """Return the names of each tagged release, in order of time."""
        found: dict[str, list[str]] = {}
        for entry in self.journal():
            if entry["action"] == "tag":
                found.setdefault(entry["release_id"], []).append(entry.get("name", ""))
        return found

    def remove(self, release: Release) -> None:
        """Delete a release that is not current. Raises ReleaseError if it is; for the holder of the home's lock."""
        if release.release_id in (self.current_id(), self.candidate_id()):
            raise ReleaseError(f"{release.release_id} is current or waits for a word, and is not deleted.")
        gone = release.path.with_name(f"{TEMPORARY}{release.release_id}")
        release.path.rename(gone)  # a reader finds it whole or not at all
        shutil.rmtree(gone, ignore_errors=True)  # what is left is a leftover of a run
        self._note("prune", release.release_id)

    def restore_pointer(self, release_id: str) -> Release:
        """Point at the release that was current when a home was backed up. Raises ReleaseError like `rollback`."""
        return self._go_back_to(release_id, "restore")

    def _go_back_to(self, release_id: str, action: str, **more: str) -> Release:
        faults = self.verify(release_id)
        if faults:
            raise ReleaseError(f"{release_id} is damaged and is not made current: " + "; ".join(faults))
        self._point_at(release_id, action, **more)
        return self.get(release_id)

    def _tables(self, release_id: str) -> Mapping[str, Any] | None:
        manifest = self._manifest(release_id)
        return manifest["marts"] if manifest else None

    def _manifest(self, release_id: str) -> Mapping[str, Any] | None:
        """Return the manifest of a release, or None where there is none from which the release's name follows.

        What a killed run left under a temporary name is no release, whatever lies in it.
        """
        manifest = read_json(self.root / "releases" / release_id / MANIFEST)
        try:
            is_of_it = release_id == _release_id(manifest["as_of"], manifest["marts"])
        except (TypeError, KeyError):
            return None
        return manifest if is_of_it else None


def _fill(folder: Path, marts: Mapping[str, Path], manifest: Mapping[str, Any], companions: Companions) -> None:
    """Write a whole release into an empty folder, its manifest last."""
    for name, path in marts.items():
        shutil.copyfile(path, folder / f"{name}.parquet")
    companions(folder, manifest["release_id"])
    beside = [path for path in sorted(folder.iterdir()) if path.name not in {f"{name}.parquet" for name in marts}]
    files = {path.name: {"sha256": sha256_of(path), "bytes": path.stat().st_size} for path in beside}
    (folder / MANIFEST).write_text(_as_text({**manifest, "files": files}), encoding="utf-8")
    for path in folder.iterdir():
        path.chmod(0o644)  # to be read by anyone, whatever the umask
        with path.open("rb") as file:
            os.fsync(file.fileno())
    sync_folder(folder)


def _files_of(manifest: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """Return what a release holds beside its manifest, by file name; early ones held marts alone."""
    marts = {f"{name}.parquet": described for name, described in manifest["marts"].items()}
    beside: Mapping[str, Mapping[str, Any]] = manifest.get("files", {})
    return {**marts, **beside}


def _strays(release_folder: Path, manifest: Mapping[str, Any]) -> list[Path]:
    """Return what lies in the folder of a release and is no part of it."""
    known = _files_of(manifest).keys() | {MANIFEST}
    return [path for path in release_folder.iterdir() if path.name not in known]


def _as_text(manifest: Mapping[str, Any]) -> str:
    return json.dumps(manifest, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def _release_id(as_of: str, tables: Mapping[str, Any]) -> str:
    return f"{as_of}-{_digest_of(tables)[:12]}"


def _described(path: Path) -> dict[str, Any]:
    if not path.exists():
        raise ReleaseError(f"the mart {path.stem} has not been built; run the nightly job")
    metadata = pq.read_metadata(path)
    return {"sha256": sha256_of(path), "bytes": path.stat().st_size, "rows": metadata.num_rows}


def _digest_of(tables: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(tables, sort_keys=True).encode()).hexdigest()
