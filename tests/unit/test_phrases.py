"""Sentences are put together from codes and values, in the forms of each language."""

from __future__ import annotations

import datetime as dt
import json
import shutil
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from dbt_like_sql.declarations import DeclarationError
from dbt_like_sql.fields import HERE
from dbt_like_sql.phrases import LANGUAGES, PhraseError, Phrases, load_phrases
from dbt_like_sql.project import load_project

WORDING = """
stands:
  vi: "{actual}{unit, select, percent {%} other {}} ({known_when}), {area, number} ha"
  en: "{actual}{unit, select, percent { %} other {}} {known_when}, {area, number} ha"
quarantined:
  vi: "; chưa tính {rows} dòng của {name}"
  en: "; {rows, plural, one {# row} other {# rows}} of {name} are not counted"
until:
  vi: "; đến {day}, từ tháng {first,date,MM/yyyy}"
  en: "; by {day}, from {first,date,yyyy-MM}"
"""
PERIODS = Path(__file__).parents[2] / "dbt_like_sql" / "phrases" / "periods.yml"


@pytest.fixture
def phrases(tmp_path: Path) -> Phrases:
    return load(tmp_path, WORDING)


def load(folder: Path, wording: str) -> Phrases:
    (folder / "periods.yml").write_text(PERIODS.read_text(encoding="utf-8"), encoding="utf-8")
    (folder / "growth.yml").write_text(wording, encoding="utf-8")
    return load_phrases(folder, ["growth"])


def say(phrases: Phrases, language: str, codes: str, **values: Any) -> str | None:
    said = {key: value.isoformat() if isinstance(value, dt.date) else value for key, value in values.items()}
    text = json.dumps(said, default=float)
    return phrases.message(language, codes, text)


def test_several_periods_are_put_into_words_one_by_one(phrases: Phrases) -> None:
    values = {"actual": 1, "unit": None, "known_when": "2024-Q3, 2024-Q4", "area": 2}
    assert say(phrases, "vi", "stands", **values) == "1 (quý III/2024, quý IV/2024), 2 ha"
    assert say(phrases, "en", "stands", **values) == "1 in Q3 2024, in Q4 2024, 2 ha"


def test_numbers_have_the_form_of_each_language(phrases: Phrases) -> None:
    values = {"actual": Decimal("37.3100"), "unit": "percent", "known_when": "2024-Q3", "area": 4277}
    assert say(phrases, "vi", "stands", **values) == "37,31% (quý III/2024), 4.277 ha"
    assert say(phrases, "en", "stands", **values) == "37.31 % in Q3 2024, 4,277 ha"


@pytest.mark.parametrize(
    ("period", "in_vietnamese", "in_english"),
    [
        ("2024", "năm 2024", "in 2024"),
        ("2024-Q4", "quý IV/2024", "in Q4 2024"),
        ("2024-9M", "9 tháng đầu năm 2024", "in the first nine months of 2024"),
        ("2024-08", "tháng 08/2024", "in August 2024"),
        ("2024-09-30", "đến ngày 30/09/2024", "by 2024-09-30"),
        ("2024-01..2024-08", "8 tháng đầu năm 2024", "from January to August 2024"),
        ("2024-01..2024-12", "năm 2024", "in 2024"),
        ("2024-07..2024-10", "từ tháng 7 đến tháng 10/2024", "from July to October 2024"),
        ("2023-11..2024-02", "từ tháng 11/2023 đến tháng 02/2024", "from November 2023 to February 2024"),
        ("2024-Q1..2024-Q4", "từ quý I đến quý IV/2024", "from Q1 to Q4 2024"),
        ("2023-Q4..2024-Q1", "từ quý IV/2023 đến quý I/2024", "from Q4 2023 to Q1 2024"),
        ("2022..2025", "từ năm 2022 đến năm 2025", "from 2022 to 2025"),
    ],
)
def test_a_period_is_put_into_words(phrases: Phrases, period: str, in_vietnamese: str, in_english: str) -> None:
    values = {"actual": 1, "unit": None, "known_when": period, "area": 2}
    assert say(phrases, "vi", "stands", **values) == f"1 ({in_vietnamese}), 2 ha"
    assert say(phrases, "en", "stands", **values) == f"1 {in_english}, 2 ha"


@pytest.mark.parametrize(
    ("period", "in_vietnamese", "in_english"),
    [
        ("2024-Q4", "quý IV/2024", "Q4 2024"),
        ("2024-9M", "9 tháng đầu năm 2024", "the first nine months of 2024"),
        ("2024-08", "tháng 08/2024", "August 2024"),
        ("2024-09-30", "ngày 30/09/2024", "2024-09-30"),
        ("2024-07..2024-10", "từ tháng 7 đến tháng 10/2024", "July to October 2024"),
    ],
)
def test_a_period_has_a_name_that_stands_after_any_word(
    tmp_path: Path, period: str, in_vietnamese: str, in_english: str
) -> None:
    wording = 'awaited:\n  vi: "Chờ số liệu {coming_period}"\n  en: "Await the figures of {coming_period}"\n'
    phrases = load(tmp_path, wording)
    assert say(phrases, "vi", "awaited", coming_period=period) == f"Chờ số liệu {in_vietnamese}"
    assert say(phrases, "en", "awaited", coming_period=period) == f"Await the figures of {in_english}"
    assert (phrases.period(period, "vi"), phrases.period(period, "en")) == (in_vietnamese, in_english)


