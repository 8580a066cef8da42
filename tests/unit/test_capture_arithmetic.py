"""The estimate of capture against the same arithmetic done here by other means: works, values, limits, totals."""

from __future__ import annotations

import math
from decimal import Decimal

import pytest

from tests.unit.capture_chain import QUARTER, domain, estimated, rows_of, seen
from tests.unit.capture_rows import Row

ONE, TWO = (QUARTER, "941", "enterprises_large"), (QUARTER, "941", "investors")
DISTRICT, AREA = (QUARTER, "941", "total"), (QUARTER, "total", "total")


def near(value: object, expected: float, digits: int = 4) -> bool:
    """Whether a figure of the product, rounded to some digits, is the one expected, rounded alike."""
    return abs(float(str(value)) - expected) <= 0.5000001 * 10**-digits


def log_limits(seen_works: float, unseen: float, variance: float) -> tuple[float, float]:
    spread = math.exp(1.96 * math.sqrt(math.log(1 + variance / unseen**2)))
    return seen_works + unseen / spread, seen_works + unseen * spread


# ── totals ───────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def two_strata() -> dict[tuple[str, str, str], Row]:
    both = [*seen(43, 17, 9), *seen(12, 3, 8, stratum="investors")]
    rows, _ = estimated([domain(60, 52, 43), domain(15, 20, 12, stratum="investors")], both)
    return rows


def test_a_total_is_the_sum_of_its_parts_and_its_limits_are_those_of_what_nobody_has_seen(
    two_strata: dict[tuple[str, str, str], Row],
) -> None:
    for key in (DISTRICT, AREA):
        total = two_strata[key]
        assert near(total["chapman_estimate"], 97.323427)
        assert near(total["chapman_variance"], 9.086073)
        low, high = log_limits(69 + 23, 3.477273 + 1.846154, 9.086073)
        assert (round(low, 4), round(high, 4)) == (93.8936, 106.9653)
        assert near(total["chapman_low"], 93.8936)
        assert near(total["chapman_high"], 106.9653)
        assert near(total["coverage"], 0.739801)
        assert near(total["coverage_low"], 0.673116)
        assert near(total["coverage_high"], 0.766825)
        assert total["estimate_method"] == "sum_of_strata"
        assert total["estimate_reason_vi"].startswith("tổng của 2 phần")


@pytest.mark.parametrize("key", [DISTRICT, (QUARTER, "total", "enterprises_large"), AREA])
def test_a_total_of_one_part_is_that_part(key: tuple[str, str, str]) -> None:
    rows, _ = estimated([domain(60, 52, 43)], seen(43, 17, 9))
    for row in (rows[ONE], rows[key]):
        assert (row["chapman_estimate"], row["chapman_low"], row["chapman_high"]) == (
            Decimal("72.4773"), Decimal("69.5307"), Decimal("82.6713"),
        )  # fmt: skip
        assert (row["coverage"], row["coverage_low"], row["coverage_high"]) == (
            Decimal("0.7175"), Decimal("0.6290"), Decimal("0.7479"),
        )  # fmt: skip


def test_what_would_be_if_works_on_one_list_are_oftener_on_the_other_stands_in_every_row(
    two_strata: dict[tuple[str, str, str], Row],
) -> None:
    one = two_strata[ONE]
    assert near(one["chapman_odds_2"], 75.954545)
    assert near(one["chapman_odds_5"], 86.386364)
    assert near(one["coverage_odds_2"], 0.684620)
    assert near(one["coverage_odds_5"], 0.601947)
    total = two_strata[AREA]
    assert near(total["chapman_odds_2"], 92 + 2 * 5.323427)
    assert near(total["chapman_odds_5"], 92 + 5 * 5.323427)
    assert near(total["coverage_odds_5"], 72 / (92 + 5 * 5.323427))


