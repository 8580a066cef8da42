"""The operator's settings of a home, `GROWTH_HOME/settings.yml`: not part of the project, and never a secret."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

import yaml

from resources.home import SAMPLES, Home, HomeError
from resources.releases import ReleaseStore
from resources.remote_releases import RemoteReleases

SETTINGS = "settings.yml"
PUBLISH, APPROVED = "publish", "approved"
DIRECTOR, DEPUTY = "director", "deputy"
_ADDRESS = re.compile(r"[a-z][a-z0-9+]*://[^@]+")
_VARIABLE = re.compile(r"[A-Z][A-Z0-9_]*")


@dataclass(frozen=True)
class Retention:
    """How long is kept what nothing depends on. Tagged releases and the current one are kept for ever."""

    daily_releases: int = 30
    """For how many days of publication, the newest ones, the last release is kept."""
    monthly_releases: int = 24
    """For how many months of publication, the newest ones, the last release is kept."""
    run_days: int = 90
    """Days for which Dagster's runs and events are kept; those that say when a table was made last are kept longer."""


@dataclass(frozen=True)
class Channel:
    """Where messages go: the environment variable that holds the address, and whose lines are sent there."""

    address_from: str
    agency: str | None = None
    """Code of an agency, which gets its own lines; whoever names none gets all of them, and what went wrong."""


@dataclass(frozen=True)
class Notifications:
    """Who gets the messages for people, and in which language."""

    lang: str = "vi"
    channels: tuple[Channel, ...] = ()


@dataclass(frozen=True)
class Source:
    """Where deliveries are fetched from besides the inbox: a folder elsewhere, a file by its address, a PX-Web table.

    `folder` has a folder for each feed, as an inbox. `url` and `pxweb` are files of one `feed`, which land under a
    `name` in which `{day}`, `{month}` and `{year}` stand for the day of the file, the month before it and its year.
    `query` says which categories of a PX-Web table are asked for, by variable; of others all. `authorization_from`
    names an environment variable that holds the header Authorization, or the password of a folder.
    """

    folder: str | None = None
    url: str | None = None
    pxweb: str | None = None
    feed: str | None = None
    name: str | None = None
    query: Mapping[str, Any] = field(default_factory=dict)
    authorization_from: str | None = None
    most_megabytes: int = 100
    seconds: int = 60

    @property
    def address(self) -> str:
        """The folder, address or table that it is fetched from."""
        return self.folder or self.url or self.pxweb or ""


@dataclass(frozen=True)
class Settings:
    """All settings of the operator, with their defaults."""

    release: str = PUBLISH
    """`publish`: a night publishes. `approved`: it ends in a candidate, which a person approves or rejects."""
    retention: Retention = field(default_factory=Retention)
    tell: Notifications = field(default_factory=Notifications)
    sources: tuple[Source, ...] = ()
    publish_to: str = ""
    """Address of another place that holds the current release too, such as `s3://bucket/growth`; none by default."""
    report_signed_by: str = DIRECTOR
    """Who signs the report: the `director`, or a `deputy` for the director."""


def settings_of(home: Home) -> Settings:
    """Read the settings of a home; the defaults where there are none.

    Raises HomeError with the file and the key where something is not understood.
    """
    path = home.root / SETTINGS
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return Settings()
    except (yaml.YAMLError, UnicodeDecodeError, OSError) as error:
        raise HomeError(f"{path} cannot be read ({' '.join(str(error).split())}). Correct it and run again.") from None
    known = _known(path, content, "", Settings)
    release = known.get("release", PUBLISH)
    if release not in (PUBLISH, APPROVED):
        raise HomeError(f"{path}: release must be {PUBLISH} or {APPROVED}, and is {release!r}.")
    signed_by = known.get("report_signed_by", DIRECTOR)
    if signed_by not in (DIRECTOR, DEPUTY):
        raise HomeError(f"{path}: report_signed_by must be {DIRECTOR} or {DEPUTY}, and is {signed_by!r}.")
    retention = Retention(**_counts(path, "retention", known.get("retention")))
    tell, sources = _tell(path, known.get("tell")), _sources(path, known.get("sources"))
    return Settings(release, retention, tell, sources, _address_of(path, known.get("publish_to")), signed_by)


