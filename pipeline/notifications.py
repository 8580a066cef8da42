"""Tells people: the digest after each night, and what went wrong when it does.

Always a file below `told/` in the home; beside it the channels of `settings.yml`. A channel gets one digest a day at
most, each alert once a day at most, and nothing where there is nothing to say. That a run failed is told once, whether
the command that ran it or the sensor of a daemon notices first. What did not arrive is tried again. An agency's list
with internal columns (`office_lists`) goes with its own message alone.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import fcntl
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from assets.affected_targets import Affected
from assets.product.figures import Language
from assets.product.marts import rows_if_kept
from dbt_like_sql.project import load_project
from pipeline.channels import send
from pipeline.morning_digest import Digest, affecting_targets, morning_digest
from pipeline.office_lists import lists_of, note_open_cases, write_lists
from pipeline.release_diff import item_changes
from resources.files import naming_a_full_disk, read_json, replacing, write_json
from resources.home import Home, HomeError, today
from resources.operator import Channel, Notifications, settings_of
from resources.releases import Release, ReleaseError, ReleaseStore
from resources.warehouse import Warehouse

SENT = "sent.json"
ALERTS = "alerts.log"
_RUN = "run "
_RUNS_KEPT_DAYS = 90
"""How long it is remembered that a run was reported; a daemon that was down learns of it when it is up again."""


def notify_of_night(home: Home, now: dt.date | None = None) -> list[str]:
    """Tell of the release that a night left; return sentences about messages that did not arrive.

    Raises HomeError where the settings cannot be understood.
    """
    store, project, tell = ReleaseStore(home.marts), load_project(), settings_of(home).tell
    try:
        release = store.get(store.newest_id())
    except ReleaseError:
        return []
    before = release_before(store, release)
    changes = changes_by_release(Warehouse(home.root, project), before, release)
    if before is not None:
        note = {"before": before.release_id, "after": release.release_id, "changes": changes}
        write_json(home.marts / "changes_by_release.json", note)
    write_lists(home, project, dt.date.fromisoformat(release.manifest["as_of"]))
    note_open_cases(home, project, release)
    digest = morning_digest(home, project, release, _language(tell), changes, before)
    if digest.lines:
        with replacing(home.root / "told" / f"{digest.day}.{digest.lang}.txt") as unfinished:
            unfinished.write_text(f"{digest.title}\n\n{digest.text}\n", encoding="utf-8")
    refused = affecting_targets(home, project, digest.day)
    if not digest.lines and not refused:
        return []
    with _alone(home):
        return _send_digest(home, tell, digest, refused, now or today())


def alert(home: Home, sentence: str, now: dt.date | None = None, run_id: str | None = None) -> list[str]:
    """Tell the channels for alerts at once that something went wrong; return what did not arrive.

    A failed run, named by `run_id`, is reported once.
    """
    what = f"{_RUN}{run_id}" if run_id else f"alert {sentence}"
    day = now or today()
    with _alone(home), naming_a_full_disk(home.root / "told"):
        if run_id is None or what not in _sent_to(home, ALERTS, day):
            with (home.root / "told" / ALERTS).open("a", encoding="utf-8") as file:
                file.write(f"{dt.datetime.now(dt.UTC):%Y-%m-%dT%H:%M:%SZ} {' '.join(sentence.split())}\n")
            if run_id is not None:
                _note(home, ALERTS, day, [what])
        everything = [channel for channel in settings_of(home).tell.channels if channel.agency is None]
        return _send_once(home, everything, what, day, sentence.partition(". ")[0][:120], sentence)


@contextlib.contextmanager
def alerting_on_failure(home: Home, what: str) -> Iterator[None]:
    """Send an alert when something fails that nobody watches, and let it fail all the same."""
    try:
        yield
    except Exception as error:
        with contextlib.suppress(HomeError):
            alert(home, f"{what} failed: {error}")
        raise


def release_before(store: ReleaseStore, release: Release) -> Release | None:
    """Return the newest kept release of an earlier day, or of the same day made earlier; None where there is none."""
    made = [entry["release_id"] for entry in store.journal() if entry["action"] in ("publish", "candidate")]
    earlier = made[: made.index(release.release_id)] if release.release_id in made else made
    kept = {one.release_id: one for one in store.all() if one.release_id != release.release_id}
    return next((kept[one] for one in reversed(earlier) if one in kept), None)


def changes_by_release(warehouse: Warehouse, before: Release | None, after: Release) -> list[dict[str, Any]]:
    """Return changes of items that only the release kept before can tell: by rule, by code, or landed late.

    What `what_changed` says of the day follows from deliveries and the day, and is not repeated.
    """
    if before is None:
        return []
    in_mart = {(row["directive"], row["item"]) for row in rows_if_kept(after.path, "what_changed", span="day")}
    days = [dt.date.fromisoformat(release.manifest["as_of"]) for release in (before, after)]
    is_next_day = (days[1] - days[0]).days in (0, 1)
    same_inputs = before.manifest["inputs"] == after.manifest["inputs"]
    changes = []
    for row in item_changes(warehouse, before, after):
        is_rule = row["change_reason"] == "rule"
        is_unexplained = is_next_day and (row["directive"], row["item"]) not in in_mart
        if row["status_before"] is not None and (is_rule or is_unexplained):
            cause = "rule" if is_rule else "code" if same_inputs else "landed_late"
            changes.append({**{name: _plain(row[name]) for name in _KEPT}, "cause": cause})
    return changes


_KEPT = ("directive", "item", "status_before", "status_after", "actual_before", "actual_after")


def _plain(value: object) -> object:
    return str(value) if isinstance(value, Decimal) else value


def _send_digest(
    home: Home, tell: Notifications, digest: Digest, refused: Sequence[Affected], day: dt.date
) -> list[str]:
    """Send each channel its lines; what was refused since today's digest went out is not kept till tomorrow."""
    alerts = [f"alert {one.file_name}" for one in refused]
    troubles = []
    for channel in tell.channels:
        own = digest.for_agency(channel.agency)
        if own.lines:
            lists = lists_of(home, channel.agency) if channel.agency else []
            troubles += _send_once(home, [channel], "digest", day, own.title, own.text, alerts, lists)
        if channel.agency is None and not troubles:
            for one, name in zip(refused, alerts, strict=True):
                troubles += _send_once(home, [channel], name, day, one.file_name, one.sentence)
    return troubles