def test_small_strata_are_collapsed_before_they_are_estimated_and_say_so() -> None:
    small = [domain(10, 9, 6, district_code=d) for d in ("941", "942")]
    rows, _ = estimated(small, [*seen(6, 4, 3), *seen(6, 4, 3, district_code="942")])
    assert near(rows[AREA]["chapman_estimate"], 21 * 19 / 13 - 1)
    assert rows[ONE]["chapman_estimate"] is None
    assert "ước lượng chung với 1 ô nhỏ khác" in rows[ONE]["estimate_reason_vi"]


# ── links with errors, works never begun, a third list ───────────────────────────────────────────────────────


def test_works_told_in_a_stratum_of_no_list_are_estimated_with_the_strata_of_their_district() -> None:
    """480 listed, 500 + 10 surveyed, 400 both: 481 x 511 / 401 - 1 works."""
    rows, _ = estimated(
        [
            domain(480, 500, 400),
            domain(50, 50, 40, stratum="investors_listed"),
            domain(0, 10, 0, stratum="investors"),
            domain(0, 10, 0, stratum="investors", district_code="942"),
        ]
    )
    others = Decimal(51 * 51) / 41 - 1
    district = rows[QUARTER, "941", "total"]
    assert district["chapman_estimate"] == round(Decimal(481 * 511) / 401 - 1 + others, 4)
    assert rows[QUARTER, "941", "investors_listed"]["chapman_estimate"] == round(others, 4)
    assert "a stratum is on no list" in rows[QUARTER, "941", "investors"]["estimate_reason_en"]
    assert "a stratum is on no list" in rows[QUARTER, "941", "enterprises_large"]["estimate_reason_en"]
    alone = rows[QUARTER, "942", "investors"]
    assert (alone["chapman_estimate"], alone["estimate_reason_en"]) == (
        None, "no permits: no list to compare the survey with"
    )  # fmt: skip


def test_links_without_a_number_are_corrected_for_those_missed_and_those_wrong() -> None:
    tried = 50
    errors = {
        "area_code": "94", "stratum": "enterprises_large", "link_recall": "0.92", "link_false_share": "0.02",
        "n_links_tried": tried,
    }  # fmt: skip
    rows, _ = estimated([domain(60, 52, 43)], seen(43, 17, 9, keyed=30), int_link_errors=[errors])
    row = rows[ONE]
    x = (13 - 0.02 * 22) / 0.9
    m = 30 + x
    assert round(m, 6) == 43.955556
    assert near(row["chapman_estimate"], 70.915472)
    spread_m = x * 0.08 / 0.92 + x**2 * 0.08 / (0.92 * tried) + 22 * 0.02 * 0.98 * (1 + 22 / tried) / 0.9**2
    variance = 61 * 53 * (60 - m) * (52 - m) / ((m + 1) ** 2 * (m + 2)) + (61 * 53 / (m + 1) ** 2) ** 2 * spread_m
    assert near(row["chapman_variance"], variance)
    low, high = log_limits(112 - m, (60 - m) * (52 - m) / (m + 1), variance)
    assert near(row["chapman_low"], max(low, 60))
    assert near(row["chapman_high"], high)
    assert "links without a permit number are corrected" in row["estimate_reason_en"]


def test_links_without_a_number_whose_errors_nobody_knows_stand_as_they_are_and_say_so() -> None:
    rows, _ = estimated([domain(60, 52, 43)], seen(43, 17, 9, keyed=30))
    assert rows[ONE]["chapman_estimate"] == Decimal("72.4773")
    low, high = log_limits(69, 3.477273, 5.677789)
    assert near(rows[ONE]["chapman_low"], low)
    assert near(rows[ONE]["chapman_high"], high)
    assert "chưa biết mức khớp sót" in rows[ONE]["estimate_reason_vi"]


