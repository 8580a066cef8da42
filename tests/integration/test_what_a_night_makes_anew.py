"""A night makes anew what its changes touch: through the stores, by the states that tables carry."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from assets.graph import Table, downstream, graph, tables_of_feed
from assets.staleness import asked_of_a_night, stale
from dbt_like_sql.project import load_project
from resources.files import read_sealed
from resources.warehouse import Warehouse
from tests.house import AS_OF, EARLY, House, csv_text

NEXT_DAY, EARLY_NEXT = AS_OF + dt.timedelta(days=1), EARLY + dt.timedelta(days=1)
LAYERS = ("staging", "intermediate", "audits", "history", "marts/built")


def made_on(house: House, day: dt.date, *layers: str) -> set[str]:
    """The tables of some layers that the night of a day wrote."""
    paths = [path for layer in layers for path in (house.home.root / layer).glob("*.json")]
    return {path.stem for path in paths if (read_sealed(path) or {}).get("as_of") == day.isoformat()}


def test_a_new_day_without_deliveries_makes_no_staging_table_anew(early_province_copy: House) -> None:
    early_province_copy.quick_night(EARLY_NEXT)
    assert made_on(early_province_copy, EARLY_NEXT, "staging") == set()
    assert "directive_scorecard" in made_on(early_province_copy, EARLY_NEXT, "marts/built")


def test_a_new_day_asks_for_the_tables_whose_rows_it_moves_and_for_what_is_made_from_them(
    province_copy: House, tmp_path: Path
) -> None:
    project = load_project()
    province_copy.quick_night()  # its inbox moved with it
    before = province_copy.digests(*LAYERS)
    asked = asked_of_a_night(project, province_copy.home, province_copy.inbox, NEXT_DAY)
    assert province_copy.digests(*LAYERS) == before
    night = province_copy.copied_to(tmp_path / "night")
    night.quick_night(NEXT_DAY)
    after = night.digests(*LAYERS)
    moved = {table for table in graph(project) if before.get(_file(table)) != after.get(_file(table))}
    assert Table("marts", "directive_scorecard") in moved
    assert asked == downstream(project, moved)


def _file(table: Table) -> str:
    return f"{'marts/built' if table.layer == 'marts' else table.layer}/{table.name}.parquet"


def test_while_another_run_holds_the_home_a_night_asks_for_all_that_a_day_may_move(early_province_copy: House) -> None:
    project, home = load_project(), early_province_copy.home
    early_province_copy.quick_night(EARLY)  # its inbox moved with it
    with home.locked():
        asked = asked_of_a_night(project, home, early_province_copy.inbox, EARLY_NEXT)
    assert asked == stale(project, home, early_province_copy.inbox, EARLY_NEXT)
    assert asked > asked_of_a_night(project, home, early_province_copy.inbox, EARLY_NEXT)


def test_a_delivery_is_seen_from_the_day_of_its_release_on(early_province_copy: House, tmp_path: Path) -> None:
    """What lands early waits: until its day nothing is made anew, on its day its feed is."""
    later = EARLY_NEXT + dt.timedelta(days=1)
    rows = [("94", "CON", "2024-6M", 2600)]
    grdp = ("area_code", "sector_code", "period", "value_constant_bn")
    early_province_copy.deliver(f"grdp__2024-6M__{later}.csv", csv_text(grdp, *rows))
    early_province_copy.quick_night(EARLY_NEXT)
    assert "stg_grdp" not in made_on(early_province_copy, EARLY_NEXT, "staging")
    early_province_copy.quick_night(later)
    assert made_on(early_province_copy, later, "staging") == {"stg_grdp", "stg_deliveries"}
    known = {row["released_on"] for row in early_province_copy.table("staging", "stg_grdp")}
    assert later in known


def test_tables_are_equal_whether_they_were_made_on_the_day_or_stood_there(
    province_copy: House, tmp_path: Path
) -> None:
    stood = province_copy
    made = stood.copied_to(tmp_path / "made")
    for layer in LAYERS:
        for path in (made.home.root / layer).glob("*.json"):
            if path.stem in load_project().models and load_project().models[path.stem].judged_feed is None:
                path.unlink()
    stood.quick_night(NEXT_DAY)
    made.quick_night(NEXT_DAY)
    assert made.digests(*LAYERS) == stood.digests(*LAYERS)


def test_a_feed_that_could_not_be_taken_in_is_asked_for_again_and_then_keeps_nothing_waiting(
    early_province_copy: House,
) -> None:
    project, home = load_project(), early_province_copy.home
    early_province_copy.quick_night(EARLY)  # its inbox moved with it
    assert stale(project, home, early_province_copy.inbox, EARLY) == set()
    Warehouse(home.root, project).halt("validated", "grdp", "raw/grdp could not be made: no memory", failed=False)
    assert set(tables_of_feed(project, "grdp")) <= stale(project, home, early_province_copy.inbox, EARLY)
    assert early_province_copy.quick_night(EARLY).failures == ()
    assert stale(project, home, early_province_copy.inbox, EARLY) == set()
