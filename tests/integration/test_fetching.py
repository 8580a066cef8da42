"""Deliveries that lie elsewhere are fetched, and land like files: by address, from a PX-Web table, from folders."""

from __future__ import annotations

import datetime as dt
import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner, Result

from pipeline.cli.commands import cli
from pipeline.settings import PROJECT_ROOT
from resources import download
from resources.landing import LandingStore, Receipt
from resources.operator import settings_of
from tests.house import House, csv_text

TABLE = csv_text(("month", "visitors"), ("2024-01", 150_000), ("2024-02", 151_000)).encode()
NAME = "tourism__2024-Q1__{day}.csv"
MODIFIED = "Wed, 10 Apr 2024 03:00:00 GMT"


@dataclass
class Site:
    """What a server holds and how it behaves; `asked` are the requests that came, with their headers."""

    content: bytes = TABLE
    etag: str | None = '"1"'
    breaks_off: int = 0
    """After how many bytes the first answer breaks off."""
    status: int = 200
    points_to: str | None = None
    asked: list[dict[str, Any]] = field(default_factory=list)
    address: str = ""


@pytest.fixture
def site() -> Iterator[Site]:
    """A server of files, and of one PX-Web table."""
    site = Site()

    class SiteHandler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: object) -> None:
            return

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            site.asked.append({"method": "POST", "body": json.loads(body), **self.headers})
            self.answer(200, site.content)

        def do_GET(self) -> None:
            site.asked.append({"method": "GET", "path": self.path, **self.headers})
            if site.points_to and self.path != "/there":
                self.send_response(302)
                self.send_header("Location", site.points_to)
                self.send_header("Content-Length", "0")
                self.end_headers()
            elif self.path == "/table.px":
                variables = [{"code": "area", "values": ["94"]}, {"code": "year", "values": ["2023", "2024"]}]
                self.answer(200, json.dumps({"title": "T", "variables": variables}).encode())
            elif site.status != 200:
                self.answer(site.status, b"")
            elif site.etag and self.headers["If-None-Match"] == site.etag:
                self.answer(304, b"")
            elif (begun := self.headers["Range"]) and self.headers["If-Range"] == site.etag:
                first = int(begun.removeprefix("bytes=").removesuffix("-"))
                said = f"bytes {first}-{len(site.content) - 1}/{len(site.content)}"
                self.answer(206, site.content[first:], ("Content-Range", said))
            else:
                self.answer(200, site.content)

        def answer(self, status: int, content: bytes, *headers: tuple[str, str]) -> None:
            self.send_response(status)
            known = [("ETag", site.etag), ("Last-Modified", MODIFIED)] if site.etag else []
            for name, value in (*known, *headers, ("Content-Length", str(len(content)))):
                self.send_header(str(name), str(value))
            self.end_headers()
            if site.breaks_off and len(content) > site.breaks_off:
                content, site.breaks_off = content[: site.breaks_off], 0
                self.close_connection = True
            self.wfile.write(content)

    server = ThreadingHTTPServer(("127.0.0.1", 0), SiteHandler)
    site.address = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield site
    server.shutdown()
    server.server_close()


@pytest.fixture(autouse=True)
def no_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(download, "_PAUSES", (0.01, 0.01))


def declare(house: House, *sources: dict[str, Any]) -> None:
    house.home.root.mkdir(parents=True, exist_ok=True)
    (house.home.root / "settings.yml").write_text(yaml.safe_dump({"sources": list(sources)}), "utf-8")


def fetched(house: House, **environment: str) -> Result:
    return CliRunner().invoke(cli, ["fetch"], env={"GROWTH_HOME": str(house.home.root), **environment})


def landed(house: House, feed: str = "tourism") -> list[Receipt]:
    return LandingStore(house.home.landing).receipts(feed)


def by_url(site: Site, **changes: Any) -> dict[str, Any]:
    return {"url": f"{site.address}/file.csv", "feed": "tourism", "name": NAME, **changes}