def test_declarations_with_a_site_are_a_third_list() -> None:
    # 50 declared, of which 45 are in the union of 69; five of them nobody else knows.
    rows, _ = estimated([domain(60, 52, 43)], seen(43, 17, 9, declared=5, declared_both=45))
    row = rows[ONE]
    assert row["estimate_method"] == "three_lists"
    assert near(row["chapman_estimate"], 76.608696)
    assert near(row["chapman_variance"], 4.307606)
    assert near(row["chapman_low"], 74.1637)
    assert near(row["chapman_high"], 86.7146)
    assert near(row["coverage"], 0.678774)
    assert near(row["coverage_low"], 0.599668)
    assert near(row["coverage_high"], 0.701152)
    assert near(row["chapman_odds_2"], 79.217391)
    assert near(row["chapman_odds_5"], 87.043478)
    assert near(row["coverage_odds_2"], 0.656422)
    assert near(row["coverage_odds_5"], 0.597403)
    assert (row["two_list_estimate"], row["two_list_coverage"]) == (Decimal("72.4773"), Decimal("0.7175"))
    assert "ba nguồn" in row["estimate_reason_vi"]
    assert "nếu các nguồn không độc lập (tỷ số chênh 2) thì mức tính đủ là 65,6%" in row["estimate_reason_vi"]


def errors_of_links(recall: str, false_share: str, tried: int) -> Row:
    return {
        "area_code": "94", "stratum": "enterprises_large", "link_recall": recall, "link_false_share": false_share,
        "n_links_tried": tried,
    }  # fmt: skip


def test_links_of_declarations_without_a_number_are_corrected_like_those_of_returns() -> None:
    # Of the 45 that lists or survey hold 25 quote the number; 25 of the 50 quote none, 20 of them are linked.
    rows, _ = estimated(
        [domain(60, 52, 43)],
        seen(43, 17, 9, declared=5, declared_both=45, declared_keyed=25),
        int_tax_declaration_link_errors=[errors_of_links("0.90", "0.02", 40)],
    )
    row = rows[ONE]
    x = (20 - 0.02 * 25) / 0.88
    m = 25 + x
    estimate = 70 * 51 / (m + 1) - 1
    spread_m = x * 0.1 / 0.9 + x**2 * 0.1 / (0.9 * 40) + 25 * 0.02 * 0.98 * (1 + 25 / 40) / 0.88**2
    variance = 70 * 51 * (69 - m) * (50 - m) / ((m + 1) ** 2 * (m + 2)) + (70 * 51 / (m + 1) ** 2) ** 2 * spread_m
    assert row["estimate_method"] == "three_lists"
    assert near(row["chapman_estimate"], estimate)
    assert near(row["chapman_variance"], variance)
    low, high = log_limits(119 - m, (69 - m) * (50 - m) / (m + 1), variance)
    plain = 1.96 * math.sqrt(variance)
    assert near(row["chapman_low"], max(min(low, estimate - plain), 69)), "what is seen is itself an estimate"
    assert near(row["chapman_high"], max(high, estimate + plain))
    assert "links of tax declarations without a permit number are corrected" in row["estimate_reason_en"]
    assert "đã hiệu chỉnh phần khớp sót và khớp nhầm của tờ khai thuế" in row["estimate_reason_vi"]


def test_errors_of_both_kinds_of_links_widen_the_estimate_of_three_lists() -> None:
    # Pairs of lists and survey are corrected to 43.955556, so that the union of both is 112 less that.
    rows, _ = estimated(
        [domain(60, 52, 43)],
        seen(43, 17, 9, declared=5, declared_both=45, keyed=30, declared_keyed=25),
        int_link_errors=[errors_of_links("0.92", "0.02", 50)],
        int_tax_declaration_link_errors=[errors_of_links("0.90", "0.02", 40)],
    )
    pairs = (13 - 0.02 * 22) / 0.9
    spread_pairs = pairs * 0.08 / 0.92 + pairs**2 * 0.08 / (0.92 * 50) + 22 * 0.02 * 0.98 * (1 + 22 / 50) / 0.9**2
    union = 112 - 30 - pairs
    x = (20 - 0.02 * 25) / 0.88
    m = 25 + x
    spread_m = x * 0.1 / 0.9 + x**2 * 0.1 / (0.9 * 40) + 25 * 0.02 * 0.98 * (1 + 25 / 40) / 0.88**2
    variance = (
        (union + 1) * 51 * (union - m) * (50 - m) / ((m + 1) ** 2 * (m + 2))
        + (51 / (m + 1)) ** 2 * spread_pairs
        + ((union + 1) * 51 / (m + 1) ** 2) ** 2 * spread_m
    )
    assert near(rows[ONE]["chapman_estimate"], (union + 1) * 51 / (m + 1) - 1)
    assert near(rows[ONE]["chapman_variance"], variance)


