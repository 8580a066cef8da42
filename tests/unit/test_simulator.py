"""The simulator against arithmetic done here, on the files that it writes and never on its own functions."""

from __future__ import annotations

import csv
import datetime as dt
import re
import subprocess
import sys
from collections import Counter, defaultdict
from decimal import Decimal
from pathlib import Path
from unicodedata import normalize

import pytest
from python_calamine import CalamineWorkbook

from dbt_like_sql.contracts import Contract
from dbt_like_sql.delivery_names import parse_delivery_name
from dbt_like_sql.project import load_project
from simulator.capture_truth import NOT_IN_SAMPLES
from simulator.samples import SAMPLES
from simulator.simulate import simulate
from simulator.works import Options

Table = list[dict[str, str]]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("made")
    simulate(root, scale=1, say=lambda _: None)
    return root


def read_csv(path: Path) -> Table:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def read_rows(path: Path) -> list[list[object]]:
    return CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()


def vietnamese(text: object) -> Decimal:
    words = str(text)
    return Decimal(0) if words == "-" else Decimal(words.replace(".", "").replace(",", "."))


def only(folder: Path, pattern: str) -> Path:
    (path,) = folder.glob(pattern)
    return path


# --- accounts -------------------------------------------------------------------------------------------------------

SECTIONS = {
    "IND": ("B", "C", "D", "E"),
    "III": ("G", "H", "VSIC_I", "J", "K", "L", "M", "N", "O", "P", "Q", "R", "S"),
}


def release(made: Path, day: str) -> dict[str, dict[str, tuple[Decimal, Decimal, str]]]:
    """Header of each period → sector → level at constant prices, at current prices, stage."""
    rows = read_rows(only(made / "inbox/grdp", f"*__{day}__*.xlsx"))
    top = next(i for i, row in enumerate(rows) if row[0] == "Mã tỉnh")
    columns: dict[str, dict[str, tuple[Decimal, Decimal, str]]] = {}
    for j, header in enumerate(rows[top]):
        if j >= 3 and header:
            columns[str(header)] = {
                str(row[1]): (vietnamese(row[j]), vietnamese(row[j + 1]), str(row[j + 2]))
                for row in rows[top + 3 :]
                if row[0] == "94"
            }
    return columns


def growth(columns: dict[str, dict[str, tuple[Decimal, Decimal, str]]], header: str, sector: str) -> Decimal:
    before = header.replace("2024", "2023") if "2024" in header else header.replace("2023", "2022")
    now, then = columns[header][sector][0], columns[before][sector][0]
    return round((now / then - 1) * 100, 2)


def test_growth_of_2024_is_the_published_growth(made: Path) -> None:
    columns = release(made, "2024-12-01")
    assert {s: growth(columns, "Năm 2024", s) for s in ("I", "II", "III", "TAX", "GRDP")} == {
        "I": Decimal("3.94"), "II": Decimal("10.30"), "III": Decimal("8.96"), "TAX": Decimal("6.85"),
        "GRDP": Decimal("7.07"),
    }  # fmt: skip


def test_industry_and_construction_weigh_up_to_sector_ii(made: Path) -> None:
    columns = release(made, "2024-12-01")
    a = columns["Năm 2023"]["IND"][0] / columns["Năm 2023"]["II"][0]
    both = a * growth(columns, "Năm 2024", "IND") + (1 - a) * growth(columns, "Năm 2024", "CON")
    assert abs(both - Decimal("10.30")) < Decimal("0.01")


def test_current_prices_give_the_published_level_and_shares(made: Path) -> None:
    columns = release(made, "2024-12-01")
    assert columns["Năm 2023"]["GRDP"][1] == 72472
    year = columns["Năm 2024"]
    shares = [round(year[s][1] / year["GRDP"][1] * 100, 2) for s in ("I", "II", "III")]
    assert shares == [Decimal("40.97"), Decimal("16.18"), Decimal("39.77")]


