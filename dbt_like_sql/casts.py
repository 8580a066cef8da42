"""Casts from supplier's text to typed columns, as SQL that follows from a contract.

Two queries come from one description: the typed rows, and one row for every cell that could not become what
its field promises. Nothing is rounded in silence: a value with more decimals than its field allows is a
finding, except in sources that declare `binary_float`, where the noise of binary storage is rounded away at
`round_to` decimals and counted.

What holds nothing is null before it is cast, and its mark stands in `missing_marks` (`assets.layout.missing_values`);
`-` is a true nil, 0 for a number.

On the tables of a province planning a query costs more than running it, and each expression counts: text passes through
as it is, and numbers are brought into plain digits once, in a CTE that all queries share.
"""

from __future__ import annotations

from dbt_like_sql.contracts import Contract, FieldRule, FileForm
from dbt_like_sql.fields import Field

TRUE_NIL = "^[-–—−]$"

PLAIN_NUMBER = r"^[+-]?(\d+(\.\d*)?|\.\d+)$"
VI_SPACES = "[ \u00a0\u202f\u2009]"
VI_NUMBER = rf"^[+-]?(\d{{1,3}}(\.\d{{3}})+|\d{{1,3}}({VI_SPACES}\d{{3}})+|\d+)(,\d+)?$"
_TIME_OF_DAY = r"([T ]\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?)?"
"""What a day may be followed by, and is not kept: registers stamp the minute."""
_WIDE = "decimal(38,10)"
"""Wide enough for any amount in VND and any level in billion; a number that does not fit is a finding."""


def typed_rows_sql(contract: Contract, form: FileForm, fields: dict[str, Field], parsed: str) -> str:
    """SQL for the typed rows: the lineage columns, the contract's fields, `missing_marks`.

    `parsed` names a relation with the columns of `assets.layout` (text, kinds and marks) plus `delivered_on`,
    `is_simulated`. A cell that cannot be cast becomes null here and a row of `cast_findings_sql`.
    """
    values = {rule.name: _value(rule, form, fields[rule.name]) for rule in contract.fields}
    released_on = values[contract.row_released_on] if contract.row_released_on else "delivered_on"
    return f"""
with {_written(contract, form, fields, parsed)}
select
    delivery_id, {released_on} as released_on, revision, is_simulated, source_file, source_sheet, source_row,
    {", ".join(f"{value} as {name}" for name, value in values.items())},
    missing_marks
from written"""


def cast_findings_sql(contract: Contract, form: FileForm, fields: dict[str, Field], parsed: str) -> str:
    """SQL for one row per cell that breaks its type: delivery_id, source_*, check, column_name, value_text."""
    parts = []
    for rule in contract.fields:
        for check, condition in _problems(rule, form, fields[rule.name]):
            parts.append(
                "select delivery_id, source_file, source_sheet, source_row, "
                f"'{check}' as check_name, '{rule.name}' as column_name, {rule.name} as value_text "
                f"from written where {condition}"
            )
    return (
        f"with {_written(contract, form, fields, parsed)}\n"
        + "\nunion all\n".join(parts)
        + "\norder by delivery_id, source_row, column_name, check_name"
    )


def rounded_cells_sql(contract: Contract, form: FileForm, fields: dict[str, Field], parsed: str) -> str:
    """SQL that counts, for each delivery, the cells whose binary noise the casts rounded away."""
    decimals = [rule.name for rule in contract.fields if fields[rule.name].scale is not None]
    counts = " + ".join(f"count(*) filter (where {_decimals(name)} > {form.round_to})" for name in decimals)
    return (
        f"with {_written(contract, form, fields, parsed)}\n"
        f"select delivery_id, {counts or '0'} as cells_rounded from written group by delivery_id"
    )


def _written(contract: Contract, form: FileForm, fields: dict[str, Field], parsed: str) -> str:
    """A CTE `written` that adds each number as plain digits."""
    numbers = [
        f"{_plain_text(i, rule, form)} as {_digits(rule.name)}"
        for i, rule in enumerate(contract.fields)
        if fields[rule.name].is_number
    ]
    return f"written as (select {', '.join(['*', *numbers])} from {parsed})"