def test_links_of_declarations_whose_errors_nobody_knows_stand_as_they_are_and_say_so() -> None:
    rows, _ = estimated([domain(60, 52, 43)], seen(43, 17, 9, declared=5, declared_both=45, declared_keyed=25))
    row = rows[ONE]
    assert near(row["chapman_estimate"], 76.608696)
    low, high = log_limits(74, 2.608696, 4.307606)
    assert near(row["chapman_low"], low)
    assert near(row["chapman_high"], high)
    assert "how many links of tax declarations without a permit number" in row["estimate_reason_en"]
    assert "chưa biết mức khớp sót, khớp nhầm của tờ khai thuế" in row["estimate_reason_vi"]


def test_without_a_third_list_nothing_is_said_of_declarations() -> None:
    rows, _ = estimated([domain(60, 52, 43)], seen(43, 17, 9, declared=5, declared_both=6, declared_keyed=0))
    assert "declarations" not in rows[ONE]["estimate_reason_en"]


def test_six_declared_works_that_are_seen_are_no_third_list() -> None:
    rows, _ = estimated([domain(60, 52, 43)], seen(43, 17, 9, declared=5, declared_both=6))
    assert (rows[ONE]["estimate_method"], rows[ONE]["two_list_estimate"]) == ("chapman", None)


def answers(answered: int, not_begun: int, minimum: int = 20) -> Row:
    """What some answers say of the share never begun, as `int_capture_never_begun` has it."""
    is_enough = answered >= minimum
    share = (not_begun + 1) / (answered + 2)
    return {
        "area_code": "94", "quarter": QUARTER, "n_cases_answered": answered,
        "not_begun_share": round(share, 8) if is_enough else None,
        "not_begun_share_error": round(math.sqrt(share * (1 - share) / (answered + 3)), 8) if is_enough else None,
        "answered_not_begun_share": round(not_begun / answered, 8),
    }  # fmt: skip


def test_works_that_were_found_not_begun_leave_the_list_themselves() -> None:
    """All 17 works that lists alone tell of are answered, five of them not begun: nothing is left to be guessed."""
    works = seen(43, 12, 9, declared=5, declared_both=45, is_open=False)
    counts = domain(60, 52, 43, n_not_begun=5, n_answered=17)
    rows, _ = estimated([counts], works, int_capture_never_begun=[answers(17, 5)])
    row = rows[ONE]
    assert near(row["chapman_estimate"], 71.065217)
    assert near(row["coverage"], 0.731722)
    assert "chưa khởi công" not in row["estimate_reason_vi"]
    # Chapman's between the 64 of either list and the 50 declared, of which 45 are among them.
    variance = 65 * 51 * 19 * 5 / (46**2 * 47)
    assert near(row["chapman_variance"], variance)


def test_of_works_nobody_answered_for_the_share_of_enough_answers_is_taken_out_with_its_error() -> None:
    """Of 17 works that lists alone tell of five are found not begun and two are of a silent unit: ten are open."""
    works = [*seen(43, 10, 9), *seen(0, 2, 0, is_open=False)]
    counts = domain(60, 52, 43, n_not_begun=5)
    rows, _ = estimated([counts], works, int_capture_never_begun=[answers(24, 7)])
    row = rows[ONE]
    share, error = 8 / 26, math.sqrt(8 * 18 / (26**2 * 27))
    listed = 55 - 10 * share
    works_in_all = (listed + 1) * 53 / 44 - 1
    assert near(row["chapman_estimate"], works_in_all)
    # One listed works more makes 53/44 works more.
    slope = 10 * 53 / 44 * error
    of_counts = (listed + 1) * 53 * (listed - 43) * 9 / (44**2 * 45)
    assert near(row["chapman_variance"], of_counts + slope**2, 3)
    a, b, c = 43.5, listed - 43 + 0.5, 9.5
    k, sigma = b * c / a, math.sqrt(1 / a + 1 / b + 1 / c + a / (b * c))
    high = listed + 52 - 43 - 0.5 + k * math.exp(1.96 * sigma)
    low = listed + 52 - 43 - 0.5 + k * math.exp(-1.96 * sigma)
    assert near(row["chapman_high"], works_in_all + math.hypot(high - works_in_all, 1.96 * slope), 3)
    low = max(low, listed + 9)
    assert near(row["chapman_low"], works_in_all - math.hypot(works_in_all - low, 1.96 * slope), 3)
    assert "đã trừ 30,8% công trình chưa trả lời là chưa khởi công, theo 24 trả lời" in row["estimate_reason_vi"]


