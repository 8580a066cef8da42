"""What the samples say, worked out in plain pandas from the validated tables: no mart, no model and no SQL is asked."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from dbt_like_sql.project import load_project

SIGNS = {"advance": 1, "payment": 1, "advance_recovery": -1, "refund": -1, "adjustment": 1}
YEAR_PLAN = ("pm_assigned", "province_supplement")
"""Components of the plan of the year without carried-over capital."""
PARTS = ("I", "II", "III", "TAX")


@dataclass(frozen=True)
class Truth:
    """The validated tables of a home as known on a day."""

    home: Path
    as_of: dt.date

    def table(self, feed: str) -> pd.DataFrame:
        """Return what was released by the day, an older vintage before a newer one."""
        rows = pd.read_parquet(self.home / "validated" / f"{feed}.parquet", dtype_backend="pyarrow")
        rows = rows[rows["released_on"] <= self.as_of]
        return rows.sort_values(["released_on", "revision"], kind="stable")

    def newest(self, feed: str, key: Sequence[str]) -> pd.DataFrame:
        """Return the newest row of each key."""
        return self.table(feed).drop_duplicates(list(key), keep="last")

    def register(self, name: str) -> pd.DataFrame:
        """Return a register as text."""
        return pd.DataFrame(load_project().seeds[name].rows())

    @cached_property
    def vouchers(self) -> pd.DataFrame:
        """Vouchers of the Treasury with their sign, each once."""
        rows = self.newest("treasury_disbursement", ["voucher_no", "line_no"])
        signs = rows["transaction_type"].map(SIGNS)
        boards = self.newest("investment_projects", ["project_code"])[["project_code", "board_code"]]
        return rows.assign(paid_vnd=rows["amount_vnd"] * signs.astype("int64[pyarrow]")).merge(
            boards, on="project_code", how="left"
        )

    @cached_property
    def plans(self) -> pd.DataFrame:
        """Decisions on plans: of each budget year those of its newest delivery."""
        rows = self.table("investment_plan")
        newest = rows.groupby("budget_year")["released_on"].transform("max")
        boards = self.newest("investment_projects", ["project_code"])[["project_code", "board_code"]]
        return rows[rows["released_on"] == newest].merge(boards, on="project_code", how="left")

    def disbursed(self, budget_year: int | None = None, board: str | None = None, to: dt.date | None = None) -> Decimal:
        """Return the money paid on the plan of the year without carried-over capital."""
        rows = self.vouchers[self.vouchers["plan_component"].isin(YEAR_PLAN)]
        if budget_year is not None:
            rows = rows[rows["budget_year"] == budget_year]
        if board is not None:
            rows = rows[rows["board_code"] == board]
        if to is not None:
            rows = rows[rows["posted_on"] <= to]
        return _sum(rows["paid_vnd"])

    def plan(
        self, budget_year: int | None = None, board: str | None = None, decided_by: dt.date | None = None
    ) -> Decimal:
        """Return the plan of the year without carried-over capital."""
        rows = self.plans[self.plans["plan_component"].isin(YEAR_PLAN)]
        if decided_by is not None:
            rows = rows[rows["decided_on"] <= decided_by]
        if budget_year is not None:
            rows = rows[rows["budget_year"] == budget_year]
        if board is not None:
            rows = rows[rows["board_code"] == board]
        return _sum(rows["amount_vnd"])

    @cached_property
    def levels(self) -> pd.DataFrame:
        """Levels of the province's accounts at constant prices, the newest of each sector and period."""
        rows = self.newest("grdp", ["area_code", "sector_code", "period"])
        return rows[(rows["area_code"] == "94") & rows["value_constant_bn"].notna()]

    def level(self, sector: str, period: str) -> Decimal:
        """Return a level; of a year that was not delivered, the sum of its quarters."""
        rows = self.levels[self.levels["sector_code"] == sector]
        found = rows[rows["period"] == period]["value_constant_bn"]
        if len(found):
            return Decimal(found.iloc[0])
        return _sum(rows[rows["period"].str.startswith(f"{period}-Q")]["value_constant_bn"])

    def grdp_of_all_quarters(self) -> Decimal:
        """Return the sum of GRDP over all quarters, as its own rows say it."""
        rows = self.levels[self.levels["sector_code"] == "GRDP"]
        return _sum(rows[rows["period"].str.contains("-Q")]["value_constant_bn"])

    def growth_of_period(self, sector: str, period: str) -> Decimal | None:
        """Return growth of a year, a quarter or the first months of a year; None where a level is not known."""
        before = f"{int(period[:4]) - 1}{period[4:]}"
        now, then = self._part_of_year(sector, period), self._part_of_year(sector, before)
        return (now / then - 1) * 100 if now and then else None

    def _part_of_year(self, sector: str, period: str) -> Decimal:
        if period.endswith("M"):
            quarters = [f"{period[:4]}-Q{number}" for number in range(1, int(period[5:-1]) // 3 + 1)]
            return sum((self.level(sector, quarter) for quarter in quarters), Decimal(0))
        return self.level(sector, period)

    def growth(self, sector: str, year: int) -> Decimal:
        """Return growth of a year on the year before, in per cent."""
        return (self.level(sector, str(year)) / self.level(sector, str(year - 1)) - 1) * 100

    def contribution(self, sector: str, year: int) -> Decimal:
        """Return what a sector contributes to the growth of GRDP, in percentage points."""
        before = str(year - 1)
        return (self.level(sector, str(year)) - self.level(sector, before)) / self.level("GRDP", before) * 100

    @cached_property
    def deliveries(self) -> pd.DataFrame:
        """What became of every delivery released by the day, from the ledger."""
        rows = _all_of(self.home / "ledger")
        return rows[rows["released_on"].isna() | (rows["released_on"] <= self.as_of)]

    @cached_property
    def findings(self) -> pd.DataFrame:
        """Findings of rules in those deliveries."""
        rows = _all_of(self.home / "rejects")
        return rows[rows["delivery_id"].isin(self.deliveries["delivery_id"])]

    @cached_property
    def permits_due(self) -> pd.DataFrame:
        """Applications whose answer is due by the newest delivery of their district, not those withdrawn."""
        rows = self.newest("building_permits", ["application_no"])
        known = rows.groupby("district_code")["released_on"].transform("max")
        rows = rows[rows["due_on"].notna() & (rows["outcome"] != "withdrawn").fillna(True)]
        return rows[rows["due_on"] <= known.loc[rows.index]]

    @cached_property
    def survey(self) -> pd.DataFrame:
        """Returns of the construction survey; those of a sampled stratum weigh as much as what was drawn there."""
        rows = self.newest("construction_survey", ["return_id", "quarter"])
        rows = rows[rows["response_status"] != "out_of_scope"].assign(
            unit=lambda one: one["frame_unit_id"].fillna(one["return_id"]),
            is_answered=lambda one: one["response_status"].isin(["responded", "partial"]),
            drawn_for=lambda one: one["weight"].fillna(1).astype(float),
        )
        cell = ["quarter", "district_code", "stratum"]
        units = rows.sort_values("is_answered").drop_duplicates(["quarter", "unit"], keep="last")
        drawn = units.groupby(cell)["drawn_for"].sum()
        answered = units[units["is_answered"]].groupby(cell)["drawn_for"].sum()
        raised = rows[cell].merge((drawn / answered).rename("raised"), left_on=cell, right_index=True, how="left")
        weight = (rows["drawn_for"] * raised["raised"]).where(rows["selection"] == "sample", 1.0)
        return rows.assign(weight=weight)

    @cached_property
    def works_of_survey(self) -> pd.DataFrame:
        """Answered works, each once, that the budget does not pay for, with weighted value and whether it is set aside.

        A value is set aside that lies out of its stratum's range for each square metre, or above 30 times the middle
        one of its unit's other quarters.
        """
        funding = self.register("funding_sources")
        budget = funding[funding["is_state_budget"] == "true"]["funding_source"].tolist()
        rows = self.survey[self.survey["is_answered"] & self.survey["value_mn"].notna()]
        permits, appraisals = self.newest("building_permits", ["application_no"]), self.table("design_appraisals")
        listed = permits[permits["permit_no"].notna()]
        public = listed[listed["funding_source"].isin(budget)]
        public_permits = set(zip(public["district_code"], public["permit_no"], strict=True))
        investors = appraisals.rename(columns={"investor_tax_code": "owner_tax_code"})
        owners = pd.concat([one[["owner_tax_code", "funding_source"]] for one in (listed, investors)]).dropna()
        always = (
            owners.assign(is_public=owners["funding_source"].isin(budget)).groupby("owner_tax_code")["is_public"].all()
        )
        paid_by_budget = [one in public_permits for one in zip(rows["district_code"], rows["permit_no"], strict=True)]
        same = ["quarter", "commune_code", "owner_tax_code", "permit_no", "floor_area_m2", "value_mn"]
        is_told_apart = rows["floor_area_m2"].notna() | rows["permit_no"].notna()
        rows = rows[
            ~rows["funding_source"].isin(budget)
            & ~pd.Series(paid_by_budget, index=rows.index)
            & ~rows["owner_tax_code"].isin(always[always].index)
            & ~(rows.duplicated(same) & is_told_apart & (rows["value_mn"] > 0))
        ]
        strata = self.register("construction_strata").set_index("stratum")
        least, most = (
            rows["stratum"].map(strata[f"{name}_value_per_m2_mn"]).astype(float) for name in ("minimum", "maximum")
        )
        value = rows["value_mn"].astype(float)
        of_area = value / rows["floor_area_m2"].astype(float)
        rows = rows.assign(value=value, is_out_of_range=((of_area > most) | (of_area < least / 100)).fillna(False))
        usual = rows[~rows["is_out_of_range"] & (rows["value"] > 0)]
        return rows.assign(
            weighted_mn=rows["weight"] * rows["value"],
            is_set_aside=[
                row["is_out_of_range"] or (row["value"] > 0 and row["value"] > 30 * _middle_elsewhere(usual, row))
                for row in rows.to_dict("records")
            ],
        )

    @cached_property
    def items(self) -> pd.DataFrame:
        """Targets and tasks of the directives issued by the day."""
        issued = self.register("directives")
        issued = issued[issued["issued_on"] <= self.as_of.isoformat()]
        items = self.register("directive_items")
        return items[items["directive"].isin(issued["directive"])]


def _all_of(folder: Path) -> pd.DataFrame:
    parts = [pd.read_parquet(path, dtype_backend="pyarrow") for path in sorted(folder.glob("*.parquet"))]
    return pd.concat([part for part in parts if len(part)], ignore_index=True)


def _middle_elsewhere(usual: pd.DataFrame, row: dict[str, Any]) -> float:
    """The middle value of a unit's other quarters, of two the larger; without end where there is none."""
    others = usual[(usual["unit"] == row["unit"]) & (usual["quarter"] != row["quarter"])]["value"].sort_values()
    return float(others.iloc[len(others) // 2]) if len(others) else float("inf")


def _sum(column: pd.Series) -> Decimal:
    return sum((Decimal(value) for value in column.dropna()), Decimal(0))
