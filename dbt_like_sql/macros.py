"""SQL that several models say alike stands once, in dbt's own form: `macros/<macro>.sql`, one macro in each file.

A model calls it with texts in quotes, `{{ any_simulated('returns.is_simulated') }}`; each takes the place of a
parameter, `{{ flag }}`, in the macro's SQL. No loops, no conditionals, no macros within macros.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from dbt_like_sql.declarations import DeclarationError, read_text

_MACRO = re.compile(
    r"\{%-?\s*macro (\w+)\(([\w\s,]*)\)\s*-?%\}\n?(.*?)\n?\{%-?\s*endmacro\s*-?%\}\s*",
    re.DOTALL,
)
CALL = re.compile(r"\{\{\s*(\w+)\(((?:\s*'[^']*'\s*,?)*)\s*\)\s*\}\}")
_NO_CODE = re.compile(r"'(?:[^']|'')*'|\"[^\"]*\"|--[^\n]*|/\*.*?\*/", re.DOTALL)
_ARGUMENT = re.compile(r"'([^']*)'")


@dataclass(frozen=True)
class Macro:
    """The SQL of a macro, with `{{ parameter }}` where an argument goes."""

    sql: str
    parameters: tuple[str, ...] = ()


def load_macros(folder: Path, gathered: Mapping[str, str]) -> dict[str, Macro]:
    """Return the macros by name; `gathered` are those that are made of declarations.

    Raises DeclarationError, naming the file, where it holds anything else than the macro of its name.
    """
    macros = {name: Macro(sql) for name, sql in gathered.items()}
    for path in sorted(folder.glob("*.sql")):
        where = f"macros/{path.name}"
        text = read_text(path, where)
        refuse_statements(text, where)
        found = _MACRO.fullmatch(text)
        if found is None or found[1] != path.stem:
            raise DeclarationError(
                f"{where}: exactly {{% macro {path.stem}(…) %}} … {{% endmacro %}} is expected, with the names of its "
                "parameters in the brackets"
            )
        if path.stem in gathered:
            raise DeclarationError(f"{where}: this name is that of a macro which is made of declarations")
        parameters = tuple(name for name in re.split(r"[,\s]+", found[2]) if name)
        unused = [name for name in parameters if f"{{{{ {name} }}}}" not in found[3]]
        if unused:
            raise DeclarationError(f"{where}: {unused[0]} stands nowhere in its SQL: write {{{{ {unused[0]} }}}} there")
        macros[path.stem] = Macro(found[3], parameters)
    return macros


def refuse_statements(sql: str, where: str) -> None:
    """Raise DeclarationError, naming file and line, where a semicolon ends a statement: SQL is one query without it."""
    code = _NO_CODE.sub(lambda found: re.sub(r"[^\n]", " ", found[0]), sql)
    if ";" in code:
        line = code.count("\n", 0, code.index(";")) + 1
        raise DeclarationError(f"{where}: line {line}: this is one query, and no semicolon ends it; take it out")


def put_in(sql: str, macros: Mapping[str, Macro], where: str) -> str:
    """Return SQL with every macro that it calls in the place of the call.

    Raises DeclarationError, naming the file, where a call has not the arguments that the macro takes.
    """

    def sql_of(call: re.Match[str]) -> str:
        macro = macros.get(call[1])
        if macro is None:  # `ref`, `source`, `var`, or what nobody knows
            return call[0]
        arguments = _ARGUMENT.findall(call[2])
        if len(arguments) != len(macro.parameters):
            takes = f"takes {', '.join(macro.parameters)}" if macro.parameters else "takes no arguments"
            raise DeclarationError(f"{where}: {call[0]}: {call[1]} {takes}")
        text = macro.sql
        for parameter, argument in zip(macro.parameters, arguments, strict=True):
            text = text.replace(f"{{{{ {parameter} }}}}", argument)
        return text

    return CALL.sub(sql_of, sql)