def test_two_answers_take_nothing_out_and_the_limits_tell_what_they_would() -> None:
    works, counts = seen(43, 17, 9), domain(60, 52, 43, value_recorded_mn=52)
    rows, _ = estimated([counts], works, int_capture_never_begun=[answers(2, 2)])
    untouched, _ = estimated([counts], works)
    row, as_counted = rows[ONE], untouched[ONE]
    for name in ("chapman_estimate", "chapman_variance", "chapman_high", "coverage", "coverage_low", "value_coverage"):
        assert row[name] == as_counted[name], name
    # If all 17 had never been begun, the survey would tell of everything: 52 works, and no value would be missing.
    assert (row["chapman_low"], row["coverage_high"], row["value_coverage_high"]) == (52, 1, 1)
    assert "chỉ có 2 trả lời, chưa đủ để trừ công trình chưa khởi công" in row["estimate_reason_vi"]


def test_the_share_of_value_that_is_taken_out_is_that_of_the_works_that_can_be_asked_about() -> None:
    """Of 12 listed works not found, ten of size 1 are open and two of size 30 belong to a unit that did not answer."""
    works = [*seen(43, 10, 9), *seen(0, 2, 0, is_open=False, works_size=30)]
    rows, _ = estimated([domain(55, 52, 43)], works, int_capture_never_begun=[answers(24, 7)])
    assert near(rows[ONE]["value_not_found_mn"], 60 + 10 * (1 - 8 / 26), 3)


def test_the_error_of_one_share_does_not_shrink_in_a_total() -> None:
    """The same share holds for both strata: their errors add up, those of the counts do so in squares."""
    both = [*seen(43, 17, 9), *seen(43, 17, 9, stratum="investors")]
    domains = [domain(60, 52, 43), domain(60, 52, 43, stratum="investors")]
    rows, _ = estimated(domains, both, int_capture_never_begun=[answers(24, 7)])
    one, total = rows[ONE], rows[AREA]
    slope = 17 * 53 / 44 * math.sqrt(8 * 18 / (26**2 * 27))
    assert near(total["chapman_variance"], 2 * (float(one["chapman_variance"]) - slope**2) + 4 * slope**2, 2)


def test_a_total_of_parts_of_which_nothing_is_missed_is_no_narrower_than_they_are() -> None:
    """The survey tells of all 17 listed works: what is unseen is estimated at nothing, not known to be."""
    domains = [domain(17, 18, 17), domain(20, 30, 20, stratum="investors")]
    rows, _ = estimated(domains, [*seen(17, 0, 1), *seen(20, 0, 10, stratum="investors")])
    for part in (rows[ONE], rows[TWO]):
        for total in (rows[DISTRICT], rows[AREA]):
            width = total["chapman_high"] - total["chapman_low"]
            assert width >= part["chapman_high"] - part["chapman_low"] - Decimal("0.5")
    reach = math.hypot(*(float(rows[k]["chapman_high"] - rows[k]["chapman_estimate"]) for k in (ONE, TWO)))
    assert near(rows[AREA]["chapman_high"], 48 + reach, 3)


def test_without_answers_the_row_says_that_works_never_begun_are_in_it() -> None:
    rows, _ = estimated([domain(60, 52, 43)], seen(43, 17, 9))
    assert "chưa trừ công trình chưa khởi công" in rows[ONE]["estimate_reason_vi"]


