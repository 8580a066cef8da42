"""Fetches what the settings of a home name, and lands it: before a night, or whenever somebody asks.

A failed fetch is reported and stops nothing: the next look tries again.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dbt_like_sql.contracts import contract_of, feed_names
from dbt_like_sql.delivery_names import parse_delivery_name
from resources.download import Bounds, Download, DownloadError, FetchRequest, download
from resources.files import read_json, write_json
from resources.home import LOCAL_TIME, Home, today
from resources.landing import UNRECOGNISED, LandingStore, Receipt
from resources.operator import Source, settings_of
from resources.remote_folder import RemoteError, RemoteFolder

_MEGABYTE = 1_000_000


@dataclass(frozen=True)
class Fetched:
    """What one look brought: new receipts, sentences about what could not be had, and files that are being written."""

    new: tuple[Receipt, ...] = ()
    troubles: tuple[str, ...] = ()
    waiting: tuple[str, ...] = ()


def fetch(home: Home) -> Fetched:
    """Fetch from every source of a home what is new there. Raises HomeError where the settings cannot be understood."""
    sources = settings_of(home).sources
    if not sources:
        return Fetched()
    with home.locked():
        looks = [_look(home, source) for source in sources]
    return Fetched(
        tuple(receipt for look in looks for receipt in look.new),
        tuple(trouble for look in looks for trouble in look.troubles),
        tuple(name for look in looks for name in look.waiting),
    )


def _look(home: Home, source: Source) -> Fetched:
    """Look at one source; its answer is recorded under its address."""
    notes = home.root / "fetched" / f"{hashlib.sha256(repr(source).encode()).hexdigest()[:16]}.json"
    seen = read_json(notes)
    seen = dict(seen) if isinstance(seen, dict) else {}
    look = _look_into_folder if source.folder else _look_at_file
    try:
        found = look(home, source, seen, notes)
    except (DownloadError, RemoteError) as error:
        return Fetched(troubles=(f"{source.address}: {error}. The next look tries again.",))
    if found.new or found.waiting or seen:
        write_json(notes, seen)
    return found


def _look_at_file(home: Home, source: Source, seen: dict[str, str], notes: Path) -> Fetched:
    """Fetch a file by its address, or a table of PX-Web, if it is not the one that was fetched last."""
    feed = str(source.feed)
    if feed not in feed_names():
        raise DownloadError(f"'{feed}' is no feed")
    bounds = Bounds(source.most_megabytes * _MEGABYTE, float(source.seconds))
    part = notes.with_suffix(".part")
    had = download(_asked(source, notes), part, bounds, seen.get("etag"), seen.get("last_modified"))
    digest = None if had is None else hashlib.sha256(had.content).hexdigest()
    if had is None or digest == seen.get("sha256"):
        return Fetched()
    store = LandingStore(home.landing)
    name = _name_of(source, had, {receipt.file_name for receipt in store.receipts(feed)})
    receipt = store.land_fetched(feed, name, had.content, contract_of(feed).forms, source.address, _now())
    seen.clear()
    seen.update({"sha256": str(digest), "etag": had.etag or "", "last_modified": had.last_modified or ""})
    return Fetched(new=(receipt,) if receipt else ())


def _asked(source: Source, notes: Path) -> FetchRequest:
    secret = _credential(source)
    headers = {"User-Agent": "provincial-growth", **({"Authorization": secret} if secret else {})}
    if source.pxweb is None:
        return FetchRequest(source.address, headers)
    variables = _variables(source, headers, notes)
    if unknown := sorted(set(source.query) - set(variables)):
        raise DownloadError(f"the table has no variable '{unknown[0]}'; it has {', '.join(variables)}")
    query = [{"code": code, "selection": _selection(source.query.get(code))} for code in variables]
    body = {"query": query, "response": {"format": "json-stat2"}}
    return FetchRequest(source.address, {**headers, "Content-Type": "application/json"}, json.dumps(body).encode())


def _credential(source: Source) -> str | None:
    """What the environment holds for a source; None where it needs nothing."""
    if source.authorization_from is None:
        return None
    if not (secret := os.environ.get(source.authorization_from)):
        raise DownloadError(f"the environment variable {source.authorization_from} is not set")
    return secret


def _variables(source: Source, headers: Mapping[str, str], notes: Path) -> list[str]:
    """The variables of a PX-Web table, by code, as it says itself."""
    bounds = Bounds(_MEGABYTE * source.most_megabytes, float(source.seconds))
    answer = download(FetchRequest(source.address, headers), notes.with_suffix(".variables.part"), bounds, None, None)
    try:
        return [variable["code"] for variable in json.loads(answer.content)["variables"]] if answer else []
    except (ValueError, KeyError, TypeError):
        raise DownloadError("what it says of itself is not what a table of PX-Web says") from None


def _selection(values: Any) -> Mapping[str, Any]:
    """The categories of a variable as PX-Web wants them asked for; all, where none are named."""
    if values is None:
        return {"filter": "all", "values": ["*"]}
    return {"filter": "item", "values": [str(value) for value in values]}


def _name_of(source: Source, had: Download, taken: set[str]) -> str:
    """The name under which a file lands; other bytes under a taken name are a revision. Raises DownloadError."""
    modified = had.modified_at
    day = today() if modified is None else dt.datetime.fromtimestamp(modified, LOCAL_TIME).date()
    month = day.replace(day=1) - dt.timedelta(days=1)
    try:
        name = str(source.name).format(day=day, month=f"{month:%Y-%m}", year=day.year)
        parse_delivery_name(name, str(source.feed))
    except (ValueError, KeyError, IndexError) as error:
        raise DownloadError(f"no name of a delivery comes of '{source.name}' ({error})") from None
    stem, dot, ending = name.rpartition(".")
    number = 1
    while name in taken:
        number += 1
        name = f"{stem}__r{number}{dot}{ending}"
    return name


def _look_into_folder(home: Home, source: Source, seen: dict[str, str], notes: Path) -> Fetched:
    """Fetch what is new in a folder elsewhere, and wait for what is still being written."""
    secret = _credential(source)
    folder = RemoteFolder(source.address, {"password": secret} if secret else {})
    store, feeds = LandingStore(home.landing), feed_names()
    new, waiting, troubles, there = [], [], [], {}
    for file in folder.files():
        there[file.relative_path] = file.stamp
        feed, _, name = file.relative_path.rpartition("/")
        if seen.get(file.relative_path) == f"landed {file.stamp}":
            there[file.relative_path] = seen[file.relative_path]
        elif file.size > source.most_megabytes * _MEGABYTE:
            troubles.append(
                f"{source.address}: {file.relative_path} has more than {source.most_megabytes} MB, and is left there."
            )
        elif (content := folder.read(file, seen.get(file.relative_path))) is None:
            waiting.append(name)
        else:
            there[file.relative_path] = f"landed {file.stamp}"
            of_feed = feed if feed in feeds else UNRECOGNISED
            forms = contract_of(feed).forms if feed in feeds else None
            address = f"{source.address.rstrip('/')}/{file.relative_path}"
            receipt = store.land_fetched(of_feed, name, content, forms, address, _now())
            new += [receipt] if receipt else []
    seen.clear()
    seen.update(there)
    return Fetched(tuple(new), tuple(troubles), tuple(waiting))


def _now() -> str:
    return dt.datetime.now(LOCAL_TIME).isoformat(timespec="seconds")
