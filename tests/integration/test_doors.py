"""What may lie in an inbox beside good deliveries: names of any bytes, links, devices, what nobody may read, and
deliveries of another province.

The real command meets all of it in one night, and in a second one what was withdrawn or taken away. Each is one refused
delivery with a sentence; the rest is published; nothing that the inbox only points to is read.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from pipeline.night import EVIDENCE_AFFECTED
from pipeline.settings import PROJECT_ROOT
from resources.file_names import NAME_LIMIT, printable, safe_name, spelled
from simulator.simulate import simulate
from tests.house import House, csv_text
from tests.integration.test_bad_input import GRDP_HEADER, GRDP_ROWS

GOOD = "grdp__2024-Q3__2024-10-01.csv"
SECRET = "top-secret-line-of-a-system-file"
LONG = f"grdp__2024-Q3__2024-10-02__{'dài' * 51}xyz.csv"
NO_UTF8 = os.fsdecode(b"grdp__2024-Q3__2024-10-03__\xff.csv")
LINE_BREAK = "grdp__2024-Q3__2024-10-04__a\nb.csv"
RECEIPT = "receipt.json"
LINK, LINK_TO_NOTHING = "grdp__2024-Q3__2024-10-05.csv", "grdp__2024-Q3__2024-10-06.csv"
FOLDER = "grdp__2024-Q3__2024-10-07.xlsx"
PIPE, SOCKET = "grdp__2024-Q3__2024-10-08.csv", "grdp__2024-Q3__2024-10-09.csv"
UNREADABLE, UNREADABLE_FOLDER = "tourism__2024-08__2024-09-10.csv", "older"
LINKED_FOLDER, LINKED_FEED = "elsewhere", "retail_services"
OTHER_AREA, TWO_AREAS = "grdp__2024-Q2__2024-07-01.csv", "grdp__2024-Q1__2024-04-01.csv"
OTHER_DISTRICTS = "construction_frame__2024__2024-01-05.csv"
WITHDRAWN = (printable(NO_UTF8), LONG, printable(LINE_BREAK), LINK, RECEIPT, OTHER_AREA, TWO_AREAS, OTHER_DISTRICTS)

REFUSED: dict[str, tuple[str, tuple[str, ...]]] = {
    # printable name: (feed, words of its sentence)
    LONG: ("grdp", (f"{len(LONG.encode())} bytes", f"may have {NAME_LIMIT}", "names_are_understood", "Shorten")),
    "grdp__2024-Q3__2024-10-03__{xff}.csv": ("grdp", ("no UTF-8", "names_are_understood", "Rename it")),
    "grdp__2024-Q3__2024-10-04__a{u000a}b.csv": ("grdp", ("cannot be seen", "Rename it")),
    RECEIPT: ("grdp", ("does not have the parts", "Name it grdp__")),
    LINK: ("grdp", (f"'grdp/{LINK}' in the inbox is a link", "deliveries_are_files", "Put the file itself there")),
    LINK_TO_NOTHING: ("grdp", ("is a link", "deliveries_are_files")),
    FOLDER: ("grdp", ("a folder in the place of a file", "deliveries_are_files")),
    PIPE: ("grdp", ("a named pipe", "deliveries_are_files")),
    SOCKET: ("grdp", ("a socket", "deliveries_are_files")),
    LINKED_FOLDER: ("grdp", ("'grdp/elsewhere' in the inbox is a link", "deliveries_are_files")),
    LINKED_FEED: ("retail_services", ("'retail_services' in the inbox is a link", "never followed")),
    "system.csv": ("unrecognised", ("is a link", "never followed")),
    UNREADABLE: ("tourism", ("Permission denied", "deliveries_are_readable", "take it out of the inbox")),
    UNREADABLE_FOLDER: ("tourism", ("'tourism/older' in the inbox cannot be read", "Permission denied")),
    OTHER_AREA: ("grdp", ("area 92 (Thành phố Cần Thơ)", "area 94 (Tỉnh Sóc Trăng)", "_of_its_home", "GROWTH_HOME")),
    TWO_AREAS: ("grdp", ("the areas 92 (Thành phố Cần Thơ), 94 (Tỉnh Sóc Trăng)", "GROWTH_HOME")),
    OTHER_DISTRICTS: ("construction_frame", ("districts (916, 917)", "94 (Tỉnh Sóc Trăng)", "GROWTH_HOME")),
}


class Night(NamedTuple):
    """A house after the command, and what that said."""

    house: House
    done: subprocess.CompletedProcess[str]


def nightly(house: House) -> Night:
    """Run the command as a user to whom permissions apply; root is one only without two of its capabilities."""
    limits = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"] if os.geteuid() == 0 else []
    command = [sys.executable, "-m", "pipeline", "nightly", "--quiet", "--inbox", str(house.inbox)]
    done = subprocess.run(
        [*limits, *command, "--as-of", "2024-10-15"],
        cwd=PROJECT_ROOT,
        env={**os.environ, "GROWTH_HOME": str(house.home.root), "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )
    return Night(house, done)


def sent_as(name: str) -> str:
    """What is sent under a name that cannot stay: the accounts, with a line that no other file has."""
    return csv_text(GRDP_HEADER, *GRDP_ROWS) + printable(name)


def of_area(area: str, *, national: bool = False) -> list[tuple[object, ...]]:
    """Good rows of the accounts, said of another area."""
    return [("VN" if national and number % 2 else area, *row[1:]) for number, row in enumerate(GRDP_ROWS)]


def fill(house: House) -> None:
    """Put one good delivery and everything else there is into an inbox."""
    outside = house.root / "outside"
    outside.mkdir(parents=True)
    house.home.remember(area="94")
    (outside / GOOD).write_text(f"{SECRET}\n{csv_text(GRDP_HEADER, *GRDP_ROWS)}")
    house.deliver_published_figures()
    good = house.deliver(GOOD, csv_text(GRDP_HEADER, *GRDP_ROWS))
    feed, inbox = good.parent, house.inbox
    house.deliver("grdp__2023-Q3__2023-10-01.csv", csv_text(GRDP_HEADER, *of_area("VN")[:7]))
    for name in (LONG, NO_UTF8, LINE_BREAK, RECEIPT):
        house.deliver(name, sent_as(name), "grdp")
    for name, area in ((OTHER_AREA, "92"), (TWO_AREAS, "94")):
        rows = of_area(area)[7:] + (of_area("92")[7:] if name == TWO_AREAS else [])
        text = csv_text(GRDP_HEADER, *rows)
        house.deliver(name, text.replace("2024-Q3", name.split("__")[1]))
    header = ("frame_unit_id", "valid_from", "stratum", "selection", "tax_code", "district_code", "status")
    units = [(f"U{d}", "2024-01-01", "enterprises_large", "all", "2200000001", d, "active") for d in ("916", "917")]
    house.deliver(OTHER_DISTRICTS, csv_text(header, *units))
    (feed / LINK).symlink_to(outside / GOOD)
    (feed / LINK_TO_NOTHING).symlink_to(outside / "nothing")
    (feed / LINKED_FOLDER).symlink_to(outside)
    (feed / FOLDER).mkdir()
    os.mkfifo(feed / PIPE)
    with socket.socket(socket.AF_UNIX) as listening:
        here = Path.cwd()
        os.chdir(feed)  # the path of a socket may have no more than 107 bytes
        listening.bind(SOCKET)
        os.chdir(here)
    (inbox / LINKED_FEED).symlink_to(outside)
    (inbox / "system.csv").symlink_to(outside / GOOD)
    house.deliver(UNREADABLE, "month,visitors\n2024-08,1\n").chmod(0)
    (inbox / "tourism" / UNREADABLE_FOLDER).mkdir(mode=0)


@pytest.fixture(scope="module")
def fed(after_an_empty_night: House, tmp_path_factory: pytest.TempPathFactory) -> Night:
    """A night of the command with all of it."""
    if os.geteuid() == 0 and shutil.which("setpriv") is None:
        pytest.skip("root may read everything, and there is no setpriv (util-linux) to take that from it")
    house = after_an_empty_night.copied_to(tmp_path_factory.mktemp("doors"))
    fill(house)
    return nightly(house)


@pytest.fixture(scope="module")
def healed(fed: Night, tmp_path_factory: pytest.TempPathFactory) -> Night:
    """The night after: some was withdrawn, the rest taken out of the inbox, and one file may be read now."""
    gone = {LINK_TO_NOTHING, FOLDER, PIPE, SOCKET, LINKED_FOLDER, LINKED_FEED, "system.csv", UNREADABLE_FOLDER}
    assert {*gone, *WITHDRAWN, UNREADABLE} == set(REFUSED)
    house = House(tmp_path_factory.mktemp("healed"))
    shutil.copytree(fed.house.home.root, house.home.root, symlinks=True)
    left_out = shutil.ignore_patterns(*gone, UNREADABLE)
    shutil.copytree(fed.house.inbox, house.inbox, symlinks=True, ignore=left_out)
    house.deliver(UNREADABLE, "month,visitors\n2024-08,1\n")
    rows = [(name, "2024-10-12", "Trần Thị B", "it does not belong here at all") for name in WITHDRAWN]
    house.deliver(
        "delivery_withdrawals__2024__2024-10-12.csv",
        csv_text(("delivery_file", "withdrawn_on", "officer", "reason"), *rows),
    )
    return nightly(house)


def last_lines(night: Night) -> list[str]:
    """What the command says of refused deliveries."""
    return [line for line in night.done.stderr.splitlines() if line.startswith("Refused: ")]


def test_nothing_in_an_inbox_stops_the_night(fed: Night) -> None:
    assert "Failed" not in fed.done.stderr
    assert "Traceback" not in fed.done.stderr
    assert fed.done.returncode == EVIDENCE_AFFECTED
    assert fed.house.delivery(GOOD)["status"] == "accepted"


@pytest.mark.parametrize("name", REFUSED)
def test_it_is_one_refused_delivery_with_a_sentence_that_the_night_ends_with(fed: Night, name: str) -> None:
    feed, words = REFUSED[name]
    row = fed.house.delivery(name)
    assert (row["feed"], row["status"]) == (feed, "rejected")
    assert row["findings_critical"] >= 1
    (line,) = [line for line in last_lines(fed) if line.startswith(f"Refused: {feed}, {name}: ")]
    for word in words:
        assert word in row["reason"]
        assert word in line


def test_the_night_ends_with_a_line_for_each_and_no_other(fed: Night) -> None:
    assert len(last_lines(fed)) == len(REFUSED)
    affected = [line for line in last_lines(fed) if line.endswith(" is affected.")]
    assert {line.split(": ")[1].split(", ")[0] for line in affected} == {"grdp"}


def test_what_the_inbox_only_points_to_is_read_by_nobody(fed: Night) -> None:
    said = fed.done.stdout + fed.done.stderr
    assert SECRET not in said
    assert not [p for p in fed.house.home.root.rglob("*") if p.is_file() and SECRET.encode() in p.read_bytes()]


def test_what_could_be_read_is_kept_byte_for_byte_whatever_its_name(fed: Night) -> None:
    for name in (LONG, NO_UTF8, LINE_BREAK, RECEIPT):
        delivery_id = fed.house.delivery(printable(name))["delivery_id"]
        (landed,) = [p for p in fed.house.home.landing.glob(f"grdp/{delivery_id}/*") if p.name != "receipt.json"]
        assert landed.read_text() == sent_as(name)
        assert list(fed.house.home.root.glob(f"rejects/grdp/*.{delivery_id}.csv"))


def test_figures_are_those_of_the_home_s_own_area(fed: Night) -> None:
    areas = {row["area_code"] for row in fed.house.mart("sector_growth_vs_target")}
    assert areas <= {"94", "VN"}
    assert {row["area_code"] for row in fed.house.table("validated", "grdp")} == {"94", "VN"}
    assert not fed.house.table("validated", "construction_frame")
    assert fed.house.delivery("grdp__2023-Q3__2023-10-01.csv")["status"] == "accepted"
    assert fed.house.home.area == "94"


@pytest.mark.parametrize("name", WITHDRAWN)
def test_withdrawing_it_heals(healed: Night, name: str) -> None:
    assert healed.house.delivery(name)["status"] == "withdrawn"


def test_after_withdrawals_and_a_tidy_inbox_the_night_has_nothing_to_say(healed: Night) -> None:
    assert last_lines(healed) == []
    assert healed.done.returncode == 0
    assert healed.house.delivery(UNREADABLE)["status"] == "accepted"
    names = {row["source_file"] for row in healed.house.mart("delivery_quality")}
    assert names.isdisjoint({LINK_TO_NOTHING, FOLDER, PIPE, SOCKET, LINKED_FOLDER, LINKED_FEED, UNREADABLE_FOLDER})


def test_an_inbox_that_stays_as_it_is_is_no_news(fed: Night) -> None:
    house = fed.house
    again = nightly(house)
    assert "Nothing new" in again.done.stdout
    assert last_lines(again) == last_lines(fed)
    assert again.done.returncode == EVIDENCE_AFFECTED


def test_a_link_that_was_withdrawn_and_then_taken_away_is_no_delivery_lost(house: House) -> None:
    link = house.deliver(GOOD, csv_text(GRDP_HEADER, *GRDP_ROWS)).with_name(LINK)
    link.symlink_to(house.root)
    house.deliver(
        "delivery_withdrawals__2024__2024-10-12.csv",
        csv_text(
            ("delivery_file", "withdrawn_on", "officer", "reason"),
            (LINK, "2024-10-12", "Trần Thị B", "it does not belong here at all"),
        ),
    )
    house.intake_night()
    assert house.ledger(LINK)["status"] == "withdrawn"
    link.unlink()
    later = house.deliver("grdp__2024-Q3__2024-10-02.csv", csv_text(GRDP_HEADER, *GRDP_ROWS)).name
    house.intake_night()
    assert house.ledger(later)["status"] == "accepted"


def test_a_simulated_country_fills_a_home_that_says_so(house: House, tmp_path: Path) -> None:
    simulate(tmp_path / "made", scale=2, say=lambda _: None)
    for feed in {p.name for p in (tmp_path / "made" / "inbox").iterdir() if p.is_dir()} - {"grdp", "retail_services"}:
        shutil.rmtree(tmp_path / "made" / "inbox" / feed)
    shutil.copytree(tmp_path / "made" / "inbox", house.inbox)
    house.home.accept_inbox(house.inbox)
    assert house.intake_night().refused == ()
    assert {"01", "94"} <= {row["area_code"] for row in house.table("validated", "grdp")}
    assert house.home.note()["holds"] == "simulated"


@pytest.mark.parametrize(
    "name",
    ["a.csv", NO_UTF8, LINE_BREAK, "a\\b{xff}.csv", "\U000e0001tag.csv", "\u202ecba.csv", "ước tính.csv", "-rf ..csv"],
)
def test_a_printable_name_gives_the_name_back_and_is_one_line_of_utf8(name: str) -> None:
    shown = printable(name)
    assert spelled(shown) == name
    assert len(shown.encode().splitlines()) == 1


def test_a_name_that_we_write_is_short_and_ends_as_the_file_s_does() -> None:
    assert safe_name(GOOD) == GOOD
    kept: Any = safe_name(LONG)
    assert len(kept.encode()) <= NAME_LIMIT
    assert kept.endswith(".csv")
    assert safe_name(f"a.{'b' * 240}") == f"a.{'b' * 232}"
