"""Run parts of the campaign: `python -m tests.campaign damage kills --count 20`; all of them where none is named."""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

from tests.campaign.at_once import at_once
from tests.campaign.damage import damage, kinds
from tests.campaign.disks import full_disks
from tests.campaign.homes import homes
from tests.campaign.kills import kills, moves
from tests.campaign.log import Log
from tests.campaign.nights import nights
from tests.campaign.orders import orders
from tests.campaign.simulated import DEFECTS, clean_nights, planted


class CampaignPart(NamedTuple):
    """What is done, how many times in full, and what one of them is."""

    run: Callable[..., bool]
    full: int
    of_what: str


PARTS: Mapping[str, CampaignPart] = {
    "damage": CampaignPart(damage, len(kinds()), "kinds of damage, a night of the command after each"),
    "kills": CampaignPart(kills, 40, "instants of a night of the command, two readers"),
    "moves": CampaignPart(moves, 10**6, "moves and removals of files in a night"),
    "disks": CampaignPart(full_disks, 20, "limits of what can be written"),
    "at_once": CampaignPart(at_once, 20, "times two commands and a click; as many words of a person"),
    "orders": CampaignPart(orders, 720, "orders of six deliveries"),
    "clean": CampaignPart(clean_nights, 100, "clean simulated provinces, judged at the door"),
    "planted": CampaignPart(planted, len(DEFECTS), "kinds of planted defects, a night of the intake after each"),
    "homes": CampaignPart(homes, 5, "earlier commits, forth and back"),
    "nights": CampaignPart(nights, 60, "scheduled nights of the server on PostgreSQL"),
}


def main() -> None:
    """Run the parts asked for, print a line for each; exit with 1 where something did not end as it should."""
    options = argparse.ArgumentParser(prog="python -m tests.campaign", description=__doc__)
    options.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)}")
    options.add_argument("--count", type=int, help="how many of each part; the full number where none is given")
    options.add_argument("--seed", type=int, default=13)
    options.add_argument("--logs", type=Path, default=Path("data/campaign"))
    asked = options.parse_args()
    if unknown := set(asked.parts) - set(PARTS):
        options.error(f"there is no part {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
    is_well = True
    for name in asked.parts or PARTS:
        part = PARTS[name]
        count = asked.count or part.full
        log = Log(asked.logs / f"{name}-{asked.seed}.jsonl")
        log.path.unlink(missing_ok=True)
        log.write(part=name, seed=asked.seed, count=count, of=part.of_what)
        folder, began = Path(tempfile.mkdtemp(prefix=f"campaign-{name}-")), time.monotonic()
        try:
            ended = part.run(folder, log, count=count, seed=asked.seed)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        is_well &= ended
        figures = f"{count} asked of {part.of_what}; {time.monotonic() - began:.0f} s; {log.path}"
        print(f"{name}: {'as it should be' if ended else 'NOT as it should be'}: {figures}", flush=True)
    sys.exit(not is_well)


if __name__ == "__main__":
    main()
