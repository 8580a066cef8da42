"""Whether anything is left to do for a feed: what decided on its deliveries is noted beside the validated table."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import pyarrow.compute as pc

from assets.code_version import reading_code
from assets.intake.context import Intake, fingerprint_of
from assets.intake.withdrawals_and_waivers import withdrawals_and_waivers
from assets.rules import digest_of_rules, rules_of_feed, rules_of_model
from resources.home import Home
from resources.warehouse import TableMissingError


def is_feed_up_to_date(intake: Intake, feed: str) -> bool:
    """Whether all that landed of a feed was decided on, by rules and declarations that still hold."""
    state = intake.warehouse.state("validated", feed)
    try:
        return state is not None and state.facts.get("settled") == _up_to_date_fingerprint(intake, feed, state.facts)
    except TableMissingError:  # withdrawals or waivers are not there, or not as they were
        return False


def note_up_to_date(intake: Intake, feed: str, *, says_areas: bool) -> None:
    """Note beside the validated table of a feed what its deliveries were decided on by."""
    state = intake.warehouse.state("validated", feed)
    assert state is not None
    rows = intake.warehouse.read("validated", feed, ["released_on"]).column("released_on")
    days = sorted(day.isoformat() for day in pc.unique(rows).to_pylist() if day is not None)
    facts = {**state.facts, "released_on": days, "says_areas": says_areas}
    facts["settled"] = _up_to_date_fingerprint(intake, feed, facts)
    if facts != state.facts:
        intake.warehouse.record("validated", feed, dataclasses.replace(state, facts=facts))


def _up_to_date_fingerprint(intake: Intake, feed: str, facts: Mapping[str, Any]) -> str:
    """Everything that decides on the deliveries of a feed. Of the day only what it lets see of them."""
    home = Home(intake.warehouse.root)
    area = home.area if facts.get("says_areas") else None
    day = intake.as_of.isoformat()
    receipts = intake.landing.receipts(feed)
    in_force = withdrawals_and_waivers(intake, feed)
    rules = intake.project.delivery_rules(feed)
    return fingerprint_of(
        reading_code(),
        intake.project.contract_digests[feed],
        digest_of_rules(rules_of_feed(intake.project, feed)),
        *(seed.digest for seed in intake.project.seeds.values()),
        *(f"{rule.digest} {digest_of_rules(rules_of_model(intake.project, rule))}" for rule in rules),
        repr(sorted(in_force.withdrawn.items())),
        repr(sorted(in_force.waived.items())),
        f"{area} {home.holds_several_areas}",
        *(receipt.delivery_id for receipt in receipts),
        str(sum(intake.is_known(receipt) for receipt in receipts)),
        max((known for known in facts.get("released_on", ()) if known <= day), default=""),
    )