def test_a_file_is_fetched_once_and_lands_with_its_address_and_the_moment(house: House, site: Site) -> None:
    declare(house, by_url(site))
    before = dt.datetime.now(dt.UTC).replace(microsecond=0)
    assert fetched(house).exit_code == 0
    (receipt,) = landed(house)
    assert (receipt.file_name, receipt.size) == ("tourism__2024-Q1__2024-04-10.csv", len(TABLE))
    assert receipt.fetched_from == f"{site.address}/file.csv"
    assert receipt.fetched_at is not None
    assert dt.datetime.fromisoformat(receipt.fetched_at) >= before
    house.intake_night()
    assert [row["visitors"] for row in house.table("validated", "tourism")] == [150_000, 151_000]
    assert fetched(house).output == "Nothing new.\n"
    assert site.asked[-1]["If-None-Match"] == '"1"'
    assert len(landed(house)) == 1


def test_a_file_that_has_changed_lands_as_a_revision(house: House, site: Site) -> None:
    declare(house, by_url(site))
    fetched(house)
    site.content, site.etag = TABLE.replace(b"151000", b"152000"), '"2"'
    fetched(house)
    assert [receipt.file_name for receipt in landed(house)] == [
        "tourism__2024-Q1__2024-04-10.csv",
        "tourism__2024-Q1__2024-04-10__r2.csv",
    ]
    house.intake_night()
    assert house.ledger("tourism__2024-Q1__2024-04-10__r2.csv")["status"] == "accepted"


def test_a_server_without_tags_gives_the_same_bytes_and_nothing_lands_again(house: House, site: Site) -> None:
    site.etag = None
    declare(house, by_url(site))
    assert "Fetched" in fetched(house).output
    assert fetched(house).output == "Nothing new.\n"


def test_what_broke_off_goes_on_where_it_was(house: House, site: Site) -> None:
    site.content, site.breaks_off = TABLE + b"2024-03,152000\n", 30
    declare(house, by_url(site))
    assert fetched(house).exit_code == 0
    assert [request.get("Range") for request in site.asked] == [None, "bytes=30-"]
    (receipt,) = landed(house)
    assert LandingStore(house.home.landing).file_of(receipt).read_bytes() == site.content
    assert list((house.home.root / "fetched").glob("*.part")) == []


def test_what_changed_while_it_was_broken_off_is_fetched_anew(house: House, site: Site) -> None:
    site.breaks_off = 30
    declare(house, by_url(site))
    original = site.asked.append

    def changed(request: dict[str, Any]) -> None:
        original(request)
        if len(site.asked) == 2:
            site.content, site.etag = TABLE.replace(b"150000", b"160000"), '"2"'

    site.asked = _Telling(changed, site.asked)  # type: ignore[assignment]
    fetched(house)
    (receipt,) = landed(house)
    assert LandingStore(house.home.landing).file_of(receipt).read_bytes() == site.content


class _Telling(list):  # type: ignore[type-arg]
    """A list that tells of what is added to it."""

    def __init__(self, told: Callable[[dict[str, Any]], None], known: list[dict[str, Any]]) -> None:
        super().__init__(known)
        self._told, self._known = told, known

    def append(self, request: dict[str, Any]) -> None:
        super().append(request)
        self._told(request)


def test_a_server_that_says_no_is_asked_once_and_the_night_goes_on(house: House, site: Site) -> None:
    site.status = 404
    declare(house, by_url(site))
    result = fetched(house)
    assert result.exit_code == 1
    assert f"Not fetched: {site.address}/file.csv: the server answers 404 Not Found. The next look" in result.output
    assert len(site.asked) == 1
    assert landed(house) == []