@pytest.mark.parametrize(
    ("day", "header", "published"),
    [
        ("2023-04-01", "Quý I năm 2023", "3.30"),
        ("2023-07-01", "Quý II năm 2023", "4.02"),
        ("2023-10-01", "Quý III năm 2023", "7.74"),
        ("2023-12-01", "Quý IV năm 2023", "8.13"),
        ("2023-12-01", "Năm 2023", "5.77"),
        ("2024-07-01", "6 tháng năm 2024", "6.54"),
        ("2024-10-01", "9 tháng năm 2024", "6.55"),
    ],
)
def test_earlier_releases_say_what_was_published_then(made: Path, day: str, header: str, published: str) -> None:
    assert growth(release(made, day), header, "GRDP") == Decimal(published)


def test_parts_add_up_exactly_in_every_release(made: Path) -> None:
    files = sorted((made / "inbox/grdp").glob("*.xlsx"))
    assert len(files) == 8
    for file in files:
        columns = release(made, file.name.split("__")[2])
        for header, levels in columns.items():
            for i in (0, 1):
                level = {sector: figures[i] for sector, figures in levels.items()}
                assert level["GRDP"] == level["I"] + level["II"] + level["III"] + level["TAX"], (file.name, header)
                assert level["II"] == level["IND"] + level["CON"], (file.name, header)
                for sector, sections in SECTIONS.items():
                    assert level[sector] == sum(level[s] for s in sections), (file.name, header, sector)


def test_every_release_holds_the_year_before_beside_each_period(made: Path) -> None:
    columns = release(made, "2024-10-01")
    for header in ("Quý III năm 2024", "9 tháng năm 2024", "Quý II năm 2024", "6 tháng năm 2024"):
        assert header in columns
        assert header.replace("2024", "2023") in columns
    assert {columns[h]["GRDP"][2] for h in ("Quý III năm 2024", "9 tháng năm 2024")} == {"estimate_1"}
    assert columns["Năm 2023"]["GRDP"][2] == "preliminary"
    assert columns["Năm 2022"]["GRDP"][2] == "official"


def test_the_year_is_the_sum_of_its_quarters_in_the_back_data(made: Path) -> None:
    rows = read_csv(only(made / "inbox/grdp", "*.csv"))
    for price in ("value_constant_bn", "value_current_bn"):
        level = {(r["sector_code"], r["period"]): Decimal(r[price]) for r in rows}
        for year in range(2018, 2023):
            for sector in ("GRDP", "I", "II", "IND", "CON", "III", "TAX"):
                quarters = [level[sector, f"{year}-Q{q}"] for q in range(1, 5)]
                assert level[sector, str(year)] == sum(quarters)
                assert level[sector, f"{year}-6M"] == sum(quarters[:2])
                assert level[sector, f"{year}-9M"] == sum(quarters[:3])


# --- index ----------------------------------------------------------------------------------------------------------


def test_the_index_grows_as_published(made: Path) -> None:
    rows = read_csv(made / "ground_truth/industrial_production_index.csv")
    level = {r["month"]: Decimal(r["index_level"]) for r in rows}

    def from_january(year: int, months: int) -> Decimal:
        now, then = (sum(level[f"{y}-{m:02d}"] for m in range(1, months + 1)) for y in (year, year - 1))
        return round((now / then - 1) * 100, 2)

    assert from_january(2023, 12) == Decimal("-4.88")
    assert [from_january(2024, m) for m in (2, 5, 12)] == [Decimal("2.31"), Decimal("4.72"), Decimal("5.50")]


# --- construction ---------------------------------------------------------------------------------------------------