def _send_once(
    home: Home,
    channels: Sequence[Channel],
    what: str,
    day: dt.date,
    title: str,
    text: str,
    also_sent: Sequence[str] = (),
    files: Sequence[Path] = (),
) -> list[str]:
    """Send to each channel that has not heard it; what arrived is noted, what did not is tried again."""
    troubles = []
    for channel in channels:
        name = f"{channel.address_from} {channel.agency or ''}".strip()
        if what in _sent_to(home, name, day):
            continue
        if (trouble := send(channel, title, text, files)) is not None:
            troubles.append(trouble)
            continue
        _note(home, name, day, (what, *also_sent))
    return troubles


def _sent_to(home: Home, name: str, day: dt.date) -> dict[str, str]:
    """What was sent to a channel, and when: of runs for long, of all else today."""
    sent = read_json(home.root / "told" / SENT)
    sent_today = sent.get(name) if isinstance(sent, dict) else None
    since = (day - dt.timedelta(days=_RUNS_KEPT_DAYS)).isoformat()
    return {
        kind: when
        for kind, when in (sent_today.items() if isinstance(sent_today, dict) else ())
        if when == day.isoformat() or (kind.startswith(_RUN) and str(when) > since)
    }


def _note(home: Home, name: str, day: dt.date, kind: Iterable[str]) -> None:
    path = home.root / "told" / SENT
    sent = read_json(path)
    known = sent if isinstance(sent, dict) else {}
    write_json(path, {**known, name: {**_sent_to(home, name, day), **dict.fromkeys(kind, day.isoformat())}})


@contextlib.contextmanager
def _alone(home: Home) -> Iterator[None]:
    """Let one process send at a time: a command and a daemon may learn of the same thing at once."""
    folder = home.root / "told"
    with naming_a_full_disk(folder):
        folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _language(tell: Notifications) -> Language:
    return "en" if tell.lang == "en" else "vi"
