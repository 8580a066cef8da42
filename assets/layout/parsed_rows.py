"""The rows of a delivery once it is laid out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import pyarrow as pa
import pyarrow.compute as pc

from assets.layout.blocks import tables_on
from assets.layout.delivery import Delivery
from assets.layout.observations import lay_out_observations
from assets.layout.old_letters import in_unicode
from assets.layout.parts import Part, parsed_schema
from assets.layout.period_codes import with_period_codes
from assets.layout.sdmx_numbers import with_plain_digits
from assets.readers.raw import hidden_cells, hidden_sheets, merged_cells, remarks, unread_sheets
from assets.readers.sheet_scan import letters_of
from dbt_like_sql.contracts import BY_OBSERVATION, Contract, FileForm
from dbt_like_sql.fields import Field, load_fields
from dbt_like_sql.periods import Period
from expectations.report import Finding


@dataclass(frozen=True)
class ParsedRows:
    """Rows of a contract's fields as text, and what is wrong with the file they come from.

    `rows` has delivery_id, source_file, source_sheet, source_row, the contract's fields and `kinds` (one
    letter for each field). `rows_in` is how many there are to accept or refuse, None where a part of the file could not
    be understood: nobody knows how many rows it held. `physical_rows` is what the file holds (of SDMX: its
    observations): `data_rows` of them are laid out, `rows_set_aside` says by class why the others are not, and all
    add up. A wide table holds several rows in one physical row, SDMX has several for one; a row of tables side by side
    counts once for each. `fields` are those that the
    file has a column for.
    """

    rows: pa.Table
    findings: list[Finding]
    rows_in: int | None
    rows_set_aside: Mapping[str, int]
    physical_rows: int
    data_rows: int
    fields: frozenset[str]
    column_numbers: Mapping[str, Mapping[str, Sequence[int]]] = field(default_factory=dict)
    """By sheet ("" where there is none) and field, the numbers of its columns, from 1."""


def lay_out(
    raw: pa.Table,
    contract: Contract,
    form: FileForm,
    fields: Mapping[str, Field] | None = None,
    period: Period | None = None,
) -> ParsedRows:
    """Lay out the raw table of one delivery by its contract.

    `fields` is the field dictionary (default: the one of this project), `period` what the delivery's name says. What is
    wrong with the file is never raised: it is among the findings, and a critical one means that the rows must not be
    accepted.
    """
    delivery = Delivery(
        contract=contract,
        form=form,
        fields=_dictionary() if fields is None else fields,
        delivery_id=raw.column("delivery_id")[0].as_py() if raw.num_rows else "",
        source_file=raw.column("source_file")[0].as_py() if raw.num_rows else "",
        period=period,
    )
    for remark in remarks(raw):
        delivery.found(remark["check"], "info", remark["message"], remark["next_step"], value=remark.get("value"))
    parts = [lay_out_observations(delivery, raw)] if form.reader in BY_OBSERVATION else _sheets(delivery, raw)
    rows = pa.concat_tables([part.rows for part in parts] or [parsed_schema(contract).empty_table()])
    if form.numbers == "sdmx":
        rows = with_plain_digits(delivery, rows)
    rows = with_period_codes(delivery, rows)
    set_aside: Counter[str] = Counter()
    for part in parts:
        set_aside.update(part.set_aside)
    physical, data = sum(part.physical_rows for part in parts), sum(part.data_rows for part in parts)
    if physical != data + set_aside.total():
        delivery.found(
            "every_row_is_accounted_for",
            "critical",
            f"the file holds {physical} rows, but {data} were laid out and {set_aside.total()} set aside",
            "Tell the data team: this is a fault of the layout, not of the file.",
        )
    rows_in = None if set_aside["unread"] else rows.num_rows
    held = frozenset[str]().union(*(part.fields for part in parts))
    column_numbers: dict[str, dict[str, list[int]]] = {}
    for part in parts:
        of_sheet = column_numbers.setdefault(part.sheet or "", {})
        for name, numbers in part.column_numbers.items():
            of_sheet[name] = list(dict.fromkeys([*of_sheet.get(name, []), *numbers]))
    return ParsedRows(
        rows, delivery.findings, rows_in, dict(sorted(set_aside.items())), physical, data, held, column_numbers
    )


@lru_cache(maxsize=1)
def _dictionary() -> Mapping[str, Field]:
    return load_fields()


def _sheets(delivery: Delivery, raw: pa.Table) -> list[Part]:
    unread = unread_sheets(raw)
    if unread:
        delivery.found(
            "every_visible_sheet_is_read",
            # Who names a sheet by a pattern takes one table out of a workbook of many.
            "info" if delivery.form.sheet_pattern else "warning",
            f"the sheets {', '.join(repr(name) for name in unread)} are visible and were not read",
            "If they hold data of this feed, put it on the sheet that the contract names.",
            value=", ".join(unread),
        )
    _find_hidden(delivery, raw)
    merged = merged_cells(raw)
    parts = []
    for name in pc.unique(raw.column("source_sheet")).to_pylist():
        of_sheet = (
            pc.is_null(raw.column("source_sheet")) if name is None else pc.equal(raw.column("source_sheet"), name)
        )
        sheet = raw if pc.all(pc.fill_null(of_sheet, False)).as_py() else raw.filter(of_sheet)
        sheet = in_unicode(delivery, name, sheet)
        parts += tables_on(delivery, name, sheet, merged.get(name, []) if name else [])
    return parts


def _find_hidden(delivery: Delivery, raw: pa.Table) -> None:
    """Say what a person who looks at the workbook does not see: what was read all the same, and what was not."""
    for sheet, hidden in hidden_cells(raw).items():
        for what, numbers in hidden.items():
            if numbers:
                named = [str(n) if what == "rows" else letters_of(n) for n in numbers[:20]]
                more = f" and {len(numbers) - 20} more" if len(numbers) > 20 else ""
                delivery.found(
                    "nothing_is_hidden",
                    "warning",
                    f"the {what} {', '.join(named)}{more} are hidden and were read like all others",
                    "Show them, or delete them if they are not meant.",
                    sheet=sheet,
                    value=", ".join(named),
                )
    if sheets := hidden_sheets(raw):
        delivery.found(
            "hidden_sheets_are_not_read",
            "info",
            f"the sheets {', '.join(repr(name) for name in sheets)} are hidden and were not read",
            "Show them if they hold data of this feed.",
            value=", ".join(sheets),
        )
