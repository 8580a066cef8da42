"""Periods: canonical codes, the spellings of offices, and what is refused."""

from __future__ import annotations

import datetime as dt
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dbt_like_sql.periods import KINDS, parse_period

YEARS = st.integers(1900, 2199)
ROMAN = ("I", "II", "III", "IV")


@st.composite
def codes(draw: st.DrawFn) -> str:
    year = draw(YEARS)
    month = draw(st.integers(1, 12))
    day = draw(st.dates(dt.date(1900, 1, 1), dt.date(2199, 12, 31)))
    return draw(
        st.sampled_from(
            [
                f"{year}",
                f"{year}-Q{(month + 2) // 3}",
                f"{year}-{min(max(month, 2), 11)}M",
                f"{year}-{month:02d}",
                day.isoformat(),
                f"{year}-{month:02d}..{year + 1}-{month:02d}" if year < 2199 else f"{year}",
                f"{year - 1}..{year}" if year > 1900 else f"{year}",
            ]
        )
    )


@given(codes())
def test_a_canonical_code_is_its_own_code(code):
    assert parse_period(code).code == code


@given(codes())
def test_a_period_begins_no_later_than_it_ends_and_has_a_known_kind(code):
    period = parse_period(code)
    assert period.first_day <= period.last_day
    assert period.kind in KINDS


@given(codes(), codes())
def test_two_codes_never_name_the_same_period(one, other):
    if one != other:
        assert parse_period(one) != parse_period(other)


@given(
    YEARS,
    st.integers(1, 4),
    st.sampled_from(["Quý {r} năm {y}", "quý {n}/{y}", "QUÝ {r}/{y}", "Q{n}/{y}", "Quí {n} - {y}"]),
)
def test_every_spelling_of_a_quarter_is_that_quarter(year, number, spelling):
    assert parse_period(spelling.format(r=ROMAN[number - 1], n=number, y=year)).code == f"{year}-Q{number}"


@given(
    YEARS,
    st.integers(1, 12),
    st.sampled_from(["Tháng {m}/{y}", "tháng {m:02d} năm {y}", "T{m}/{y}", "{m}/{y}", "{y}-M{m:02d}"]),
)
def test_every_spelling_of_a_month_is_that_month(year, month, spelling):
    assert parse_period(spelling.format(m=month, y=year)).code == f"{year}-{month:02d}"


@given(
    YEARS,
    st.integers(2, 11),
    st.sampled_from(["{m} tháng năm {y}", "{m} tháng đầu năm {y}", "{m} tháng/{y}", "{m}T/{y}"]),
)
def test_every_spelling_of_months_from_january_is_cumulative(year, months, spelling):
    period = parse_period(spelling.format(m=months, y=year))
    assert (period.code, period.kind) == (f"{year}-{months}M", "ytd")
    assert period.first_day == dt.date(year, 1, 1)


@given(st.text(max_size=40))
def test_any_text_is_a_period_or_a_sentence(text):
    code, refusal = "", ""
    try:
        code = parse_period(text).code
    except ValueError as error:
        refusal = str(error)
    assert "write a year 2024" in refusal if refusal else parse_period(code).code == code


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Quý III năm 2024", "2024-Q3"),
        ("Quý 3/2024", "2024-Q3"),
        ("quý tư năm 2024", "2024-Q4"),
        ("9 tháng năm 2024", "2024-9M"),
        ("chín tháng đầu năm 2024", "2024-9M"),
        ("năm tháng đầu năm 2024", "2024-5M"),
        ("6 tháng đầu năm 2024", "2024-6M"),
        ("6 tháng cuối năm 2024", "2024-07..2024-12"),
        ("Tháng 8/2024", "2024-08"),
        ("2024M08", "2024-08"),
        ("2024M8", "2024-08"),
        ("2024K3", "2024-Q3"),
        ("2024-H1", "2024-6M"),
        ("2024H2", "2024-07..2024-12"),
        ("Cộng dồn 8 tháng năm 2024", "2024-8M"),
        ("Lũy kế 8 tháng năm 2024", "2024-8M"),
        ("Luỹ kế 8 tháng/2024", "2024-8M"),
        ("tính đến hết tháng 10/2024", "2024-10M"),
        ("lũy kế từ đầu năm đến hết tháng 10 năm 2024", "2024-10M"),
        ("đến hết tháng 12/2024", "2024"),
        ("đến 31/10/2024", "2024-10-31"),
        ("tính đến ngày 31/10/2024", "2024-10-31"),
        ("lũy kế đến ngày 31 tháng 10 năm 2024", "2024-10-31"),
        ("tháng 08 năm 2024", "2024-08"),
        ("tháng mười một năm 2024", "2024-11"),
        ("Năm 2024", "2024"),
        ("cả năm 2024", "2024"),
        ("  năm\n2024 ", "2024"),
        ("31/10/2024", "2024-10-31"),
        ("ngày 31 tháng 10 năm 2024", "2024-10-31"),
        ("giai đoạn 2021-2025", "2021..2025"),
        ("2022..2025", "2022..2025"),
        ("từ tháng 7 đến tháng 10 năm 2024", "2024-07..2024-10"),
        ("3-2024", "2024-03"),
        ("2024/03", "2024-03"),
    ],
)
def test_spellings_of_offices_are_understood(text, code):
    assert parse_period(text).code == code
    assert parse_period(unicodedata.normalize("NFD", text)).code == code


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Sơ bộ 2023", "2023"),
        ("Ước tính năm 2024", "2024"),
        ("Ước thực hiện quý III năm 2024", "2024-Q3"),
        ("2023 (sơ bộ)", "2023"),
        ("Prel. 2023", "2023"),
        ("2023(*)", "2023"),
    ],
)
def test_how_final_a_figure_is_does_not_change_its_period(text, code):
    assert parse_period(text).code == code


def test_twelve_cumulative_months_are_the_year():
    assert parse_period("2024-12M") == parse_period("12 tháng năm 2024") == parse_period("2024")


def test_a_quarter_is_not_the_cumulative_period_of_the_same_months():
    quarter, cumulative = parse_period("2024-Q1"), parse_period("2024-3M")
    assert (quarter.first_day, quarter.last_day) == (cumulative.first_day, cumulative.last_day)
    assert quarter.code != cumulative.code


@pytest.mark.parametrize(
    "text",
    ["", "Quý III", "Kế hoạch 2024", "2024-1M", "2024-13", "2024-Q5", "2024-02-30", "1899", "2024-10..2024-07",
     "2024..2024", "2024..2024-10", "2024-3M..2024-9M", "Quý III và 9 tháng năm 2024", "năm 20240", "٢٠٢٤", "2024-8"],
)  # fmt: skip
def test_what_is_no_period_is_refused_with_a_sentence_that_quotes_it(text):
    with pytest.raises(ValueError, match="write a year 2024") as refusal:
        parse_period(text)
    assert f"'{text}'" in str(refusal.value)


def test_a_very_long_text_is_refused_at_once():
    with pytest.raises(ValueError, match=r"\.\.\.'"):
        parse_period("," * 1_000_000)
