"""What happens at once: two commands and a click in the UI, and a person's word while a night works."""

from __future__ import annotations

import random
import time
from pathlib import Path

from tests.campaign.log import Log
from tests.house import AS_OF, House, csv_text
from tests.running_ui import ui_of

HEADER = ("area_code", "sector_code", "period", "value_constant_bn")


def at_once(folder: Path, log: Log, *, count: int, seed: int) -> bool:
    """Start two commands and click in the UI, for a new delivery each time; then go back while a night works."""
    house, dice, all_well = House(folder), random.Random(seed), True
    house.deliver_published_figures()
    house.quick_night()
    arguments = ("nightly", "--quiet", "--inbox", str(house.inbox), "--as-of", AS_OF.isoformat())
    with ui_of(house) as ui:
        ui.wait_for(lambda: ui.runs() or [], "the UI")
        for number in range(count):
            _new(house, number)
            before = house.releases.current_id()
            commands = [house.started(*arguments) for _ in range(2)]
            clicked = ui.click("nightly")
            said = [one.communicate()[0] for one in commands]
            run = ui.ended(lambda run, clicked=clicked: run.run_id == clicked, "the click")
            codes = [one.returncode for one in commands]
            faults = house.releases.verify()
            is_well = set(codes) == {0} and run.status == "SUCCESS" and not faults
            is_well &= house.releases.current_id() != before
            all_well &= is_well
            log.write(part="at once", number=number, codes=codes, click=run.status, faults=faults, well=is_well,
                      said=[one[-300:] for one in said])  # fmt: skip
    for number in range(count, 2 * count):
        _new(house, number)
        earlier = house.releases.all()[0].release_id
        night = house.started(*arguments)
        time.sleep(dice.uniform(1, 12))
        word = house.command("release", "rollback", earlier)
        said = night.communicate()[0]
        faults = house.releases.verify()
        is_well = night.returncode == 0 and word.returncode == 0 and not faults and "Traceback" not in said
        all_well &= is_well
        log.write(part="rollback", number=number, code=night.returncode, word=(word.stdout + word.stderr)[-300:],
                  current=house.releases.current_id(), faults=faults, well=is_well, said=said[-300:])  # fmt: skip
    return all_well


def _new(house: House, number: int) -> None:
    rows = (("94", "CON", "2023", "2000"), ("94", "CON", "2024", str(2600 + number)))
    house.deliver(f"grdp__2024__2025-02-01__r{number + 2}.csv", csv_text(HEADER, *rows))
