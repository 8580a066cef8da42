"""From landed files to accepted rows: deliveries are read, judged, and accepted or refused one by one.

The delivery is the unit of acceptance. Its rows and what is wrong with them depend on its bytes, its contract, its
suite and this code alone, and are kept; whether it is accepted also depends on other deliveries, on withdrawals and on
waivers, and is decided anew each time. Rows in = rows accepted + rows quarantined or refused.

Whatever later steps read is compared with its recorded digest, and made again from the landed file where it differs. A
landed file that has changed since it arrived cannot be made again: its feed stops, with its last good tables, until the
file is restored.

`reading` gives raw cells, `auditing` says what is wrong with them (`correcting`: known errors, `casting`: text into
types), `deciding` what becomes of each delivery (`withdrawals_and_waivers`, `area_of_home`: whose figures a home
takes), `writing_tables` writes rows, rejects and the ledger, `feed_is_up_to_date` knows whether anything is left to
do. `feed_steps` puts them together, layer by layer: `read_deliveries_of`, `make_candidates`, `accept_deliveries`.
Modules import each other in that order and never this package. Knows no Dagster.
"""

from __future__ import annotations

from assets.delivery_stages import Decision, JudgedDelivery, RawDelivery
from assets.intake.context import Intake
from assets.intake.feed_is_up_to_date import is_feed_up_to_date
from assets.intake.feed_steps import accept_deliveries, make_candidates, record_unrecognised
from assets.intake.reading import read_deliveries_of
from assets.intake.writing_tables import supplier_csv

__all__ = [
    "Decision",
    "Intake",
    "JudgedDelivery",
    "RawDelivery",
    "accept_deliveries",
    "is_feed_up_to_date",
    "make_candidates",
    "read_deliveries_of",
    "record_unrecognised",
    "supplier_csv",
]