def _digits(name: str) -> str:
    return f"digits_of_{name}"


def _is_native(index: int) -> str:
    """Whether the cell was a number in the file itself, so that no office's writing habit applies."""
    return f"substr(kinds, {index + 1}, 1) = 'n'"


def _plain_text(index: int, rule: FieldRule, form: FileForm) -> str:
    """The cell as a plain decimal text ('1234.5', a true nil '0'), null where it is not written as a number at all."""
    text = rule.name
    nil = f"when regexp_matches({text}, '{TRUE_NIL}') then '0'"
    plain = f"case when regexp_matches({text}, '{PLAIN_NUMBER}') then {text} {nil} end"
    if form.numbers != "vi":
        return plain
    mended = f"replace(replace(regexp_replace({text}, '{VI_SPACES}', '', 'g'), '.', ''), ',', '.')"
    vietnamese = f"case when regexp_matches({text}, '{VI_NUMBER}') then {mended} {nil} end"
    return f"case when {_is_native(index)} then {plain} else {vietnamese} end"


def _decimals(name: str) -> str:
    """How many decimals the cell is written with, trailing zeros left out."""
    return f"length(rtrim(regexp_extract({_digits(name)}, '\\.(\\d*)$', 1), '0'))"


def _value(rule: FieldRule, form: FileForm, field: Field) -> str:
    name = rule.name
    if field.is_number:
        wide = f"try_cast({_digits(name)} as {_WIDE})"
        if form.source_precision == "binary_float" and field.scale is not None:
            wide = f"round({wide}, {form.round_to})"
        return f"case when not {_surplus(rule, form, field)} then try_cast({wide} as {field.type}) end"
    if field.type == "date":
        return _date(name, form)
    if field.type == "boolean":
        return (
            f"case lower({name}) when 'true' then true when 'false' then false "
            "when '1' then true when '0' then false end"
        )
    return name


def _surplus(rule: FieldRule, form: FileForm, field: Field) -> str:
    """Whether the cell has more decimals than its field keeps (binary noise excepted)."""
    allowed = rule.max_scale if rule.max_scale is not None else (field.scale or 0)
    if field.type == "double" or (form.source_precision == "binary_float" and field.scale is not None):
        return "false"
    return f"coalesce({_decimals(rule.name)} > {allowed}, false)"


def _date(name: str, form: FileForm) -> str:
    styles = {
        "iso": (
            f"when regexp_matches({name}, '^\\d{{4}}-\\d{{2}}-\\d{{2}}{_TIME_OF_DAY}$') "
            f"then try_cast(substr({name}, 1, 10) as date)"
        ),
        "dmy": (
            f"when regexp_matches({name}, '^\\d{{1,2}}/\\d{{1,2}}/\\d{{4}}{_TIME_OF_DAY}$') "
            f"then cast(try_strptime(regexp_extract({name}, '^[0-9/]+', 0), '%d/%m/%Y') as date)"
        ),
    }
    return f"case {' '.join(styles[style] for style in form.dates)} end"


def _problems(rule: FieldRule, form: FileForm, field: Field) -> list[tuple[str, str]]:
    name = rule.name
    if field.type == "varchar":
        return []
    given = f"{name} is not null"
    if not field.is_number:
        what = {"date": "is_a_date", "boolean": "is_true_or_false"}[field.type]
        return [(what, f"{given} and ({_value(rule, form, field)}) is null")]
    plain = _digits(name)
    surplus = _surplus(rule, form, field)
    return [
        ("is_a_number", f"{given} and ({plain}) is null"),
        ("has_no_surplus_decimals", f"{given} and {surplus}"),
        (
            "fits_its_type",
            f"{given} and ({plain}) is not null and not {surplus} and ({_value(rule, form, field)}) is null",
        ),
    ]