def test_construction_output_adds_up_by_ownership_and_by_kind_of_work(made: Path) -> None:
    for file in (made / "inbox/construction_output").glob("*.xlsx"):
        cells: dict[tuple[str, str, str, str], tuple[Decimal, Decimal]] = {}
        for row in read_rows(file):
            if row[0] == "94":
                district, period, owner, work = str(row[1]), str(row[3]), str(row[4]), str(row[5])
                cells[district, period, owner, work] = (vietnamese(row[6]), vietnamese(row[7]))
        works = ("residential", "non_residential", "civil_engineering", "specialised")
        for (district, period, owner, work), values in cells.items():
            for i in (0, 1):
                if owner == "total":
                    parts = [cells[district, period, o, work][i] for o in ("state", "non_state", "fdi")]
                    assert values[i] == sum(parts)
                if work == "total":
                    assert values[i] == sum(cells[district, period, owner, w][i] for w in works)
                if owner == "of_which_households":
                    assert values[i] <= cells[district, period, "non_state", work][i]


def test_the_withdrawn_delivery_lacks_a_district_and_the_next_one_has_it(made: Path) -> None:
    (withdrawal,) = read_csv(only(made / "inbox/delivery_withdrawals", "*.csv"))
    withdrawn = made / "inbox/construction_output" / withdrawal["delivery_file"]
    replaced = only(made / "inbox/construction_output", "*__2024-10-28__*")
    assert "951" not in {row[1] for row in read_rows(withdrawn)}
    assert "951" in {row[1] for row in read_rows(replaced)}


# --- public investment ----------------------------------------------------------------------------------------------

SIGNS = {"advance": 1, "payment": 1, "advance_recovery": -1, "refund": -1}
Key = tuple[str, str, str, str]


def day_of(text: str) -> dt.date:
    return dt.datetime.strptime(text, "%d/%m/%Y").date()  # noqa: DTZ007  a day has no time zone


def vouchers(made: Path) -> list[tuple[dt.date, Key, str, int, str, int]]:
    """Posting day, (project, budget year, source, component), type, amount, number, line; as they were posted."""
    found = []
    for file in (made / "inbox/treasury_disbursement").glob("*.csv"):
        for r in read_csv(file):
            key = (r["Mã dự án"], r["Năm ngân sách"], r["Nguồn vốn"], r["Loại kế hoạch vốn"])
            number, line = r["Số chứng từ"], int(r["Số dòng"])
            found.append(
                (day_of(r["Ngày hạch toán"]), key, r["Loại giao dịch"], int(r["Số tiền (đồng)"]), number, line)
            )
    return sorted(found, key=lambda v: (v[0], v[4], v[5]))


def plan(made: Path) -> list[tuple[dt.date, Key, int, str]]:
    """Day of decision, (project, budget year, source, component), amount, decision; from the last snapshot."""
    rows = read_rows(only(made / "inbox/investment_plan", "*__2025-01-06__*"))
    return [
        (
            day_of(str(r[8])),
            (str(r[0]), str(int(float(str(r[2])))), str(r[3]), str(r[4])),
            int(vietnamese(r[7])),
            str(r[5]),
        )
        for r in rows
        if str(r[0]).startswith("79")
    ]


def test_the_plans_have_the_published_and_declared_size(made: Path) -> None:
    sums: dict[tuple[str, str], int] = defaultdict(int)
    for _, (_, year, _, component), amount, _ in plan(made):
        sums[year, component] += amount
    bn = 10**9
    assert sums["2023", "pm_assigned"] == 5870600 * bn // 1000
    assert sums["2023", "province_supplement"] == 328184 * bn // 1000
    assert sums["2023", "carried_over"] == 587800 * bn // 1000
    assert sum(amount for (year, _), amount in sums.items() if year == "2024") == 7500 * bn
    assert sums["2025", "pm_assigned"] == 8957 * bn


def test_a_third_of_the_plan_of_2024_is_the_expressway(made: Path) -> None:
    projects = read_rows(only(made / "inbox/investment_projects", "*.xlsx"))
    (expressway,) = [row[0] for row in projects if row[3] == "DIS-KEY-1"]
    of_2024 = [(key, amount) for _, key, amount, _ in plan(made) if key[1] == "2024"]
    its_plan = sum(amount for key, amount in of_2024 if key[0] == expressway)
    assert 3 * its_plan == sum(amount for _, amount in of_2024)