# ── value ────────────────────────────────────────────────────────────────────────────────────────────────────


def with_values(works: list[Row], both: list[tuple[float, float]], listed: list[float], alone: list[float]) -> None:
    """Give works of three kinds their sizes and values: (size, value) of both, sizes of listed, values of surveyed."""
    for row, (size, value) in zip([w for w in works if w["seen_by"] == "lists_and_survey"], both, strict=True):
        row |= {"works_size": size, "seen_value_mn": value}
    for row, size in zip([w for w in works if w["seen_by"] == "lists"], listed, strict=True):
        row["works_size"] = size
    for row, value in zip([w for w in works if w["seen_by"] == "survey"], alone, strict=True):
        row["seen_value_mn"] = value


def test_coverage_by_value_follows_the_worked_example() -> None:
    works = seen(43, 17, 9)
    both = [(2.0, 14.0 + d) for d in (2, -2) * 21] + [(2.0, 14.0)]
    # 26 values of a mean of 180/26 and a variance of 9: 225 in squares, of which 84.56 lie between the two lists.
    apart = math.sqrt((225 - 17 * (140 / 17 - 180 / 26) ** 2 - 9 * (40 / 9 - 180 / 26) ** 2) / 8)
    listed, alone = [20 / 17] * 17, [40 / 9 + d * apart for d in (1, -1) * 4] + [40 / 9]
    with_values(works, both, listed, alone)
    assert (sum(a for a, _ in both), sum(v for _, v in both)) == (86, 602)
    assert (round(sum(listed), 9), round(sum(alone), 9)) == (20, 40)
    rows, engine = estimated([domain(60, 52, 43, value_recorded_mn=642)], works)
    row = rows[ONE]
    assert near(row["value_not_found_mn"], 140, 3)
    assert near(row["value_unseen_mn"], 24.073427, 2)
    assert near(row["value_coverage"], 0.796453)
    residual = sum((v - 7 * a) ** 2 for a, v in both) / 42
    values = [7 * a for a in listed] + alone
    mean = sum(values) / 26
    spread = sum((v - mean) ** 2 for v in values) / 25
    assert (round(residual, 9), round(spread, 9)) == (4, 9)
    unseen = 3.4772727273
    v_listed = residual * 17 + 20**2 * residual * 43 / 86**2
    assert round(v_listed, 6) == 77.302326
    v_unseen = mean**2 * 5.6777886 + unseen * spread + unseen**2 * spread / 26
    (value,) = rows_of(engine, "int_capture_missing_value")
    assert round(v_unseen, 3) == 307.612
    assert near(value["value_missing_variance"], v_listed + v_unseen, 1)
    missing = 140 + unseen * mean
    k = math.exp(1.96 * math.sqrt(math.log(1 + (v_listed + v_unseen) / missing**2)))
    assert near(row["value_coverage_low"], 642 / (642 + missing * k))
    assert near(row["value_coverage_high"], 642 / (642 + missing / k))
    assert (row["value_coverage_low"], row["value_coverage_high"]) == (Decimal("0.7560"), Decimal("0.8317"))


def test_a_value_that_is_no_donor_does_not_set_the_value_of_others() -> None:
    """A return whose value is set aside: its works is known and its value is not."""
    works = seen(20, 5, 4)
    works[0]["seen_value_mn"] = None
    rows, _ = estimated([domain(25, 24, 20)], works)
    assert rows[ONE]["value_not_found_mn"] == 5


def test_values_of_totals_add_up(two_strata: dict[tuple[str, str, str], Row]) -> None:
    for name in ("value_not_found_mn", "value_unseen_mn", "value_missing_variance", "value_estimated_mn"):
        assert two_strata[AREA][name] == two_strata[ONE][name] + two_strata[TWO][name], name