def test_a_server_that_is_away_is_tried_three_times(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    pauses: list[float] = []
    monkeypatch.setattr(download.time, "sleep", pauses.append)
    declare(house, {"url": "http://127.0.0.1:9/x.csv", "feed": "tourism", "name": NAME})
    result = fetched(house)
    assert "the connection fails" in result.output
    assert pauses == [0.01, 0.01]


def test_a_file_that_is_larger_than_allowed_is_left_and_nothing_of_it_stays(house: House, site: Site) -> None:
    site.content = b"x" * 1_200_000
    declare(house, by_url(site, most_megabytes=1))
    result = fetched(house)
    assert "more than the 1,000,000 bytes that are allowed" in result.output
    assert list((house.home.root / "fetched").glob("*")) == []


def test_a_secret_comes_from_the_environment_and_follows_to_no_other_place(house: House, site: Site) -> None:
    site.points_to = f"{site.address}/there"
    declare(house, by_url(site, authorization_from="GROWTH_NSO"))
    assert "the environment variable GROWTH_NSO is not set" in fetched(house, GROWTH_NSO="").output
    assert fetched(house, GROWTH_NSO="Bearer s3cret").exit_code == 0
    assert [request.get("Authorization") for request in site.asked] == ["Bearer s3cret", None]
    kept = [path.read_bytes() for path in house.home.root.rglob("*") if path.is_file()]
    assert not [content for content in kept if b"s3cret" in content]


def test_a_table_of_px_web_is_asked_for_by_its_variables(house: House, site: Site) -> None:
    site.etag, site.content = None, b'{"class": "dataset"}'
    table = {"pxweb": f"{site.address}/table.px", "feed": "tourism", "name": "tourism__2024__2025-01-10.csv"}
    declare(house, {**table, "query": {"year": [2024]}})
    assert "Fetched tourism__2024__2025-01-10.csv" in fetched(house).output
    assert site.asked[-1]["body"] == {
        "query": [
            {"code": "area", "selection": {"filter": "all", "values": ["*"]}},
            {"code": "year", "selection": {"filter": "item", "values": ["2024"]}},
        ],
        "response": {"format": "json-stat2"},
    }
    assert fetched(house).output == "Nothing new.\n"
    declare(house, {**table, "query": {"yaer": [2024]}})
    assert "the table has no variable 'yaer'; it has area, year" in fetched(house).output


def test_a_file_in_a_folder_elsewhere_waits_until_nobody_writes_it(house: House, tmp_path: Path) -> None:
    folder = tmp_path / "elsewhere" / "tourism"
    folder.mkdir(parents=True)
    file = folder / "tourism__2024-Q1__2024-04-10.csv"
    file.write_bytes(TABLE[:20])
    (folder / f"{file.name}.part").write_bytes(TABLE)
    (folder.parent / "strange.csv").write_bytes(TABLE)
    declare(house, {"folder": f"file://{folder.parent}"})
    assert f"Waiting for {file.name}" in fetched(house).output
    file.write_bytes(TABLE)
    assert f"Waiting for {file.name}" in fetched(house).output
    assert f"Fetched {file.name}" in fetched(house).output
    (receipt,) = landed(house)
    assert receipt.fetched_from == f"file://{folder.parent}/tourism/{file.name}"
    (astray,) = landed(house, "unrecognised")
    assert astray.refusal is not None
    assert fetched(house).output == "Nothing new.\n"


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ({"url": "https://u:p@example.org/x.csv"}, "credentials never stand in this file"),
        ({"folder": "sftp://u:p@example.org/x"}, "credentials never stand in this file"),
        ({"url": "file:///etc/passwd"}, "must begin with https:// or http://"),
        ({"url": "https://example.org/x.csv"}, "needs a feed"),
        ({"url": "https://example.org/x", "folder": "s3://x"}, "must have one address"),
        ({"url": "https://e.org/x", "feed": "a", "name": "b", "seconds": 0}, "must be a whole number"),
        ({"url": "https://e.org/x", "feed": "a", "name": "b", "authorization_from": "Bearer x"}, "must name an env"),
    ],
)
def test_settings_that_cannot_be_followed_are_said(house: House, source: dict[str, Any], words: str) -> None:
    declare(house, source)
    result = fetched(house)
    assert result.exit_code == 2
    assert words in result.output


def test_the_sources_of_the_guide_are_understood(house: House) -> None:
    guide = (PROJECT_ROOT / "docs" / "server.md").read_text("utf-8").split("**Deliveries that lie elsewhere.**")[1]
    house.home.root.mkdir(parents=True)
    (house.home.root / "settings.yml").write_text(guide.split("```yaml\n")[1].split("```")[0], "utf-8")
    folder, file, table = settings_of(house.home).sources
    assert (folder.address, file.feed, table.query) == ("s3://growth/inbox", "tourism", {"year": [2023, 2024]})
