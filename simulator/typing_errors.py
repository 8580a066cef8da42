"""What becomes of numbers that are copied by hand: 15 of 100 are left out, 30 have one keystroke wrong.

Owners' tax codes are left out in half of the returns, floor areas are up to 3 % off. How a site is written is drawn
once: its return copies itself from quarter to quarter.
"""

from __future__ import annotations

import random
from dataclasses import replace
from typing import TYPE_CHECKING

from simulator.areas import draws
from simulator.permits import Permit, spelled

if TYPE_CHECKING:
    from simulator.returns import Return

ABSENT_PCT, MISTYPED_PCT, OWNER_ABSENT_PCT, AREA_NOISE_PCT = 15, 30, 50, 3


def typed(plain: Return, permit: Permit | None, seed: int) -> Return:
    """A return with all numbers that its unit knows, as hands type them."""
    w = plain.works
    assert w is not None
    draw = draws(seed, "typed by hand", w.work_id)
    number = spelled(permit.number, draw.randrange(9)) if permit and permit.number else None
    return replace(
        plain,
        permit_no=number_typed(number, ABSENT_PCT, draw),
        contractor_tax_code=number_typed(w.contractor_tax_code, ABSENT_PCT, draw),
        owner_tax_code=number_typed(w.owner_tax_code, OWNER_ABSENT_PCT, draw),
        plot_no=number_typed(w.plot_no, ABSENT_PCT, draw),
        floor_area_m2=w.floor_area_m2 and area_typed(w.floor_area_m2, draw),
    )


def typed_numbers(
    contractor: str | None, permit_no: str | None, area_m2: int, owner: str | None, draw: random.Random
) -> tuple[str | None, str | None, int, str | None]:
    """A contractor's tax code, permit number, floor area and owner's tax code as hands type them."""
    return (
        number_typed(contractor, ABSENT_PCT, draw),
        number_typed(permit_no, ABSENT_PCT, draw),
        area_typed(area_m2, draw),
        number_typed(owner, OWNER_ABSENT_PCT, draw),
    )


def area_typed(area_m2: int, draw: random.Random) -> int:
    """A floor area up to 3 % off, at least 1 m²."""
    return max(1, area_m2 + round(area_m2 * draw.uniform(-AREA_NOISE_PCT, AREA_NOISE_PCT) / 100))


def number_typed(number: str | None, absent_pct: int, draw: random.Random) -> str | None:
    """A number left out, with one keystroke wrong, or as it is."""
    at = draw.randrange(100)
    if number is None or at < absent_pct:
        return None
    return _one_keystroke(number, draw) if at < absent_pct + MISTYPED_PCT else number


def _one_keystroke(number: str, draw: random.Random) -> str:
    """One digit replaced, doubled up by another or left out."""
    at = draw.choice([i for i, sign in enumerate(number) if sign.isdigit()])
    digit = str((int(number[at]) + draw.randint(1, 9)) % 10)
    kind = draw.randrange(4)
    if kind == 0:
        return number[:at] + number[at + 1 :]
    return number[:at] + digit + number[at + (kind != 1) :]