def test_the_decision_of_september_moves_money_and_leaves_the_whole(made: Path) -> None:
    moved = [amount for day, _, amount, _ in plan(made) if day == dt.date(2024, 9, 20)]
    assert sum(moved) == 0
    assert sum(amount for amount in moved if amount > 0) == 60 * 10**9


def test_the_published_share_of_the_prime_ministers_plan_is_disbursed_by_the_end_of_october(made: Path) -> None:
    day = dt.date(2024, 10, 31)
    planned = sum(a for d, key, a, _ in plan(made) if (key[1], key[3]) == ("2024", "pm_assigned") and d <= day)
    paid = sum(
        SIGNS[kind] * amount
        for posted, key, kind, amount, _, _ in vouchers(made)
        if key[1:4:2] == ("2024", "pm_assigned") and posted <= day
    )
    assert paid == planned * 534 // 1000


def test_no_recovery_exceeds_the_open_advance(made: Path) -> None:
    open_advance: dict[Key, int] = defaultdict(int)
    for day, key, kind, amount, number, _ in vouchers(made):
        open_advance[key] += {"advance": amount, "advance_recovery": -amount}.get(kind, 0)
        assert open_advance[key] >= 0, (day, number)


def test_nothing_is_disbursed_above_the_plan_in_force(made: Path) -> None:
    decisions = plan(made)
    paid: dict[Key, int] = defaultdict(int)
    for day, key, kind, amount, number, _ in vouchers(made):
        paid[key] += SIGNS[kind] * amount
        if kind != "payment":  # a payment stands before its recovery in one voucher
            assert paid[key] <= sum(a for d, k, a, _ in decisions if k == key and d <= day), number


def test_after_the_closing_of_a_budget_year_only_its_advances_are_settled(made: Path) -> None:
    late: dict[Key, int] = defaultdict(int)
    settled = 0
    for day, key, kind, amount, _, _ in vouchers(made):
        assert day.weekday() < 5
        year = int(key[1])
        assert day.year >= year
        if day > dt.date(year + 1, 1, 31):
            assert kind in ("payment", "advance_recovery")
            late[key] += SIGNS[kind] * amount
            settled += 1
    assert settled > 0
    assert set(late.values()) == {0}


def test_voucher_lines_are_unique_and_positive(made: Path) -> None:
    lines = [(number, line) for _, _, _, _, number, line in vouchers(made)]
    assert len(lines) == len(set(lines))
    assert min(amount for _, _, _, amount, _, _ in vouchers(made)) > 0


def test_the_truth_about_disbursement_is_the_sum_of_the_vouchers(made: Path) -> None:
    sums: dict[tuple[Key, str], int] = defaultdict(int)
    for day, key, kind, amount, _, _ in vouchers(made):
        sums[key, f"{day:%Y-%m}"] += SIGNS[kind] * amount
    truth = {
        ((r["project_code"], r["budget_year"], r["source"], r["plan_component"]), r["month"]): int(r["disbursed_vnd"])
        for r in read_csv(made / "ground_truth/disbursement_by_project.csv")
    }
    assert truth == sums


# --- industry -------------------------------------------------------------------------------------------------------


def test_sea_products_peak_from_july_to_october_and_nobody_exceeds_capacity(made: Path) -> None:
    shrimp: dict[int, float] = defaultdict(float)
    for file in (made / "inbox/industry_output").glob("*.xlsx"):
        for row in read_rows(file):
            if str(row[0]).startswith("MOPHONG-"):
                quantity = float(vietnamese(row[4])) if isinstance(row[4], str) else float(str(row[4]))
                if row[7] != "…":
                    assert quantity <= float(str(row[7]))
                if row[1] == "frozen_shrimp":
                    shrimp[int(str(row[3]).split()[1].split("/")[0])] += quantity
    assert min(shrimp[m] for m in (7, 8, 9, 10)) > max(shrimp[m] for m in (1, 2, 3, 4, 5, 6, 11, 12))


