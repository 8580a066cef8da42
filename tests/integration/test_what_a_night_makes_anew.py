"""A night makes anew what its changes touch: through the stores, by the states that tables carry."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from assets.graph import Table, downstream, graph, tables_of_feed
from assets.staleness import asked_of_a_night, stale
from dbt_like_sql.project import load_project
from resources.files import read_sealed
from resources.warehouse import Warehouse
from tests.house import AS_OF, House, csv_text

NEXT_DAY = AS_OF + dt.timedelta(days=1)
LAYERS = ("staging", "intermediate", "audits", "history", "marts/built")


def made_on(house: House, day: dt.date, *layers: str) -> set[str]:
    """The tables of some layers that the night of a day wrote."""
    paths = [path for layer in layers for path in (house.home.root / layer).glob("*.json")]
    return {path.stem for path in paths if (read_sealed(path) or {}).get("as_of") == day.isoformat()}


def test_a_new_day_without_deliveries_makes_no_staging_table_anew(province_copy: House) -> None:
    province_copy.quick_night(NEXT_DAY)
    assert made_on(province_copy, NEXT_DAY, "staging") == set()
    assert "directive_scorecard" in made_on(province_copy, NEXT_DAY, "marts/built")


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


def test_while_another_run_holds_the_home_a_night_asks_for_all_that_a_day_may_move(province_copy: House) -> None:
    project, home = load_project(), province_copy.home
    province_copy.quick_night()  # its inbox moved with it
    with home.locked():
        asked = asked_of_a_night(project, home, province_copy.inbox, NEXT_DAY)
    assert asked == stale(project, home, province_copy.inbox, NEXT_DAY)
    assert asked > asked_of_a_night(project, home, province_copy.inbox, NEXT_DAY)


def test_a_delivery_is_seen_from_the_day_of_its_release_on(province_copy: House, tmp_path: Path) -> None:
    """What lands early waits: until its day nothing is made anew, on its day its feed is."""
    later = NEXT_DAY + dt.timedelta(days=1)
    rows = [("94", "CON", "2024", 2600)]
    grdp = ("area_code", "sector_code", "period", "value_constant_bn")
    province_copy.deliver(f"grdp__2024__{later}.csv", csv_text(grdp, *rows))
    province_copy.quick_night(NEXT_DAY)
    assert "stg_grdp" not in made_on(province_copy, NEXT_DAY, "staging")
    province_copy.quick_night(later)
    assert made_on(province_copy, later, "staging") == {"stg_grdp", "stg_deliveries"}
    known = {row["released_on"] for row in province_copy.table("staging", "stg_grdp")}
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
    province_copy: House,
) -> None:
    project, home = load_project(), province_copy.home
    province_copy.quick_night()  # its inbox moved with it
    assert stale(project, home, province_copy.inbox, AS_OF) == set()
    Warehouse(home.root, project).halt("validated", "grdp", "raw/grdp could not be made: no memory", failed=False)
    assert set(tables_of_feed(project, "grdp")) <= stale(project, home, province_copy.inbox, AS_OF)
    assert province_copy.quick_night().failures == ()
    assert stale(project, home, province_copy.inbox, AS_OF) == set()
