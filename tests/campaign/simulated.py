"""Simulated provinces at the door: nothing clean raises an alarm, and no planted defect is taken in silence.

Each night judges all deliveries of a province, and no more. A province follows from its seed; a kind of defect is a
delivery of it, sent again a day later with something wrong.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

import openpyxl

from pipeline.settings import PROJECT_ROOT
from tests.campaign.log import Log
from tests.house import House

Rows = list[list[str]]
FEEDS = (
    "building_permits", "grdp", "obstacles", "planning_reviews", "seafood_exports", "social_housing", "tourism",
    "treasury_disbursement", "wind_power",
)  # fmt: skip


def clean_nights(folder: Path, log: Log, *, count: int, seed: int) -> bool:
    """Judge the deliveries of as many clean provinces; any delivery not taken whole, or warned of, is a false alarm."""
    alarms = 0
    for number in range(count):
        house = House(folder / "province")
        shutil.rmtree(house.root, ignore_errors=True)
        _simulated(house, seed + number)
        night = house.intake_night()
        said = [one.sentence for one in (*night.refused, *night.in_part)] + [*night.stopped, *night.idle]
        delivered = sum(1 for path in house.inbox.rglob("*__*"))
        is_well = not said and not night.warned and night.exit_code == 0
        alarms += not is_well
        log.write(
            part="clean", seed=seed + number, deliveries=delivered, warned=night.warned, code=night.exit_code,
            said=said, well=is_well,
        )  # fmt: skip
    log.write(part="clean", nights=count, false_alarms=alarms)
    return not alarms


def _simulated(house: House, seed: int) -> None:
    command = [sys.executable, "-m", "simulator", "--out", str(house.root / "made"), "--clean", "--seed", str(seed)]
    subprocess.run(command, check=True, cwd=PROJECT_ROOT, stdout=subprocess.DEVNULL)
    (house.root / "made" / "inbox").rename(house.inbox)


class Defect(NamedTuple):
    """A delivery to be sent again, what is done to it, and its new name where that is not as the feed wants it."""

    feed: str
    pattern: str
    spoil: Callable[[bytes], bytes]
    name: str | None = None


def planted(folder: Path, log: Log, *, count: int, seed: int) -> bool:
    """Plant defects, one in a night; each is to be refused, or its rows, or at the least warned of."""
    clean = House(folder / "clean")
    _simulated(clean, seed)
    for place in clean.inbox.iterdir():
        if place.is_dir() and place.name not in FEEDS:
            shutil.rmtree(place)
    before = clean.intake_night()
    verdicts: dict[str, int] = {}
    for kind, defect in list(DEFECTS.items())[:count]:
        house = House(folder / "tried")
        shutil.rmtree(house.root, ignore_errors=True)
        clean.copied_to(house.root)
        original = max(house.inbox.glob(f"{defect.feed}/{defect.pattern}"))
        name = defect.name or _a_day_later(original.name)
        house.deliver(name, defect.spoil(original.read_bytes()), defect.feed)
        night = house.intake_night()
        refused = [one.reason for one in night.refused if one.file_name == name]
        in_part = [one.reason for one in night.in_part if one.file_name == name]
        verdict = (
            "refused" if refused else "in part" if in_part else "warned" if night.warned > before.warned else "silence"
        )
        verdicts[verdict] = verdicts.get(verdict, 0) + 1
        log.write(part="planted", kind=kind, file=name, verdict=verdict, said=[*refused, *in_part])
    log.write(part="planted", kinds=min(count, len(DEFECTS)), verdicts=verdicts)
    return "silence" not in verdicts


def _a_day_later(name: str) -> str:
    feed, period, day, *note = name.split("__")
    later = dt.date.fromisoformat(day) + dt.timedelta(days=1)
    return "__".join((feed, period, later.isoformat(), *note))


def _rows(change: Callable[[Rows], Rows]) -> Callable[[bytes], bytes]:
    """What is done to the cells of a CSV file, its header among them."""

    def spoil(content: bytes) -> bytes:
        rows = change(list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""))))
        text = io.StringIO(newline="")
        csv.writer(text, lineterminator="\n").writerows(rows)
        return text.getvalue().encode()

    return spoil


def _cell(column: int, value: str | Callable[[str], str], row: int = 1) -> Callable[[bytes], bytes]:
    def change(rows: Rows) -> Rows:
        rows[row][column] = value if isinstance(value, str) else value(rows[row][column])
        return rows

    return _rows(change)


def _column(column: int, value: Callable[[str], str]) -> Callable[[bytes], bytes]:
    return _rows(lambda rows: [rows[0], *([*r[:column], value(r[column]), *r[column + 1 :]] for r in rows[1:])])


def _without_column(column: int) -> Callable[[bytes], bytes]:
    return _rows(lambda rows: [[*r[:column], *r[column + 1 :]] for r in rows])


def _sheet(change: Callable[[openpyxl.Workbook], None]) -> Callable[[bytes], bytes]:
    """What is done to a workbook."""

    def spoil(content: bytes) -> bytes:
        book = openpyxl.load_workbook(io.BytesIO(content))
        change(book)
        saved = io.BytesIO()
        book.save(saved)
        return saved.getvalue()

    return spoil


def _numbers(change: Callable[[float], float], only_row: str | None = None) -> Callable[[bytes], bytes]:
    """What is done to the numbers of a workbook's first sheet, written as offices do; of one row where it is named."""

    def spoil(book: openpyxl.Workbook) -> None:
        for row in book.worksheets[0].iter_rows():
            if only_row is not None and only_row not in [one.value for one in row]:
                continue
            for one in row:
                if isinstance(one.value, str) and re.fullmatch(r"[\d.]+,\d+", one.value):
                    number = change(float(one.value.replace(".", "").replace(",", ".")))
                    one.value = f"{number:.2f}".replace(".", ",")

    return _sheet(spoil)


