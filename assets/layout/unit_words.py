"""Units as offices write them (`tỷ đồng`, `1.000 tấn`, `lượt`) and the units of the field dictionary."""

from __future__ import annotations

import re

_SCALES = {
    "thousand": ("nghìn", "ngàn", "1000", "1.000", "thousand"),
    "mn": ("triệu", "tr.", "tr", "million", "mn"),
    "bn": ("tỷ", "tỉ", "billion", "bn"),
    "trillion": ("nghìn tỷ", "nghìn tỉ", "ngàn tỷ", "trillion"),
}
_PLAIN = {
    "VND": ("đồng", "vnd", "vnđ", "đ"),
    "USD": ("usd", "đô la mỹ", "đô la", "us$"),
    "t": ("tấn", "tonnes", "t"),
    "kg": ("kg",),
    "ha": ("ha", "hecta", "héc ta"),
    "m2": ("m2", "m²", "mét vuông"),
    "m3": ("m3", "m³", "mét khối"),
    "kW": ("kw",),
    "MW": ("mw",),
    "kWh": ("kwh",),
    "MWh": ("mwh",),
    "%": ("%", "phần trăm"),
    "visits": ("lượt", "lượt khách", "lượt người", "visits"),
    "dwellings": ("căn", "căn hộ", "dwellings"),
    "passengers": ("hk", "hành khách", "lượt hk", "lượt hành khách", "passengers"),
    "passenger-km": ("hk.km", "hành khách.km", "lượt hk.km", "passenger-km"),
    "t-km": ("tấn.km", "tấn km", "t-km"),
    "persons": ("người", "persons"),
    "l": ("lít", "l"),
}
_SAME = {"thousand kWh": "MWh", "mn kWh": "thousand MWh", "thousand MWh": "thousand MWh", "thousand kg": "t"}
_BARE_SCALES = {"tỷ": "bn VND", "tỉ": "bn VND", "triệu": "mn VND", "gwh": "thousand MWh", "gw": "thousand MW"}
"""What an office leaves out: `tỷ` alone is money."""


def _words() -> dict[str, str]:
    words = dict(_BARE_SCALES)
    for unit, names in _PLAIN.items():
        words |= dict.fromkeys(names, unit)
        for scale, prefixes in _SCALES.items():
            scaled = f"{scale} {unit}"
            for prefix in prefixes:
                words |= {f"{prefix}{gap}{name}": _SAME.get(scaled, scaled) for name in names for gap in (" ", "")}
    return words


_UNITS = _words()
_KNOWN = frozenset(_UNITS.values())

_UNIT_IN_TEXT = re.compile(
    r"(?P<bare>.*?)\s*(?:[(\[]\s*(?P<in_brackets>[^()\[\]]*?)\s*[)\]]|[,;:–-]\s*(?P<after>[^,;:()\[\]]+))\s*"
)
_WORDS_OF_A_UNIT = 2
"""`tỷ đồng`: of one word alone, `đồng` or `ha`, nobody knows whether it is a unit."""
_LEAD = re.compile(r"(?:đơn vị(?: tính)?|đvt|đv|unit)\s*[:.]?\s*")
_BRACKETS = re.compile(r"[(\[]?\s*(?P<unit>.*?)\s*[)\]]?")


def unit_of_words(words: str) -> str | None:
    """The unit that some words name, as the field dictionary writes it (`bn VND`); None where they name none."""
    plain_words = _LEAD.sub("", " ".join(words.casefold().split()), count=1)
    return _UNITS.get(plain_words)


def without_unit(text: str) -> tuple[str, str | None]:
    """A text in lower case without the unit that it ends with, and that unit.

    It stands in brackets, after a comma or a dash, or is of two words.
    """
    match = _UNIT_IN_TEXT.fullmatch(text)
    unit = unit_of_words(match["in_brackets"] or match["after"] or "") if match else None
    if match and unit is not None:
        return match["bare"].strip(), unit
    words = text.split(" ")
    if len(words) > _WORDS_OF_A_UNIT and (unit := unit_of_words(" ".join(words[-_WORDS_OF_A_UNIT:]))) is not None:
        return " ".join(words[:-_WORDS_OF_A_UNIT]), unit
    return text, None


def unit_in_brackets(text: str) -> tuple[str | None, bool]:
    """The unit that a cell holds and nothing else, and whether it stands in brackets as words do, and no number."""
    bare = " ".join(text.casefold().split())
    match = _BRACKETS.fullmatch(bare)
    assert match is not None
    is_word = re.search(r"[^\W\d_]|%", bare) is not None
    return unit_of_words(match["unit"]), is_word and bare[:1] in "([" and bare[-1:] in ")]"


def units_in(text: str) -> list[str]:
    """All units that a cell names and nothing else (`Nghìn tấn; Triệu USD`); none where a part of it is no unit."""
    match = _BRACKETS.fullmatch(_LEAD.sub("", " ".join(text.casefold().split()), count=1))
    assert match is not None
    parts = [unit_of_words(part) for part in re.split(r"\s*(?:[;,/+]|\bvà\b)\s*", match["unit"]) if part]
    return [unit for unit in parts if unit is not None] if None not in parts else []


def is_scaled(text: str) -> bool:
    """Whether words begin as a unit of many does: `nghìn HK`, `1.000 con`."""
    return _SCALED.match(text.casefold().strip()) is not None


_SCALE_WORDS = "|".join(re.escape(word) for words in _SCALES.values() for word in words)
_SCALED = re.compile(rf"(?:{_SCALE_WORDS})(?:(?<=\d)|(?!\w))\s*\w")


def units_agree(stated: str, of_field: str) -> bool:
    """Whether a unit that a file states is that of a field; a field without a unit of its own takes any."""
    if of_field.startswith(("as in", "see ", "index")):
        return not of_field.startswith("index") or stated == "%"
    wanted = next((unit for unit in sorted(_KNOWN, key=len, reverse=True) if _begins_with(of_field, unit)), of_field)
    return stated == ("%" if wanted == "percent" else wanted)


def _begins_with(of_field: str, unit: str) -> bool:
    return of_field == unit or of_field.startswith(f"{unit} at ")