# --- files ----------------------------------------------------------------------------------------------------------


def content(root: Path) -> dict[str, bytes]:
    return {str(p.relative_to(root)): p.read_bytes() for p in sorted(root.rglob("*")) if p.is_file()}


def test_a_seed_gives_the_same_bytes_and_another_seed_others(made: Path, tmp_path: Path) -> None:
    simulate(tmp_path / "again", scale=1, say=lambda _: None)
    simulate(tmp_path / "other", scale=1, seed=7, say=lambda _: None)
    assert content(tmp_path / "again") == content(made)
    assert content(tmp_path / "other") != content(made)


def test_more_areas_leave_the_province_as_it_is(made: Path, tmp_path: Path) -> None:
    simulate(tmp_path, scale=3, say=lambda _: None)
    for name in ("sector_levels", "disbursement_by_project", "construction_output", "industry_output"):
        alone = read_csv(made / f"ground_truth/{name}.csv")
        together = read_csv(tmp_path / f"ground_truth/{name}.csv")
        assert [r for r in together if r["area_code"] == "94"] == alone
        assert len({r["area_code"] for r in together}) == 3


def test_project_codes_are_never_shared_between_areas(tmp_path: Path) -> None:
    simulate(tmp_path, scale=3, say=lambda _: None)
    rows = read_csv(tmp_path / "ground_truth/disbursement_by_project.csv")
    owners = defaultdict(set)
    for row in rows:
        owners[row["project_code"]].add(row["area_code"])
    assert all(len(areas) == 1 for areas in owners.values())


def test_every_delivery_is_named_as_the_inbox_wants_and_says_that_it_is_simulated(made: Path) -> None:
    files = sorted((made / "inbox").glob("*/*"))
    assert len(files) == 100
    for file in files:
        name = parse_delivery_name(file.name, file.parent.name)
        assert name.is_simulated
        assert name.released_on <= dt.date(2025, 2, 10)


def test_a_clean_province_has_none_of_the_planted_defects(tmp_path: Path) -> None:
    simulate(tmp_path, scale=1, say=lambda _: None, options=Options(clean=True))
    assert read_csv(tmp_path / "ground_truth/planted_defects.csv") == []
    assert not (tmp_path / "inbox/delivery_withdrawals").exists()
    assert len(list((tmp_path / "inbox/construction_output").glob("*"))) == 4
    for file in (tmp_path / "inbox/industrial_production_index").glob("*"):
        assert "Ghi chú của phòng" not in {cell for row in read_rows(file) for cell in row}


def test_planted_defects_name_files_that_exist(made: Path) -> None:
    for defect in read_csv(made / "ground_truth/planted_defects.csv"):
        assert (made / "inbox" / defect["feed"] / defect["file"]).is_file()


def test_the_command_refuses_a_folder_that_holds_something(tmp_path: Path) -> None:
    (tmp_path / "kept.txt").write_text("mine")
    command = [sys.executable, "-m", "simulator", "--out", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=SAMPLES.parent, check=False)
    assert done.returncode == 2
    assert "is not empty" in done.stderr
    assert [p.name for p in tmp_path.iterdir()] == ["kept.txt"]


# --- samples --------------------------------------------------------------------------------------------------------


def test_samples_are_what_the_simulator_writes(made: Path) -> None:
    simulated = (
        "ground_truth/",
        *(f"inbox/{folder.name}/" for folder in (made / "inbox").iterdir() if folder.is_dir()),
    )
    kept = {name: data for name, data in content(SAMPLES).items() if name.startswith(simulated)}
    assert (SAMPLES / "inbox" / ".samples").read_bytes() == b""
    left_out = {f"ground_truth/{name}.csv" for name in NOT_IN_SAMPLES} | {"inbox/.simulated"}
    assert kept == {name: data for name, data in content(made).items() if name not in left_out}


