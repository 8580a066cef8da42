"""Watching from outside: the last night is seen, its absence is told, a watcher elsewhere hears only good news."""

from __future__ import annotations

import datetime as dt
import http.server
import threading
from collections.abc import Iterator

import pytest

from pipeline.last_night import look
from resources.files import write_json
from resources.home import Home, today
from tests.house import House

ICT = dt.timezone(dt.timedelta(hours=7))


def night_of(home: Home, day: dt.date) -> None:
    write_json(home.root / "night.json", {"as_of": day.isoformat(), "release_id": f"{day}-abc", "fingerprint": "x"})


@pytest.fixture
def watcher() -> Iterator[tuple[str, list[str]]]:
    heard: list[str] = []

    class WatcherHandler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            heard.append(self.path)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), WatcherHandler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/alive", heard
        server.shutdown()


@pytest.mark.parametrize(
    ("hour", "last", "is_well"),
    [(4, 1, True), (4, 2, False), (6, 0, True), (6, 1, False), (23, 0, True)],
    ids=["before dawn yesterday's is enough", "but not the day before's", "by day today's", "is asked for", "all day"],
)
def test_the_night_of_a_day_is_due_at_five_in_the_morning_in_viet_nam(tmp_path, hour, last, is_well):
    home = Home(tmp_path)
    night_of(home, dt.date(2025, 3, 4) - dt.timedelta(days=last))
    now = dt.datetime(2025, 3, 4, hour, 30, tzinfo=ICT).astimezone(dt.UTC)
    assert look(home, now).is_well is is_well


def test_a_good_night_is_told_to_the_watcher_and_a_missing_one_is_not(tmp_path, watcher):
    house, (address, heard) = House(tmp_path), watcher
    night_of(house.home, today())
    seen = house.command("watch", "--ping", address)
    assert (seen.returncode, heard) == (0, ["/alive"]), seen.stderr
    assert f"The night of {today()} ended well" in seen.stdout

    night_of(house.home, today() - dt.timedelta(days=3))
    missed = house.command("watch", "--ping", address)
    assert (missed.returncode, heard) == (1, ["/alive"])
    assert f"that of {today() - dt.timedelta(days=3)};" in missed.stderr


def test_a_home_without_a_night_and_an_address_that_nobody_serves_are_told_in_a_sentence(tmp_path):
    house = House(tmp_path)
    assert house.command("watch").returncode == 1
    night_of(house.home, today())
    unheard = house.command("watch", "--ping", "http://127.0.0.1:1/")
    assert unheard.returncode == 1
    assert "could not be reached" in unheard.stderr
    assert "Traceback" not in unheard.stderr
