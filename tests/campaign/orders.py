"""Six deliveries in every order, a decision after each: what stands in the end does not depend on the order."""

from __future__ import annotations

import itertools
import random
import shutil
from pathlib import Path

from tests.campaign.log import Log
from tests.conftest import SAMPLES
from tests.house import House

SIX = (
    "grdp/grdp__2018*",
    "grdp/grdp__2024__*",
    "tourism/*",
    "building_permits/*2024-9M*.csv",
    "social_housing/*__2024__*",
    "published_figures/*",
)
LAYERS = ("validated", "candidates", "ledger")


def orders(folder: Path, log: Log, *, count: int, seed: int) -> bool:
    """Deliver in some of the 720 orders, or in all, and compare every table of the intake."""
    deliveries = [min(SAMPLES.glob(pattern)) for pattern in SIX]
    every = list(itertools.permutations(range(len(deliveries))))
    chosen = random.Random(seed).sample(every, min(count, len(every)))
    ends: dict[str, int] = {}
    for order in chosen:
        house = House(folder / "tried")
        shutil.rmtree(house.root, ignore_errors=True)
        for place in order:
            house.deliver(deliveries[place].name, deliveries[place].read_bytes())
            house.intake_night()
        end = str(sorted(house.digests(*LAYERS).items()))
        ends[end] = ends.get(end, 0) + 1
        log.write(part="orders", order=order, end=sorted(ends).index(end))
    log.write(part="orders", tried=len(chosen), ends=len(ends))
    return len(ends) == 1
