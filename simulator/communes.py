"""Communes of the simulated districts: the real ones of Sóc Trăng with their change of 2024, elsewhere invented."""

from __future__ import annotations

import datetime as dt

from simulator.areas import Area

_HOME_COMMUNES = {
    "941": ("31498 31501 31504 31507 31510 31513 31516 31519 31522 31525", ""),
    "942": ("31569", "31570 31573 31576 31582 31585 31594 31600"),
    "943": ("31528 31531", "31534 31537 31540 31543 31546 31549 31552 31555 31558 31561 31564"),
    "944": ("31567", "31579 31588 31591 31597 31603 31606 31609 31612"),
    "945": ("31615", "31618 31621 31624 31627 31630 31633 31636"),
    "946": ("31639 31645", "31642 31648 31651 31654 31657 31660 31663 31666 31669"),
    "947": ("31684", "31690 31693 31708 31711 31714 31717 31720 31723 31726 31729"),
    "948": ("31732 31735 31747", "31738 31741 31744 31750 31753"),
    "949": ("31756 31757", "31759 31762 31765 31768 31771 31774 31777 31780"),
    "950": ("31783 31789 31801 31804", "31786 31792 31795 31798 31807 31810"),
    "951": ("31673 31679", "31672 31675 31678 31681 31687 31696 31699 31702 31705"),
}
"""Wards and townships, and communes, of each district of Sóc Trăng (codes of the General Statistics Office)."""

ENDED_WARD, TAKEN_INTO, CHANGED_ON = "31513", "31522", dt.date(2024, 9, 1)
"""Ward 1 of the city ended and became a part of ward 9, which took its name (resolution 1105/NQ-UBTVQH15)."""

_URBAN_ELSEWHERE = 3


def communes_of(area: Area, district: str) -> tuple[list[str], list[str]]:
    """Wards and townships, and communes, of a district."""
    if area.is_home:
        urban, rural = _HOME_COMMUNES[district]
        return urban.split(), rural.split()
    # The real codes of Sóc Trăng, 31498 to 31810, leave no remainder by three but for a few above 31670.
    invented = [f"{district}{i:02d}" for i in range(31) if int(f"{district}{i:02d}") % 3 == 1]
    return invented[:_URBAN_ELSEWHERE], invented[_URBAN_ELSEWHERE:]


def code_on(commune: str, day: dt.date) -> str:
    """The code that the place of a commune had on a day."""
    return TAKEN_INTO if commune == ENDED_WARD and day >= CHANGED_ON else commune
