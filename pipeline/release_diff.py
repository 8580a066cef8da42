"""What changed between two releases, mart by mart, and item by item of the scorecard."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from resources.releases import Release
from resources.warehouse import Warehouse


@dataclass(frozen=True)
class MartChange:
    """Rows of a mart that stand only in the earlier or only in the later of two releases."""

    mart: str
    gone: int
    new: int


def mart_changes(warehouse: Warehouse, before: Release, after: Release) -> Iterator[MartChange]:
    """Yield each mart whose rows differ; one that exists in one release only counts all its rows."""
    for mart in sorted({*before.manifest["marts"], *after.manifest["marts"]}):
        old, new = before.manifest["marts"].get(mart), after.manifest["marts"].get(mart)
        if old is None or new is None:
            yield MartChange(mart, (old or {"rows": 0})["rows"], (new or {"rows": 0})["rows"])
        elif old["sha256"] != new["sha256"]:
            first, second = before.path / f"{mart}.parquet", after.path / f"{mart}.parquet"
            yield MartChange(mart, _only_in(warehouse, first, second), _only_in(warehouse, second, first))


def _only_in(warehouse: Warehouse, one: object, other: object) -> int:
    sql = (
        f"select count(*) as n from (select * from read_parquet('{one}') "
        f"except all select * from read_parquet('{other}'))"
    )
    return int(warehouse.query(sql).column("n")[0].as_py())


def status_changes(warehouse: Warehouse, before: Release, after: Release) -> list[dict[str, object]]:
    """Return the items of the scorecard whose status or actual value differs between two releases."""
    old, new = (release.path / "directive_scorecard.parquet" for release in (before, after))
    rows: list[dict[str, object]] = warehouse.query(
        f"""
        select
            coalesce(after.directive, before.directive) as directive,
            coalesce(after.item, before.item) as item,
            before.status as status_before,
            after.status as status_after,
            before.actual as actual_before,
            after.actual as actual_after
        from read_parquet('{old}') as before
        full join read_parquet('{new}') as after
            on before.directive = after.directive and before.item = after.item
        where before.status is distinct from after.status or before.actual is distinct from after.actual
        order by directive, item
        """
    ).to_pylist()
    return rows
