"""Vietnamese in the letters of old fonts: TCVN3 and VNI are recognised by column, converted and reported.

Before Unicode a font of its own showed `¸` as á (TCVN3, fonts such as .VnTime) or `aù` as á (VNI). Files made then,
or copied from then, hold those characters to this day. Texts with a letter that is Vietnamese in Unicode alone, and
headers of the contract, are left as they are; the others of a column are read so where all their special characters
have a meaning in the old letters and some of them, there or elsewhere in the sheet, have none in Unicode.

Mojibake is UTF-8 that a program took for Windows-1252 (`ThÃ¡ng`), or letters that were lost (`Th�ng`): it is named, and
not mended.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

import pyarrow as pa
import pyarrow.compute as pc

from assets.layout.columns import cell_column, filled
from assets.layout.delivery import Delivery
from assets.layout.headers import plain

_TCVN3 = dict(
    zip(
        "¡¢£¤¥¦§¨©ª«¬\xad®µ¶·¸¹»¼½¾ÆÇÈÉÊËÌÎÏÐÑÒÓÔÕÖ×ØÜÝÞßáâãäåæçèéêëìíîïñòóôõö÷øùúûüýþ",
        "ĂÂÊÔƠƯĐăâêôơưđàảãáạằẳẵắặầẩẫấậèẻẽéẹềểễếệìỉĩíịòỏõóọồổỗốộờởỡớợùủũúụừửữứựỳỷỹýỵ",
        strict=True,
    )
)
"""TCVN 5712:1993, the third code page: what its bytes are in Latin-1, and the letters that they stand for."""
_ONLY_TCVN3 = re.compile("[A-Za-z][¡-¾]|[¡-¾][A-Za-z]|[a-z][Æ-Þ]")
"""Signs beside letters, and capitals amid a word: no text in Unicode has them."""

_GRAVE, _ACUTE, _HOOK, _TILDE, _DOT = "\u0300", "\u0301", "\u0309", "\u0303", "\u0323"
_CIRCUMFLEX, _BREVE, _HORN = "\u0302", "\u0306", "\u031b"
_VNI_MARKS = {
    "ø": _GRAVE, "ù": _ACUTE, "û": _HOOK, "õ": _TILDE, "ï": _DOT,
    "â": _CIRCUMFLEX, "à": _CIRCUMFLEX + _GRAVE, "á": _CIRCUMFLEX + _ACUTE, "å": _CIRCUMFLEX + _HOOK,
    "ã": _CIRCUMFLEX + _TILDE, "ä": _CIRCUMFLEX + _DOT,
    "ê": _BREVE, "è": _BREVE + _GRAVE, "é": _BREVE + _ACUTE, "ú": _BREVE + _HOOK, "ü": _BREVE + _TILDE,
    "ë": _BREVE + _DOT,
}  # fmt: skip
"""The marks of VNI, written behind their vowel."""
_VNI_LETTERS = {
    "ñ": "đ", "í": "í", "ì": "ì", "æ": "ỉ", "ó": "ĩ", "ò": "ị", "ô": "ơ", "ö": "ư", "î": "ỵ",
}  # fmt: skip
"""Letters of VNI that stand alone; ơ and ư take the marks behind them."""
_VNI_SYLLABLE = re.compile("([aeiouyAEIOUYôöÔÖ])([" + "".join(_VNI_MARKS) + "".join(_VNI_MARKS).upper() + "])")
_ONLY_VNI = re.compile("[aeouyAEOUYôöÔÖ][øùûïåäëüØÙÛÏÅÄËÜ]|ñ[aeiouôö]|Ñ[AEIOUÔÖ]")

_UNICODE_ALONE = re.compile("[\u0102-\u01b0\u1ea0-\u1ef9]")
_SPECIAL = re.compile("[^\x00-\x7f\u00a0²³°±\u2000-\u2bff]")
"""Letters and what may stand for one; not the punctuation (…, –) and signs that mean the same in all of them."""
_MOJIBAKE = re.compile("\ufffd|Ã[\u0080-\u00bf¡-¿]|á[º»][\u0080-¿\u2018-\u203a\u0160-\u0192]|Ä‘|Æ°|Æ¡|â€")


def in_unicode(delivery: Delivery, sheet: str | None, raw: pa.Table) -> pa.Table:
    """A sheet's raw rows with the columns of old letters read, each with a finding; mojibake is found as well."""
    texts = pc.list_flatten(raw.column("cells"))
    if pc.all(pc.string_is_ascii(texts), skip_nulls=True).as_py() is not False:
        return raw
    columns = _special_texts(raw)
    headers = {plain(header) for rule in delivery.contract.fields for header in rule.headers}
    unclear = {
        at: [text for text in texts if not _UNICODE_ALONE.search(text) and plain(text) not in headers]
        for at, texts in columns.items()
        if not _is_mojibake(delivery, sheet, at, texts)
    }
    letters = {at: old for at, texts in unclear.items() if (old := _letters_of(texts))}
    is_mixed = any(_UNICODE_ALONE.search(text) for texts in columns.values() for text in texts)
    for at, texts in unclear.items():
        if at not in letters and texts and (old := _letters_beside(texts, set(letters.values()), is_mixed=is_mixed)):
            letters[at] = old
    changes: dict[int, dict[str, str]] = {}
    for at, old in sorted(letters.items()):
        read = _READERS[old]
        changes[at] = {text: read(text) for text in unclear[at]}
        shown = unclear[at][0]
        delivery.found(
            "text_is_unicode",
            "info",
            f"column {at + 1} is written in {old} letters ('{shown}'); it was read as '{read(shown)}'",
            "Nothing to do if it was read rightly; a Unicode font (Times New Roman) spares this.",
            sheet=sheet,
            value=f"{shown} → {read(shown)}",
        )
    return _changed(raw, changes) if changes else raw