def test_works_are_valued_by_the_donors_of_their_quarter_where_their_own_are_too_few() -> None:
    own = seen(8, 2, 1, stratum="investors", seen_value_mn=3)
    for n, row in enumerate(own):
        row["works_size"] = 1 if row["seen_by"] != "survey" else None
        row["seen_value_mn"] = 100 if row["seen_by"] == "lists_and_survey" and n < 4 else None
    domains = [domain(60, 52, 43), domain(10, 9, 8, stratum="investors")]
    rows, _ = estimated(domains, [*seen(43, 17, 9), *own])
    # Four donors of 100 are too few: 4 of 100 and 43 of 1 over 47 works.
    assert near(rows[TWO]["value_not_found_mn"], 2 * (4 * 100 + 43) / 47, 3)


def test_where_nothing_is_missed_coverage_by_value_is_whole() -> None:
    rows, _ = estimated([domain(10, 10, 10, value_recorded_mn=10)], seen(10, 0, 0))
    assert (rows[ONE]["value_coverage"], rows[ONE]["value_coverage_low"]) == (1, 1)


# ── sampled strata ───────────────────────────────────────────────────────────────────────────────────────────


def sampled(units: int, linked: int, values: list[int]) -> dict[tuple[str, str, str], Row]:
    """Forty permits, and units of weight 5 with one works each, of which some are linked."""
    works = [
        {
            "quarter": QUARTER, "district_code": "941", "stratum": "households_urban", "survey_weight": 5,
            "is_counted": True, "is_matched": n < linked, "frame_unit_id": f"H{n}", "return_id": f"PH{n}",
        }
        for n in range(units)
    ]  # fmt: skip
    returns = [{"quarter": QUARTER, "return_id": f"PH{n}", "value_mn": values[n]} for n in range(units)]
    counts = {"weighted_survey": 5 * units, "weighted_matched": 5 * linked, "value_recorded_mn": 5 * sum(values)}
    drawn = domain(40, units, linked, stratum="households_urban", selection="sample", **counts)
    rows, _ = estimated([drawn], int_survey_works=works, stg_construction_survey=returns)
    return rows


def test_a_sampled_stratum_is_weighed_and_its_missing_value_is_that_of_works_like_the_recorded() -> None:
    row = sampled(8, 5, [10] * 8)[QUARTER, "941", "households_urban"]
    assert (row["estimate_method"], row["chapman_estimate"], row["coverage"]) == ("weighted", 64, Decimal("0.625"))
    assert row["coverage_low"] < row["coverage"] < row["coverage_high"]
    # 400 mn are 62.5 %: of 240 mn that are missing 15 of 40 permits are worth 150, the unlisted ones 90.
    assert (row["value_coverage"], row["value_not_found_mn"], row["value_unseen_mn"]) == (Decimal("0.625"), 150, 90)
    assert row["value_coverage_low"] < row["value_coverage"] < row["value_coverage_high"]
    # 40 permits, 25 found, 15 of 40 surveyed are not listed: 55 seen and 15 x 15 / 25 = 9 unseen.
    assert (row["chapman_odds_2"], row["chapman_odds_5"]) == (73, 100)


def test_the_error_of_a_drawn_value_is_that_of_its_primary_units() -> None:
    even, uneven = (
        sampled(8, 5, values)[QUARTER, "941", "households_urban"] for values in ([10] * 8, [1] * 4 + [19] * 4)
    )
    assert even["value_coverage"] == uneven["value_coverage"]
    mean = 5 * 10
    between = sum((5 * value - mean) ** 2 for value in [1] * 4 + [19] * 4)
    added = (0.375 / 0.625) ** 2 * between * 8 / 7
    assert float(uneven["value_missing_variance"] - even["value_missing_variance"]) == pytest.approx(added, abs=0.001)


def test_with_fewer_than_eight_primary_units_there_is_no_interval_and_the_reason() -> None:
    rows = sampled(7, 5, [10] * 7)
    for key in ((QUARTER, "941", "households_urban"), AREA):
        row = rows[key]
        assert row["chapman_estimate"] == 56
        limits = ("chapman_low", "chapman_high", "coverage_low", "coverage_high", "value_coverage_low")
        assert [row[name] for name in limits] == [None] * 5
        too_few = "không có khoảng tin cậy: quá ít đơn vị mẫu ở hộ dân cư xây dựng ở phường và thị trấn"
        assert too_few in row["estimate_reason_vi"]