def releases_of(home: Home, *, publish: bool = False) -> ReleaseStore:
    """Return the releases of a home, as its settings want them published. Raises HomeError like `settings_of`.

    One of a day before that of the current release becomes current where somebody says so (`publish`), and in the
    demonstration.
    """
    settings = settings_of(home)
    return ReleaseStore(
        home.marts,
        needs_approval=settings.release == APPROVED,
        may_go_back=publish or home.holds == SAMPLES,
        remote=RemoteReleases(settings.publish_to) if settings.publish_to else None,
    )


def _known(path: Path, content: Any, where: str, kind: type) -> Mapping[str, Any]:
    known = [one.name for one in fields(kind)]
    if content is None:
        return {}
    if not isinstance(content, dict):
        raise HomeError(f"{path}: {where or 'the file'} must be a mapping with the keys {', '.join(known)}.")
    for key in content:
        if key not in known:
            raise HomeError(f"{path}: {where + '.' if where else ''}{key} is unknown; there are {', '.join(known)}.")
    return content


def _address_of(path: Path, content: Any) -> str:
    if content is None:
        return ""
    if not isinstance(content, str) or not _ADDRESS.fullmatch(content):
        # what stands there may hold a secret, and is not repeated
        raise HomeError(
            f"{path}: publish_to must be an address such as s3://bucket/growth, without a user or a password: those "
            "stand where the library of the store looks for them (for S3 the environment variables AWS_…)."
        )
    return content


def _tell(path: Path, content: Any) -> Notifications:
    known = _known(path, content, "tell", Notifications)
    lang, listed = known.get("lang", Notifications.lang), known.get("channels") or []
    if lang not in ("vi", "en"):
        raise HomeError(f"{path}: tell.lang must be vi or en, and is {lang!r}.")
    if not isinstance(listed, list):
        raise HomeError(f"{path}: tell.channels must be a list, one entry for each address.")
    channels = []
    for number, one in enumerate(listed, start=1):
        where = f"tell.channels.{number}"
        channel = _known(path, one, where, Channel)
        if not _VARIABLE.fullmatch(str(channel.get("address_from"))):
            # what stands there may be a secret, and is not repeated
            raise HomeError(
                f"{path}: {where}.address_from must name an environment variable that holds the address, such as "
                "GROWTH_TELL_LEADERS; the address itself never stands in this file."
            )
        channels.append(Channel(str(channel["address_from"]), channel.get("agency")))
    return Notifications(lang, tuple(channels))


def _sources(path: Path, content: Any) -> tuple[Source, ...]:
    if content is not None and not isinstance(content, list):
        raise HomeError(f"{path}: sources must be a list, one entry for each.")
    return tuple(_source(path, f"sources.{number}", one) for number, one in enumerate(content or (), start=1))


def _source(path: Path, where: str, content: Any) -> Source:
    known = _known(path, content, where, Source)
    kinds = [key for key in ("folder", "url", "pxweb") if key in known]
    if len(kinds) != 1 or not isinstance(known[kinds[0]], str):
        raise HomeError(f"{path}: {where} must have one address, under one of folder, url and pxweb.")
    scheme, _, rest = known[kinds[0]].partition("://")
    user, has_user, _ = rest.partition("/")[0].rpartition("@")
    if has_user and (kinds[0] != "folder" or ":" in user):
        raise HomeError(f"{path}: {where}: credentials never stand in this file; say authorization_from.")
    if kinds[0] != "folder" and scheme not in ("http", "https"):
        raise HomeError(f"{path}: {where}.{kinds[0]} must begin with https:// or http://.")
    if kinds[0] != "folder" and not (isinstance(known.get("feed"), str) and isinstance(known.get("name"), str)):
        raise HomeError(f"{path}: {where} needs a feed, and the name under which its files land.")
    if "authorization_from" in known and not _VARIABLE.fullmatch(str(known["authorization_from"])):
        raise HomeError(f"{path}: {where}.authorization_from must name an environment variable, such as GROWTH_NSO.")
    for key in ("most_megabytes", "seconds"):
        if type(known.get(key, 1)) is not int or known.get(key, 1) < 1:
            raise HomeError(f"{path}: {where}.{key} must be a whole number of at least 1, and is {known[key]!r}.")
    if not isinstance(known.get("query", {}), dict):
        raise HomeError(f"{path}: {where}.query must be a mapping of variables to lists of codes.")
    return Source(**known)


def _counts(path: Path, where: str, content: Any) -> dict[str, int]:
    found = _known(path, content, where, Retention)
    for key, value in found.items():
        if type(value) is not int or value < 1:
            raise HomeError(f"{path}: {where}.{key} must be a whole number of at least 1, and is {value!r}.")
    return dict(found)
