"""Models and phrases fit: a code that a model gives has a wording, and a wording names what the model gives."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlglot
from sqlglot import exp

from dbt_like_sql.fields import HERE
from dbt_like_sql.phrases import LANGUAGES, PERIODS, Phrase
from dbt_like_sql.project import Model, compile_sql, load_project

PROJECT = load_project()
WITH_MESSAGES = [model for model in PROJECT.models_in_order() if re.search(r"message_(vi|en)\(", model.source_text)]


SQL_FILES = sorted([*(HERE / "models").rglob("*.sql"), *(HERE / "macros").glob("*.sql")])
SENTENCE = re.compile(r"[^\x00-\x7f]|[A-Za-z]{2,} [A-Za-z]{2,}")
DATA = frozenset({"Xã", "%denominator: plan assigned by the prime minister%"})
"""Texts of data that SQL compares with."""


@pytest.mark.parametrize("file", SQL_FILES, ids=lambda file: file.stem)
def test_no_sentence_stands_in_sql(file: Path) -> None:
    """What a macro is called with is SQL: `any_simulated('one.is_simulated or other.is_simulated')`."""
    sql = re.sub(r"--.*|\{\{.*?\}\}", "", file.read_text(encoding="utf-8"))
    literals = {text for text in re.findall(r"'([^'\n]*)'", sql) if SENTENCE.search(text)}
    assert literals - DATA == set()


def tree_of(model: Model) -> exp.Expression:
    sql = compile_sql(model, lambda layer, table: f"{layer}__{table}", dt.date(2025, 2, 10))
    return sqlglot.parse_one(sql, dialect="duckdb")


def given_by(tree: exp.Expression) -> set[str]:
    """The values that a model gives to its sentences, as a language names them."""
    names = {
        key.name
        for json in tree.find_all(exp.Anonymous, exp.JSONFormat)
        for struct in json.find_all(exp.Struct)
        for key in (field.this for field in struct.expressions)
    }
    return names | {name.removesuffix(f"_{language}") for name in names for language in LANGUAGES}


@pytest.mark.parametrize("model", WITH_MESSAGES, ids=lambda model: model.name)
def test_what_a_phrase_names_is_given_by_the_model(model: Model) -> None:
    tree = tree_of(model)
    given = given_by(tree)
    used = PROJECT.phrases.used_in(model.source_text)
    assert used, f"{model.file} says no phrase: none of its codes stands in phrases/"
    lacking = {
        f"{phrase.code}: {language}: {name}"
        for phrase in used
        for language in LANGUAGES
        for name in phrase.names(language)
        if name not in given
    }
    assert lacking == set()


@pytest.mark.parametrize("model", WITH_MESSAGES, ids=lambda model: model.name)
def test_every_code_that_a_model_gives_has_a_wording(model: Model) -> None:
    """Codes stand in quotes, whole, where a message is asked for or under a name that ends with `_codes`."""
    tree = tree_of(model)
    given = [alias.this for alias in tree.find_all(exp.Alias) if alias.alias.endswith("_codes")]
    given += [call.expressions[0] for call in tree.find_all(exp.Anonymous) if call.name.startswith("message_")]
    codes = {code for one in given for literal in _results_of(one) for code in literal.name.split() or [" "]}
    assert codes - {" ", *PROJECT.phrases.by_code} == set(), f"{model.file}: codes without a phrase in phrases/"


def _results_of(codes: exp.Expression) -> list[exp.Literal]:
    """Literals that an expression may come out as; what it only compares with is none of them."""
    tests = [*codes.find_all(exp.Predicate), *(branch.this for branch in codes.find_all(exp.If))]
    compared = {id(one) for test in tests for one in test.find_all(exp.Literal)}
    return [one for one in codes.find_all(exp.Literal) if one.is_string and id(one) not in compared]


def test_every_phrase_is_used_by_a_model() -> None:
    used = {phrase.code for model in WITH_MESSAGES for phrase in PROJECT.phrases.used_in(model.source_text)}
    of_periods = {code for code, phrase in PROJECT.phrases.by_code.items() if phrase.file == f"{PERIODS}.yml"}
    assert PROJECT.phrases.by_code.keys() - used == of_periods


GROUPED = {"vi": "4.277", "en": "4,277"}
DECIMAL = {"vi": "37,31", "en": "37.31"}


def values_for(phrase: Phrase, language: str) -> Iterator[dict[str, object]]:
    """Values for all that a phrase names: each choice that it offers, and one, two and many of what it counts."""
    names = phrase.names(language)
    choices = {"other", *re.findall(r"([a-z_]+) ?\{", phrase.wording[language])}
    plain: dict[str, object] = {
        "date": "2024-09-30",
        "number": 4277,
        "spellout": 9,
        "plural": 4277,
        "select": "other",
        "": 37.31,
    }
    usual = {name: "2024-Q3" if name.endswith(("_when", "_period")) else plain[form] for name, form in names.items()}
    yield usual
    for name, form in names.items():
        yield from ({**usual, name: choice} for choice in sorted(choices) if form == "select")
        yield from ({**usual, name: count} for count in (0, 1, 2) if form == "plural")


def faults_of(phrase: Phrase, language: str) -> Iterator[str]:
    """What is wrong with the sentences that a phrase makes in a language."""
    other = next(one for one in LANGUAGES if one != language)
    for values in values_for(phrase, language):
        sentence = PROJECT.phrases.message(language, phrase.code, json.dumps(values)) or ""
        if re.search(r"[{}]", sentence) or (phrase.wording[language] and not sentence.strip()):
            yield f"{phrase.code}: {values}: '{sentence}' is no sentence"
        if GROUPED[other] in sentence or DECIMAL[other] in sentence:
            yield f"{phrase.code}: {values}: '{sentence}' has the numbers of another language"
    for name, form in phrase.names(language).items():
        expected = {"number": GROUPED[language], "": DECIMAL[language]}.get(form)
        if expected and not name.endswith(("_when", "_period")) and f"{{{name}}}" in phrase.wording[language]:
            values = next(values_for(phrase, language))
            if expected not in (PROJECT.phrases.message(language, phrase.code, json.dumps(values)) or ""):
                yield f"{phrase.code}: {name} is not written as {expected}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_phrase_makes_sentences_with_the_numbers_and_plurals_of_its_language(language: str) -> None:
    assert [fault for phrase in PROJECT.phrases.by_code.values() for fault in faults_of(phrase, language)] == []
