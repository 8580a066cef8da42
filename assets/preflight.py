"""A delivery tried out before it is sent: the same reading, casts and rules as at night, in a copy of the home."""

from __future__ import annotations

import datetime as dt
import tempfile
from dataclasses import dataclass
from pathlib import Path

from assets.answers.marked_deliveries import mark_delivery
from assets.delivery_copies import copy_deliveries
from assets.intake import Audit, Decision
from assets.run import read_in, take_in
from dbt_like_sql.project import Project
from resources.files import replacing
from resources.inbox import read_when_settled
from resources.landing import LandingStore, delivery_id_of, file_name_of
from resources.warehouse import Warehouse


@dataclass(frozen=True)
class Trial:
    """What would become of a file: `earlier` counts the other deliveries of its feed that it was judged beside.

    `not_judged` names rules that say something false without earlier deliveries and were left out, `not_compared` those
    that had none to compare with.
    """

    decision: Decision
    earlier: int
    not_judged: tuple[str, ...]
    not_compared: tuple[str, ...]


def try_delivery(
    project: Project, file: Path, feed: str, as_of: dt.date, home: Path, marked: Path | None = None
) -> Trial | None:
    """Return what would become of a file if it were delivered beside what has landed in a home, which stays as it is.

    None while the file is still being written. At `marked` it is written again with its cells marked. Raises OSError if
    it cannot be read.
    """
    content = read_when_settled(file.resolve())
    if content is None:
        return None
    with tempfile.TemporaryDirectory(prefix="preflight-") as folder:
        inbox, trial = Path(folder) / "inbox", Path(folder) / "home"
        (inbox / feed).mkdir(parents=True)
        (inbox / feed / file.name).write_bytes(content)
        copy_deliveries(home, trial, feed, ("landing", "raw", "candidates"))
        landing = LandingStore(trial / "landing")
        landing.land(inbox, feed, project.contracts[feed].forms)
        delivery_id = delivery_id_of(file_name_of(file), content)
        earlier = sum(r.refusal is None and r.delivery_id != delivery_id for r in landing.receipts(feed))
        unmet = [] if earlier else [rule for rule in project.delivery_rules(feed) if rule.earlier_deliveries]
        not_judged = tuple(rule.name for rule in unmet if rule.earlier_deliveries == "needed")
        warehouse = Warehouse(trial, project)
        try:
            read = read_in(project, landing, warehouse, as_of, feed)
            (raw,) = [one for one in read if one.receipt.delivery_id == delivery_id]
            if raw.refusal is not None:  # judged by no rule: the answer need not wait for Great Expectations
                audit = Audit(raw.receipt, None, None, refusal=raw.refusal)
                decision = Decision(audit, "rejected", raw.refusal, (), frozenset())
                not_judged, unmet = (), []
            else:
                decisions = take_in(project, landing, warehouse, as_of, feed, not_judged)
                (decision,) = [d for d in decisions if d.audit.receipt.delivery_id == delivery_id]
        finally:
            warehouse.close()
        if marked is not None:
            with replacing(marked) as temporary:
                mark_delivery(project, decision, raw.cells, temporary)
        return Trial(decision, earlier, not_judged, tuple(r.name for r in unmet if r.name not in not_judged))