def test_the_page_about_samples_counts_what_the_simulator_writes(made: Path) -> None:
    page = (SAMPLES / "README.md").read_text(encoding="utf-8")
    there = Counter(path.parent.name for path in (made / "inbox").glob("*/*"))
    told = re.findall(r"^\| `([a-z_]+)` \| (\d+) \|", page, flags=re.MULTILINE)
    assert sorted(told) == sorted((feed, str(n)) for feed, n in there.items())
    published = list((SAMPLES / "inbox" / "published_figures").iterdir())
    assert re.findall(r"lands: (\d+) deliveries", page) == [str(there.total() + len(published))]


def test_samples_stay_small() -> None:
    assert sum(len(data) for data in content(SAMPLES).values()) < 3_000_000


def test_the_published_figures_are_real_and_carry_their_sources() -> None:
    path = only(SAMPLES / "inbox/published_figures", "*.csv")
    assert not parse_delivery_name(path.name, "published_figures").is_simulated
    rows = read_csv(path)
    assert len(rows) == 40
    assert all(row["source_url"].startswith("https://") and row["publisher"] and row["said_on"] for row in rows)


# --- any scale ------------------------------------------------------------------------------------------------------


def keys_in(path: Path, contract: Contract) -> list[tuple[object, ...]]:
    """What the cells under the headers of a contract's key say, row by row.

    In a table that is wide the last field of the key stands in the headers, once for each group of columns. What other
    headers state, such as a price base, is left out: the rest must be unique by itself.
    """
    stated = {name for rule in contract.fields for header in rule.headers for name in re.findall(r"{(\w+)}", header)}
    asked = [name for name in contract.key if name not in stated]
    if path.suffix != ".csv" and contract.forms["xlsx"].labels is not None:
        return keys_in_labels(path)
    if path.suffix == ".csv":
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows: list[list[object]] = [list(row) for row in csv.reader(file)]
    else:
        rows = read_rows(path)
    rows = [[normalize("NFC", cell) if isinstance(cell, str) else cell for cell in row] for row in rows]
    written = {rule.name: {rule.name, *rule.headers} for rule in contract.fields if rule.name in contract.key}
    for number, row in enumerate(rows):
        columns = [next((j for j, cell in enumerate(row) if cell in written[name]), None) for name in asked]
        found = [j for j in columns if j is not None]
        if len(found) >= max(1, len(asked) - 1):
            below = [tuple(cells[j] for j in found) for cells in rows[number + 1 :] if len(cells) > max(found)]
            return [key for key in below if all(cell not in ("", None) for cell in key)]
    raise AssertionError(f"{path.name} has no header of its key {contract.key}")


def keys_in_labels(path: Path) -> list[tuple[object, ...]]:
    """Of a table whose rows are named by labels: each label under the last continent above it."""
    labels = ["".join(str(cell) for cell in row if isinstance(cell, str)) for row in read_rows(path) if row[-1] != ""]
    return [(sum(text.startswith("Châu") for text in labels[: at + 1]), text) for at, text in enumerate(labels)]


@pytest.mark.parametrize(("scale", "seed"), [(2, 1), (5, 7), pytest.param(20, 2724, marks=pytest.mark.slow)])
def test_no_delivery_of_any_feed_says_a_key_twice(tmp_path: Path, scale: int, seed: int) -> None:
    simulate(tmp_path, scale, seed, say=lambda _: None)
    contracts = load_project().contracts
    paths = sorted((tmp_path / "inbox").glob("*/*"))
    page = (SAMPLES / "README.md").read_text(encoding="utf-8")
    assert {path.parent.name for path in paths} == set(re.findall(r"(?m)^\| `([a-z_]+)` \| \d+ \|", page))
    for path in paths:
        keys = Counter(keys_in(path, contracts[path.parent.name]))
        assert keys, path.name
        assert [key for key, times in keys.items() if times > 1] == [], path.name
