"""Every sentence of a mart: its wording stands by code in `phrases/<subject>.yml`, Vietnamese first.

SQL gives codes and values, and one function for each language makes the message, `message_vi` and `message_en`:

    message_vi(concat_ws(' ', 'housing_started', case when n_completed > 0 then 'housing_completed' end),
               to_json({'n_started': n_started, 'n_completed': n_completed, 'until_on': until_on}))

Codes follow each other with a space between; their phrases follow each other with nothing between. A phrase is an ICU
message (https://unicode-org.github.io/icu/userguide/format_parse/messages/), so that numbers, plurals and choices have
the forms of each language. What a plain `{name}` becomes:

- a number: all its decimals and no more, with the language's decimal mark and no grouping; `{name, number}` groups;
- a day: 30/09/2024 in Vietnamese, 2024-09-30 in English; `{name,date,MM/yyyy}` gives another form;
- a period named `…_when`, or several with commas between: the words of `phrases/periods.yml` that say when ("in Q3
  2024"); one named `…_period`: its name in words ("Q3 2024");
- a text: itself. Of `name_vi` and `name_en` each language has its own, as `{name}`.

A value that is null may be chosen upon (`{name, select, …}`) and not be written.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from icu4py.messageformat import MessageFormat

from dbt_like_sql.declarations import DeclarationError, meant, read_yaml
from dbt_like_sql.periods import Period, parse_period

LANGUAGES = ("vi", "en")
PERIODS = "periods"
"""The file of phrases for periods; every other is named after a subject."""

_CODE = re.compile(r"[a-z][a-z0-9_]*")
_CALL = re.compile(r"\bmessage_(?:vi|en)\(")
_CODES = re.compile(r"\bmessage_(?:vi|en)\(\s*'([^']*)'")
_KEY = re.compile(r"['\"](\w+)['\"]\s*:")
_LITERAL = re.compile(r"'([a-z][a-z0-9_]*)'")
_SPACED_DAY = re.compile(r"\{\s*\w+\s*,\s*date\s*,\s")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_PLAIN_DAY: Mapping[str, MessageFormat] = {
    "vi": MessageFormat("{day,date,dd/MM/yyyy}", "vi"),
    "en": MessageFormat("{day,date,yyyy-MM-dd}", "en"),
}
_PLAIN_NUMBER: Mapping[str, MessageFormat] = {
    language: MessageFormat("{number, number, ::.################ group-off}", language) for language in LANGUAGES
}

Value = int | float | str | Decimal | dt.date


class PhraseError(ValueError):
    """A sentence cannot be put together; the message names the phrase and what it lacks."""


@dataclass(frozen=True)
class Phrase:
    """A wording by language, as text and as message, and the file that it stands in."""

    code: str
    file: str
    wording: Mapping[str, str]

    @cached_property
    def messages(self) -> Mapping[str, MessageFormat]:
        """The wordings as messages. Raises ValueError for one that is none."""
        return {language: MessageFormat(text, language) for language, text in self.wording.items()}

    def __getstate__(self) -> dict[str, Any]:
        """Return what can be kept beyond this process, which a message cannot."""
        return {name: value for name, value in vars(self).items() if name != "messages"}

    def names(self, language: str) -> Mapping[str, str]:
        """The values that the wording names, and the form that it gives them: number, date, select …, or none."""
        return _arguments(self.wording[language])


@dataclass(frozen=True)
class Phrases:
    """All phrases by code."""

    by_code: Mapping[str, Phrase]

    def used_in(self, sql: str) -> list[Phrase]:
        """Return the phrases whose codes a model gives."""
        return [self.by_code[code] for code in sorted({*_LITERAL.findall(sql)} & self.by_code.keys())]

    def refuse_unknown_codes(self, sql: str, where: str) -> None:
        """Raise DeclarationError where a model asks for the wording of a code, written out, that no phrase has."""
        for found in _CODES.finditer(sql):
            for code in found[1].split():
                if code not in self.by_code:
                    line = sql.count("\n", 0, found.start()) + 1
                    raise DeclarationError(
                        f"{where}: line {line}: no phrase has the code '{code}': {meant(code, self.by_code)} (A new "
                        "phrase stands in phrases/<subject>.yml.)"
                    )

    def refuse_unknown_values(self, texts: Mapping[str, str]) -> None:
        """Raise DeclarationError where a phrase names a value that no key of a model which says it gives.

        Of a phrase that no model says, each language may not name a value of its own.
        """
        named = set()
        for where, text in texts.items():
            keys = _keys(text)
            for phrase in self.used_in(text) if _CALL.search(text) else ():
                named.add(phrase.code)
                for language in LANGUAGES:
                    given = keys | {key.removesuffix(f"_{language}") for key in keys}
                    for name in phrase.names(language):
                        if name not in given:
                            raise DeclarationError(
                                f"phrases/{phrase.file}: {phrase.code}: {language} names {{{name}}}, and {where} gives "
                                f"it no such value: {meant(name, keys)}"
                            )
        for phrase in self.by_code.values():
            vi, en = (set(phrase.names(language)) for language in LANGUAGES)
            if phrase.code not in named and phrase.file != f"{PERIODS}.yml" and vi - en and en - vi:
                raise DeclarationError(
                    f"phrases/{phrase.file}: {phrase.code}: vi names {{{min(vi - en)}}}, and en {{{min(en - vi)}}}: "
                    "both say the same values; name them alike"
                )

    def digest_of(self, sql: str) -> str:
        """Stand for all wording that the rows of a model follow from; empty where it has no message."""
        if not _CALL.search(sql):
            return ""
        used = [*self.used_in(sql), *(one for one in self.by_code.values() if one.file == f"{PERIODS}.yml")]
        wording = json.dumps([[one.code, dict(one.wording)] for one in used], ensure_ascii=False)
        return hashlib.sha256(wording.encode()).hexdigest()

    def message(self, language: str, codes: str | None, values: str | None) -> str | None:
        """Put a sentence together from the codes of its phrases and a JSON object of the values that they name.

        Returns None where there are no codes. Raises PhraseError for a code without wording, and for a value that a
        phrase names and that is null or not given.
        """
        if codes is None:
            return None
        given = _of_language(json.loads(values or "{}", parse_float=Decimal), language)
        return "".join(self._format(code, language, given) for code in codes.split())

    def _format(self, code: str, language: str, given: Mapping[str, Any]) -> str:
        phrase = self.by_code.get(code)
        if phrase is None:
            raise PhraseError(f"No phrase has the code '{code}': {meant(code, self.by_code)}")
        names = phrase.names(language)
        values = {
            name: self._value(name, given[name], language, form)
            for name, form in names.items()
            if given.get(name) is not None
        }
        values |= {name: "" for name, form in names.items() if form == "select" and name not in values}
        message: str = phrase.messages[language].format(values)
        # ICU leaves the placeholder of a value that it is not given in the text (icu4py 1.2: "a {x} b")
        for name in names.keys() - values.keys():
            if f"{{{name}}}" in message:
                raise PhraseError(f"{phrase.file}: {code}: {language}: there is no value for {{{name}}}")
        return message

    def _value(self, name: str, value: Any, language: str, form: str) -> Value:
        match value:
            case bool():
                return str(value).lower()
            case int() | Decimal():
                return value if form else _PLAIN_NUMBER[language].format({"number": value})
            case str() if name.endswith("_when"):
                return ", ".join(self._period(one, language, "when") for one in value.split(", "))
            case str() if name.endswith("_period"):
                return self.period(value, language)
            case str() if _DAY.fullmatch(value):
                day = dt.date.fromisoformat(value)
                return day if form else _PLAIN_DAY[language].format({"day": day})
            case str():
                return value
            case _:
                raise PhraseError(f"The value of {name} is neither a number, a day nor a text: {value!r}")

    def period(self, code: str, language: str) -> str:
        """Return the name of a period in words. Raises PhraseError for what is no period."""
        return self._period(code, language, "name")

    def _period(self, code: str, language: str, form: str) -> str:
        try:
            period = parse_period(code)
        except ValueError as error:
            raise PhraseError(str(error)) from None
        return self._format(f"period_{_form_of(period)}", language, {**dict(_parts_of(period)), "form": form})


def load_phrases(folder: Path, subjects: Iterable[str]) -> Phrases:
    """Read all phrases of a folder.

    Raises DeclarationError, naming file and code, for a file that is named after no subject, a code that stands twice,
    a language that is missing and a wording that is no ICU message.
    """
    known = {PERIODS, *subjects}
    by_code: dict[str, Phrase] = {}
    for path in sorted(folder.glob("*.yml")):
        if path.stem not in known:
            raise DeclarationError(f"phrases/{path.name}: no subject has this name: {meant(path.stem, known)}")
        for code, wording in read_yaml(path, f"phrases/{path.name}").items():
            phrase = _phrase(code, wording, path.name)
            if code in by_code:
                raise DeclarationError(
                    f"phrases/{path.name}: the code '{code}' stands in {by_code[code].file} too; rename one of the two"
                )
            by_code[code] = phrase
    return Phrases(by_code)


def _phrase(code: str, wording: Any, file: str) -> Phrase:
    where = f"phrases/{file}: {code}"
    if not _CODE.fullmatch(code):
        raise DeclarationError(f"{where}: a code has small letters, digits and _ only")
    if not isinstance(wording, dict) or tuple(wording) != LANGUAGES or not all(map(_is_text, wording.values())):
        raise DeclarationError(
            f"{where}: a wording in each language is expected, {' and '.join(LANGUAGES)} in this order"
        )
    for language, text in wording.items():
        try:
            MessageFormat(text, language)
        except ValueError:
            raise DeclarationError(
                f"{where}: {language}: this is no ICU message; look at braces, each of which is closed, and at single "
                "quotes"
            ) from None
        if _SPACED_DAY.search(text):
            raise DeclarationError(
                f"{where}: {language}: the form of a day is part of it: write {{x,date,MM/yyyy}}, no spaces"
            )
    return Phrase(code, file, wording)


def _keys(sql: str) -> set[str]:
    """The keys of the values that a model gives to its messages, as far as they are written in quotes."""
    return set(_KEY.findall(sql))


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


@cache
def _arguments(message: str) -> Mapping[str, str]:
    """The arguments of an ICU message: braces hold an argument, and braces in an argument hold a message again."""
    forms: dict[str, str] = {}
    depth, index = 0, 0
    while index < len(message):
        letter = message[index]
        if letter == "'" and message[index + 1 : index + 2] in ("{", "}"):
            index = message.find("'", index + 1)
            if index < 0:
                break
        elif letter == "{":
            depth += 1
            if depth % 2 and (found := re.match(r"\{\s*(\w+)\s*(?:,\s*(\w+)|\})", message[index:])):
                forms[found[1]] = found[2] or forms.get(found[1], "")
        elif letter == "}":
            depth -= 1
        index += 1
    return forms


def _of_language(values: Mapping[str, Any], language: str) -> dict[str, Any]:
    given: dict[str, Any] = {}
    for key, value in values.items():
        stem, _, suffix = key.rpartition("_")
        if suffix not in LANGUAGES:
            given[key] = value
        elif suffix == language:
            given[stem] = value
    return given


def _form_of(period: Period) -> str:
    """Which of the wordings of a period tells it: a range of months or quarters by whether it stays in one year."""
    of_one_year = period.first_day.year == period.last_day.year
    match period.kind, len(period.code):
        case "range", 16 if "Q" in period.code:
            return "quarters_of_year" if of_one_year else "quarters"
        case "range", 16:
            since_january = period.first_day.month == 1
            return "months" if not of_one_year else "months_since_january" if since_january else "months_of_year"
        case "range", 10:
            return "years"
        case kind, _:
            return kind


def _parts_of(period: Period) -> Iterator[tuple[str, Any]]:
    first, last = period.first_day, period.last_day
    yield from (("code", period.code), ("first", first.isoformat()), ("last", last.isoformat()))
    yield from (("year", first.year), ("quarter", _quarter_of(first)), ("months", last.month))
    yield from (("last_year", last.year), ("last_quarter", _quarter_of(last)))


def _quarter_of(day: dt.date) -> int:
    return (day.month + 2) // 3
