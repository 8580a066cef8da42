"""The field dictionary: every column of every table, defined once, by name, in `fields/<subject>.yml`.

A column that tables of several subjects have stands in `fields/shared.yml`. The unit is the last part of a name where
there is one. A column that means something else has another name, so that `disbursed_pct` is the same share of the
same thing wherever it appears.

`access` says who may read a column: anyone (`public`), or the offices whose work needs it (`internal`): what leads to a
householder, a taxpayer or a plot of land, and the names of officers who head no agency.

`renamed_from` is what a column of the marts was called before the version `renamed_in` of their schema; dictionaries
show it beside the new name until the next major version. Where only some of the marts that have the column called it
so, `renamed_in_marts` names them.

`refers_to` names the mart whose key its values are: a dimension, which every mart with the column joins.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from dbt_like_sql.declarations import DeclarationError, build, read_yaml

HERE = Path(__file__).parent

_DECIMAL = re.compile(r"decimal\((\d{1,2}),\s*(\d{1,2})\)")
_VERSION = re.compile(r"[1-9]\d*\.\d+")
_PLAIN_TYPES = frozenset({"varchar", "bigint", "integer", "boolean", "date", "double"})
FORMATS = frozenset({"period", "month", "day"})
PUBLIC, INTERNAL = "public", "internal"
WITHOUT_MAGNITUDE = frozenset({"year", "month of the year", "rank", "line number", "probability", "%"})
"""Units in which a thousand times as much is no other unit but nonsense, which limits and suites refuse."""


@dataclass(frozen=True)
class Field:
    """One column: its SQL type, its unit, and what to call it in two languages."""

    name: str
    type: str
    unit: str
    access: str
    label_en: str
    label_vi: str
    description_en: str
    description_vi: str
    format: str | None = None
    codes: str | tuple[str, ...] | None = None
    refers_to: str | None = None
    renamed_from: str | None = None
    renamed_in: str | None = None
    renamed_in_marts: tuple[str, ...] = ()

    @property
    def scale(self) -> int | None:
        """Decimal places that the type can hold; None where the type is not a decimal."""
        match = _DECIMAL.fullmatch(self.type)
        return int(match.group(2)) if match else None

    @property
    def largest(self) -> int | None:
        """The number that a decimal must stay below, whatever its sign; None where the type is not a decimal."""
        match = _DECIMAL.fullmatch(self.type)
        return 10 ** (int(match.group(1)) - int(match.group(2))) if match else None

    @property
    def is_number(self) -> bool:
        """Whether cells of this column are numbers."""
        return self.scale is not None or self.type in {"bigint", "integer", "double"}

    @property
    def is_public(self) -> bool:
        """Whether anyone may read this column."""
        return self.access == PUBLIC

    @property
    def renamed_from_until(self) -> str | None:
        """The version of the schema from which dictionaries no longer show the old name; None without one."""
        return None if self.renamed_in is None else f"{int(self.renamed_in.split('.')[0]) + 1}.0"

    def is_renamed_in(self, mart: str) -> bool:
        """Whether a mart that has this column called it otherwise before."""
        return self.renamed_from is not None and mart in (self.renamed_in_marts or (mart,))

    @property
    def has_magnitude(self) -> bool:
        """Whether cells of this column are amounts, whose unit may be wrong by 1,000."""
        return self.is_number and self.unit not in WITHOUT_MAGNITUDE


def load_fields(folder: Path | None = None) -> dict[str, Field]:
    """Return all fields by name.

    Raises DeclarationError on a repeated name, an unknown key, type, format or access.
    """
    fields: dict[str, Field] = {}
    defined_in: dict[str, str] = {}
    for path in sorted((folder or HERE / "fields").glob("*.yml")):
        file = f"fields/{path.name}"
        found = _fields_in(path, file)
        twice = [name for name in found if name in fields]
        if twice:
            raise DeclarationError(
                f"{file}: {twice[0]} is defined in {defined_in[twice[0]]} too: take it out of one of the two; a column "
                "that tables of several subjects have stands in fields/shared.yml"
            )
        fields |= found
        defined_in |= dict.fromkeys(found, file)
    return fields


def _fields_in(path: Path, file: str) -> dict[str, Field]:
    fields: dict[str, Field] = {}
    for name, values in read_yaml(path, file).items():
        where = f"{file}: {name}"
        if not isinstance(values, dict):
            raise DeclarationError(f"{where}: type, unit, access, labels and descriptions are expected, not {values!r}")
        field = build(Field, {"name": name, **values}, where)
        if field.type not in _PLAIN_TYPES and not _DECIMAL.fullmatch(field.type):
            raise DeclarationError(
                f"{where}: unknown type '{field.type}': known are decimal(p,s) and {', '.join(sorted(_PLAIN_TYPES))}"
            )
        if field.format is not None and field.format not in FORMATS:
            raise DeclarationError(f"{where}: unknown format '{field.format}': known are {', '.join(sorted(FORMATS))}")
        if field.access not in (PUBLIC, INTERNAL):
            raise DeclarationError(f"{where}: access is {PUBLIC} or {INTERNAL}, not '{field.access}'")
        if (field.renamed_from is None) != (field.renamed_in is None):
            raise DeclarationError(
                f"{where}: renamed_from and renamed_in (a version of the schema) go together: add both"
            )
        if field.renamed_in_marts and field.renamed_from is None:
            raise DeclarationError(f"{where}: renamed_in_marts needs renamed_from and renamed_in: add both")
        if field.renamed_in is not None and not _VERSION.fullmatch(field.renamed_in):
            raise DeclarationError(
                f'{where}: renamed_in is a version of the schema such as "2.0", not {field.renamed_in!r}'
            )
        fields[name] = field
    return fields
