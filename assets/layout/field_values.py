"""Whether a text reads as a value of a field, before anything is cast."""

from __future__ import annotations

import re

from assets.layout.period_codes import period_code
from dbt_like_sql.casts import PLAIN_NUMBER, VI_NUMBER
from dbt_like_sql.contracts import FieldRule
from dbt_like_sql.fields import Field

ANY_NUMBER = f"{PLAIN_NUMBER}|{VI_NUMBER}"
"""Any number, in whatever style it is written."""

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}|\d{1,2}/\d{1,2}/\d{4}")


def reads_as(text: str, rule: FieldRule, field: Field) -> bool:
    """Whether a text is written as the field's values are; false for fields such as names, which have no such form."""
    if field.type == "date":
        return _DAY.match(text) is not None
    if field.format is not None:
        try:
            period_code(text, field.format)
        except ValueError:
            return False
        return True
    if rule.pattern is not None:
        return re.fullmatch(rule.pattern, text) is not None
    return isinstance(field.codes, tuple) and text in field.codes