@pytest.mark.parametrize(("rows", "said"), [(1, "1 row"), (2, "2 rows"), (1234, "1,234 rows")])
def test_plurals_follow_the_number(phrases: Phrases, rows: int, said: str) -> None:
    assert say(phrases, "en", "quarantined", rows=rows, name="f.csv") == f"; {said} of f.csv are not counted"
    assert say(phrases, "vi", "quarantined", rows=rows, name="f.csv") == f"; chưa tính {rows} dòng của f.csv"


def test_codes_follow_each_other_and_none_say_nothing(phrases: Phrases) -> None:
    day, first = dt.date(2024, 9, 30), dt.date(2024, 1, 1)
    values = {"rows": 3, "name_vi": "tệp", "name_en": "file", "day": day, "first": first}
    assert say(phrases, "vi", "quarantined until", **values) == (
        "; chưa tính 3 dòng của tệp; đến 30/09/2024, từ tháng 01/2024"
    )
    assert say(phrases, "en", "until", **values) == "; by 2024-09-30, from 2024-01"
    assert say(phrases, "vi", "") == ""
    assert phrases.message("vi", None, None) is None


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_lacks_a_value_or_a_wording_is_no_sentence(phrases: Phrases, language: str) -> None:
    with pytest.raises(PhraseError, match=rf"growth.yml: quarantined: {language}: there is no value for {{name}}"):
        say(phrases, language, "quarantined", rows=2, name=None)
    with pytest.raises(PhraseError, match=r"No phrase has the code 'quarantimed': did you mean quarantined?"):
        say(phrases, language, "quarantimed", rows=2, name="x")


@pytest.mark.parametrize(
    ("wording", "why"),
    [
        ('said: {vi: "a", en: "{a, numbr"}', r"growth.yml: said: en: this is no ICU message; look at braces"),
        ('said: {en: "a", vi: "b"}', r"growth.yml: said: a wording in each language is expected, vi and en"),
        ('said: {vi: "a"}', r"growth.yml: said: a wording in each language"),
        ('said: {vi: "a", en: "{a, date, MM/yyyy}"}', r"growth.yml: said: en: the form of a day is part of it"),
        ('Said: {vi: "a", en: "b"}', r"growth.yml: Said: a code has small letters"),
        ('period_day: {vi: "a", en: "b"}', r"the code 'period_day' stands in growth.yml too; rename one"),
    ],
)
def test_a_wording_that_cannot_be_said_is_refused_by_file_and_code(tmp_path: Path, wording: str, why: str) -> None:
    with pytest.raises(DeclarationError, match=why):
        load(tmp_path, wording)


def test_phrases_lie_in_the_file_of_a_subject(tmp_path: Path) -> None:
    (tmp_path / "groth.yml").write_text("{}", encoding="utf-8")
    with pytest.raises(DeclarationError, match=r"phrases/groth.yml: no subject has this name: did you mean growth?"):
        load_phrases(tmp_path, ["growth"])


def test_a_corrected_wording_is_news_for_the_models_that_say_it_and_for_no_other(tmp_path: Path) -> None:
    folder = shutil.copytree(HERE, tmp_path / "dbt_like_sql", ignore=shutil.ignore_patterns("__pycache__"))
    before = {model.name: model.digest for model in load_project(folder).models.values()}
    wording = folder / "phrases" / "directive.yml"
    text = wording.read_text(encoding="utf-8")
    wording.write_text(text.replace("đã hoàn thành {n_completed} dự án", "xong {n_completed} dự án"), encoding="utf-8")
    after = {model.name: model.digest for model in load_project(folder).models.values()}
    assert {name for name, digest in after.items() if before[name] != digest} == {"int_housing_item_evidence"}


@pytest.mark.parametrize(
    ("value", "in_vietnamese", "in_english"),
    [("1000", "1.000", "1,000"), ("1234.5678", "1.234,5678", "1,234.5678"), ("92.5000", "92,5", "92.5")],
)
def test_the_figure_of_an_item_is_grouped_and_loses_no_decimal(value: str, in_vietnamese: str, in_english: str) -> None:
    wording = load_project().phrases
    values = f'{{"title_vi": "Doanh thu", "actual": {value}, "unit": "households", "threshold": {value}}}'
    assert wording.message("vi", "item_figure", values) == f"Doanh thu: {in_vietnamese}"
    assert wording.message("en", "item_figure", values) == in_english
    assert wording.message("en", "item_against_more_than", values) == f" against more than {in_english}"