def _times(factor: float) -> Callable[[str], str]:
    return lambda cell: f"{float(cell) * factor:g}" if cell else cell


def _named(book: openpyxl.Workbook) -> None:
    book.worksheets[0].title = "Trang 9"


def _no_header(book: openpyxl.Workbook) -> None:
    book.worksheets[0].delete_rows(1, 8)


TOURISM, VOUCHERS, PERMITS = "tourism__2025-01__*", "treasury_disbursement__2024-11__*", "building_permits__2024-Q4__*"
EXPORTS, HOUSING, OBSTACLES = "seafood_exports__2024-Q4__*", "social_housing__2024__*", "obstacles__2024-Q4__*"
GRDP, WIND, REVIEWS = "grdp__2024__*", "wind_power__2024-9M__*", "planning_reviews__2024-Q4__*"

DEFECTS: Mapping[str, Defect] = {
    "nothing in the file": Defect("tourism", TOURISM, lambda _: b""),
    "a header and no row": Defect("tourism", TOURISM, _rows(lambda rows: rows[:1])),
    "no header": Defect("treasury_disbursement", VOUCHERS, _rows(lambda rows: rows[1:])),
    "a web page": Defect("tourism", TOURISM, lambda _: b"<html><body><h1>502 Bad Gateway</h1></body></html>"),
    "bytes of another program": Defect("obstacles", OBSTACLES, lambda _: bytes(range(256)) * 40),
    "half a workbook": Defect("grdp", GRDP, lambda content: content[: len(content) // 2]),
    "a workbook with another sheet": Defect("grdp", GRDP, _sheet(_named)),
    "a workbook without its header": Defect("grdp", GRDP, _sheet(_no_header)),
    "a form that is none": Defect("tourism", TOURISM, lambda _: b"%PDF-1.7", "tourism__2025-01__2025-02-09.pdf"),
    "a name that is none": Defect("tourism", TOURISM, _cell(1, "437000"), "tourism_thang_1.csv"),
    "a period that is none": Defect("tourism", TOURISM, _cell(1, "437000"), "tourism__2025-13__2025-02-09.csv"),
    "a needed column missing": Defect("treasury_disbursement", VOUCHERS, _without_column(8)),
    "a key's column missing": Defect("seafood_exports", EXPORTS, _without_column(1)),
    "a column under another name": Defect("tourism", TOURISM, _cell(3, "tổng", row=0)),
    "a column twice": Defect("tourism", TOURISM, _rows(lambda rows: [[*r, r[1]] for r in rows])),
    "a word for a number": Defect("treasury_disbursement", VOUCHERS, _cell(8, "một tỷ")),
    "an error of a spreadsheet": Defect("seafood_exports", EXPORTS, _cell(4, "#REF!")),
    "a number missing": Defect("treasury_disbursement", VOUCHERS, _cell(8, "")),
    "a key missing": Defect("obstacles", OBSTACLES, _cell(0, "")),
    "a negative count": Defect("tourism", TOURISM, _cell(1, "-5")),
    "a negative value": Defect("seafood_exports", EXPORTS, _cell(4, "-12.5")),
    "decimals in whole dong": Defect("treasury_disbursement", VOUCHERS, _cell(8, "1000000.5")),
    "two points in a number": Defect("tourism", TOURISM, _cell(3, "1.260.5")),
    "a line twice": Defect("treasury_disbursement", VOUCHERS, _rows(lambda rows: [*rows, rows[1]])),
    "a key twice with other figures": Defect("seafood_exports", EXPORTS, _rows(lambda r: [*r, [*r[1][:3], "1", "2"]])),
    "a day that is none": Defect("building_permits", PERMITS, _cell(13, "31/02/2024")),
    "a day after the file's period": Defect("treasury_disbursement", VOUCHERS, _cell(2, "24/12/2024")),
    "a month of another period": Defect("tourism", TOURISM, _cell(0, "2024-05")),
    "a case resolved in the future": Defect("obstacles", OBSTACLES, _cell(4, "30/12/2026")),
    "a start in the future": Defect("social_housing", HOUSING, _cell(2, "15/09/2027")),
    "a district that is none": Defect("planning_reviews", REVIEWS, _cell(1, "999")),
    "a market that is none": Defect("seafood_exports", EXPORTS, _cell(1, "Nhật Bản")),
    "a source of funds that is none": Defect("treasury_disbursement", VOUCHERS, _cell(5, "xổ số")),
    "an agency that is none": Defect("obstacles", OBSTACLES, _cell(1, "SABC")),
    "a result that is none": Defect("building_permits", PERMITS, _cell(12, "maybe")),
    "more nights than visitors": Defect("tourism", TOURISM, _cell(2, "999999999")),
    "thousand dong for dong": Defect("treasury_disbursement", VOUCHERS, _column(8, lambda c: str(int(c) // 1000))),
    "million dong for dong": Defect("treasury_disbursement", VOUCHERS, _column(8, lambda c: str(int(c) // 10**6))),
    "dollars in thousands": Defect("seafood_exports", EXPORTS, _column(4, _times(0.001))),
    "a figure a thousand times too high": Defect("tourism", TOURISM, _column(1, lambda c: str(int(c) * 1000))),
    "a total that is not its parts": Defect("grdp", GRDP, _numbers(lambda n: n * 1.5, only_row="GRDP")),
    "levels in other units": Defect("grdp", GRDP, _numbers(lambda n: n * 1000)),
}
"""What offices and programs do wrong, by what it is."""
