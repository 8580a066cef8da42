"""SDMX-ML as national and international offices give it: versions and kinds, and what cannot be read."""

from __future__ import annotations

from typing import Any

import pytest

from tests.office_made_files import SDMX, cells_of, read_files, sdmx

BODY = (
    '<Group UNIT="bn" REF_AREA="VN"/><Series REF_AREA="VN" INDICATOR="G"><Obs TIME_PERIOD="2023" OBS_VALUE="1.50"/>'
    '<Obs TIME_PERIOD="2024" OBS_VALUE="1.5E-3" OBS_STATUS="P"/></Series>'
    '<Series REF_AREA="TH" INDICATOR="G"><Obs TIME_PERIOD="2024" OBS_VALUE="NaN"/></Series>'
)
ROWS = [
    ["INDICATOR", "OBS_STATUS", "REF_AREA", "TIME_PERIOD", "UNIT", "OBS_VALUE"],
    ["G", None, "VN", "2023", "bn", "1.50"],
    ["G", "P", "VN", "2024", "bn", "0.0015"],
    ["G", None, "TH", "2024", None, "NaN"],
]
MESSAGE = "http://www.sdmx.org/resources/sdmxml/schemas/v2_1"
HEAD = (
    f'<message:GenericData xmlns:message="{MESSAGE}/message" xmlns:generic="{MESSAGE}/data/generic">'
    '<message:Header><message:ID>1</message:ID><message:Structure structureID="S" '
    'dimensionAtObservation="TIME_PERIOD"/></message:Header><message:DataSet structureRef="S">'
)
TAIL = "</message:DataSet></message:GenericData>"


def values(**said: str) -> str:
    return "".join(f'<generic:Value id="{name}" value="{value}"/>' for name, value in said.items())


def observation(period: str, value: str, **attributes: str) -> str:
    rest = f"<generic:Attributes>{values(**attributes)}</generic:Attributes>" if attributes else ""
    return (
        f'<generic:Obs><generic:ObsDimension value="{period}"/><generic:ObsValue value="{value}"/>{rest}</generic:Obs>'
    )


def series(area: str, *observations: str) -> str:
    key = f"<generic:SeriesKey>{values(REF_AREA=area, INDICATOR='G')}</generic:SeriesKey>"
    return f"<generic:Series>{key}{''.join(observations)}</generic:Series>"


GROUP = (
    f'<generic:Group type="G"><generic:GroupKey>{values(REF_AREA="VN")}</generic:GroupKey>'
    f"<generic:Attributes>{values(UNIT='bn')}</generic:Attributes></generic:Group>"
)
GENERIC = (
    HEAD
    + GROUP
    + series("VN", observation("2023", "1.50"), observation("2024", "1.5E-3", OBS_STATUS="P"))
    + series("TH", observation("2024", "NaN"))
    + TAIL
)
FLAT = (
    HEAD
    + "".join(
        f'<generic:Obs><generic:ObsKey>{values(T=str(t))}</generic:ObsKey><generic:ObsValue value="{t}"/></generic:Obs>'
        for t in (1, 2)
    )
    + TAIL
)
OF_3_0 = sdmx(BODY).replace(b"v2_1", b"v3_0")


def read(tmp_path: Any, content: bytes | str) -> Any:
    return read_files(tmp_path, {"a.xml": (content if isinstance(content, bytes) else content.encode(), SDMX)})["a.xml"]


@pytest.mark.parametrize("content", [sdmx(BODY), OF_3_0, GENERIC], ids=["2.1 specific", "3.0 specific", "2.1 generic"])
def test_the_same_data_give_the_same_rows_whatever_the_message(tmp_path: Any, content: bytes | str) -> None:
    reading = read(tmp_path, content)
    assert cells_of(reading) == ROWS
    assert (reading.physical_rows, reading.parsed_rows) == (3, 3)


def test_generic_observations_without_series_are_read(tmp_path: Any) -> None:
    assert cells_of(read(tmp_path, FLAT)) == [["T", "OBS_VALUE"], ["1", "1"], ["2", "2"]]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (GENERIC.replace("GenericData", "Structure"), ("without data", "Download the data")),
        (f'<m:Error xmlns:m="{MESSAGE}/message"/>', ("could not give", "fewer series")),
        (GENERIC.replace("v2_1", "v2_0"), ("SDMX 2.0", "choose", "SDMX-CSV")),
        ("<CompactData/>", ("SDMX 2.0", "choose")),
        ('{"data": {}}', ("JSON", "choose")),
        ("<html><body/></html>", ("'html'", "choose", "structure-specific")),
        (
            GENERIC.replace('"bn"', '"bn"/><generic:Value id="REF_AREA" value="TH"'),
            ("REF_AREA", "two places"),
        ),
        (GENERIC[:-40], ("truncated",)),
        (HEAD + TAIL, ("no observations",)),
        (
            OF_3_0.replace(
                b'OBS_VALUE="1.50"/>',
                b'OBS_VALUE="1.50"><Comp id="TITLE"><Value>a</Value><Value>b</Value></Comp></Obs>',
            ),
            ("TITLE", "several values"),
        ),
    ],
)
def test_sdmx_that_cannot_be_read_says_what_whoever_downloaded_it_can_do(
    tmp_path: Any, content: bytes | str, words: tuple[str, ...]
) -> None:
    refusal = read(tmp_path, content).refusal
    assert refusal is not None
    for word in words:
        assert word in refusal