def _special_texts(raw: pa.Table) -> dict[int, list[str]]:
    """The texts of each column that hold more than ASCII, each once."""
    width = pc.max(pc.list_value_length(raw.column("cells"))).as_py() or 0
    found = {}
    for position in range(width):
        column = cell_column(raw.column("cells"), position)
        texts = pc.unique(column.filter(pc.and_(filled(column), pc.invert(pc.string_is_ascii(column))))).to_pylist()
        found[position] = [text for text in texts if _SPECIAL.search(text)]
    return found


def _letters_of(texts: Iterable[str]) -> str | None:
    """The old letters that all special characters of some texts are of; None for Unicode, and where it is not clear."""
    joined = "\n".join(texts)
    special = set(_SPECIAL.findall(joined))
    if len(special) < 2:
        return None
    if special <= _TCVN3.keys() and _ONLY_TCVN3.search(joined):
        return "TCVN3"
    return "VNI" if _ONLY_VNI.search(joined) and _may_be_vni(joined) else None


def _letters_beside(texts: Iterable[str], known: set[str], *, is_mixed: bool) -> str | None:
    """The old letters of a column that does not show them by itself, in a sheet where others do.

    Where nothing in the sheet is Unicode, all of it is of those letters; otherwise there must be a sign of them.
    """
    joined = "\n".join(texts)
    special = set(_SPECIAL.findall(joined))
    if known == {"TCVN3"} and special <= _TCVN3.keys() and (not is_mixed or _ONLY_TCVN3.search(joined)):
        return "TCVN3"
    if known == {"VNI"} and _may_be_vni(joined) and (not is_mixed or _ONLY_VNI.search(joined)):
        return "VNI"
    return None


def _may_be_vni(text: str) -> bool:
    return not _SPECIAL.search(_VNI_SYLLABLE.sub("", _without_letters_of_vni(text)))


def _without_letters_of_vni(text: str) -> str:
    """A text without the letters of VNI that stand alone, and without the marks behind two of them."""
    text = re.sub("[ôöÔÖ][øùûõïØÙÛÕÏ]?", "", text)
    return re.sub("[ñíìæóòîÑÍÌÆÓÒÎ]", "", text)


def _from_tcvn3(text: str) -> str:
    return "".join(_TCVN3.get(letter, letter) for letter in text)


def _from_vni(text: str) -> str:
    def syllable(match: re.Match[str]) -> str:
        vowel, mark = match.groups()
        letter = _VNI_LETTERS.get(vowel.lower(), vowel.lower())
        composed = unicodedata.normalize("NFC", letter + _VNI_MARKS[mark.lower()])
        return composed.upper() if vowel.isupper() else composed

    parts: list[str] = []
    at = 0
    for match in _VNI_SYLLABLE.finditer(text):
        parts += [_alone(text[at : match.start()]), syllable(match)]
        at = match.end()
    return "".join([*parts, _alone(text[at:])])


def _alone(text: str) -> str:
    return "".join(
        _VNI_LETTERS.get(letter) or (_VNI_LETTERS.get(letter.lower(), letter.lower()).upper())
        if letter.lower() in _VNI_LETTERS
        else letter
        for letter in text
    )


def _is_mojibake(delivery: Delivery, sheet: str | None, position: int, texts: Iterable[str]) -> bool:
    """Whether a column holds letters that a program spoilt; then a finding says so."""
    broken = next((text for text in texts if _MOJIBAKE.search(text)), None)
    if broken is None:
        return False
    try:
        meant = f", which was '{broken.encode('cp1252').decode('utf-8')}'"
    except UnicodeError:
        meant = ""
    delivery.found(
        "text_is_unicode",
        "warning",
        f"column {position + 1} holds letters that a program spoilt ('{broken}'{meant}): UTF-8 was opened as another "
        "encoding and saved",
        "Take the file from the program that made it, or open it anew as UTF-8, and send that.",
        sheet=sheet,
        value=broken,
    )
    return True


_READERS = {"TCVN3": _from_tcvn3, "VNI": _from_vni}


def _changed(raw: pa.Table, changes: dict[int, dict[str, str]]) -> pa.Table:
    rows = [
        [changes[at].get(text, text) if text and at in changes else text for at, text in enumerate(cells)]
        for cells in raw.column("cells").to_pylist()
    ]
    column = pa.array(rows, raw.schema.field("cells").type)
    return raw.set_column(raw.column_names.index("cells"), raw.schema.field("cells"), column)
