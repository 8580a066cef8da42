"""A delivery tried out before it is sent: the same reading, casts and rules as at night, in a copy of the home."""

from __future__ import annotations

import contextlib
import dataclasses
import datetime as dt
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from assets.answers.marked_deliveries import mark_delivery
from assets.delivery_copies import copy_deliveries
from assets.delivery_stages import Decision
from assets.first_look import FirstLook
from assets.readers import Reading, ReadingProcess, ReadJob
from assets.run import take_in
from dbt_like_sql.project import Project
from resources.files import replacing
from resources.landing import LandingStore
from resources.warehouse import Warehouse


@dataclass(frozen=True)
class Trial:
    """What would become of a file: `earlier` counts the other deliveries of its feed that it was judged beside.

    `of_another_kind` of them are simulated where the file is not, or the other way round.

    `not_judged` names rules that say something false without earlier deliveries and were left out, `not_compared` those
    that had none to compare with.
    """

    decision: Decision
    earlier: int
    of_another_kind: int
    not_judged: tuple[str, ...]
    not_compared: tuple[str, ...]


def try_delivery(project: Project, look: FirstLook, as_of: dt.date, home: Path) -> Trial:
    """Return what would become of a file if it came beside what has landed in a home, which stays as it is."""
    feed, delivery_id = look.receipt.feed, look.receipt.delivery_id
    with tempfile.TemporaryDirectory(prefix="preflight-") as folder:
        inbox, trial = Path(folder) / "inbox", Path(folder) / "home"
        (inbox / feed).mkdir(parents=True)
        (inbox / feed / look.file.name).write_bytes(look.content)
        copy_deliveries(home, trial, feed, ("landing", "raw", "candidates"))
        landing = LandingStore(trial / "landing")
        landing.land(inbox, feed, project.contracts[feed].forms)
        others = [r for r in landing.receipts(feed) if r.refusal is None and r.delivery_id != delivery_id]
        earlier, another = len(others), sum(r.is_simulated is not look.receipt.is_simulated for r in others)
        unmet = [] if earlier else [rule for rule in project.delivery_rules(feed) if rule.earlier_deliveries]
        not_judged = tuple(rule.name for rule in unmet if rule.earlier_deliveries == "needed")
        with contextlib.closing(Warehouse(trial, project)) as warehouse:
            readers = _AlreadyRead(look)
            decisions = take_in(project, landing, warehouse, as_of, feed, not_judged, readers=readers)
        (decision,) = [d for d in decisions if d.judged.receipt.delivery_id == delivery_id]
        return Trial(decision, earlier, another, not_judged, tuple(r.name for r in unmet if r.name not in not_judged))


def mark(project: Project, look: FirstLook, decision: Decision, path: Path) -> None:
    """Write a file that was tried once more, its cells marked."""
    with replacing(path) as temporary:
        mark_delivery(project, decision, None if look.reading is None else look.reading.path, temporary)


@dataclass(frozen=True)
class _AlreadyRead:
    """Readers who need not read again what the first look has read."""

    look: FirstLook

    def read(self, jobs: Sequence[ReadJob]) -> Iterator[Reading]:
        with contextlib.closing(ReadingProcess()) as process:
            for job in jobs:
                reading = self.look.reading
                if reading is None or reading.path is None or job.delivery_id != reading.delivery_id:
                    yield from process.read([job])
                else:
                    shutil.copyfile(reading.path, job.destination)
                    yield dataclasses.replace(reading, path=job.destination)
