"""The files from which the capture of construction is judged: survey, frame, permits, appraisals, tax declarations.

Every file stays open while the provinces go by, so that memory holds one province. The truth lies beside them:
which record speaks of which works, what was planted, what is built and what is known by district, quarter and stratum.
"""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from decimal import Decimal
from pathlib import Path

from simulator.areas import Area, draws
from simulator.capture_truth import TRUTH, Known, RowWriter, building_contract, write_truth
from simulator.communes import code_on
from simulator.delivery_folder import Folder
from simulator.office_files import Cell, OfficeSheet, dmy, vietnamese, write_csv, write_workbook
from simulator.permits import DEPARTMENT, Appraisal, Permit, appraisals_of, office_of, permits_of, spelled
from simulator.returns import Return, Survey, ended_on, is_past, selection_of
from simulator.works import QUARTERS, Options, Province, Quarter, bounds, by_unit, code_of, province_of, running

Row = Sequence[Cell]
Quarterly = tuple[str, dt.date, tuple[Quarter, ...]]
"""Period of a delivery, the day on which it is released, and its quarters."""

SURVEY: tuple[Quarterly, ...] = (
    ("2023", dt.date(2024, 1, 20), QUARTERS[:4]),
    ("2024-9M", dt.date(2024, 10, 20), QUARTERS[4:7]),
    ("2024-Q4", dt.date(2025, 1, 20), QUARTERS[7:]),
)
FRAME = (("2024-9M", dt.date(2024, 10, 1)), ("2024", dt.date(2025, 1, 5)))
PERMITS = (("2021..2023", dt.date(2024, 1, 15)), ("2024-9M", dt.date(2024, 10, 15)), ("2024-Q4", dt.date(2025, 1, 15)))
DEPARTMENT_PERMITS = ("2024-9M", dt.date(2024, 10, 14))
APPRAISALS = (("2021-Q4..2024-Q3", dt.date(2024, 10, 15)), ("2024-Q4", dt.date(2025, 1, 15)))
TAX: tuple[Quarterly, ...] = (
    ("2023-Q1..2024-Q3", dt.date(2024, 11, 9), QUARTERS[:7]),
    ("2024-Q4", dt.date(2025, 2, 9), QUARTERS[7:]),
)

ANSWERS = ("2025-01", dt.date(2025, 2, 5))
ANSWERED_ON = dt.date(2025, 1, 24)

_SURVEY_HEADER = (
    "Mã phiếu", "Quý", "Mã đơn vị mẫu", "Mã huyện", "Mã xã", "Tầng", "Cách chọn", "Xác suất chọn", "Quyền số",
    "Mã số thuế nhà thầu", "Mã số thuế chủ đầu tư", "Số giấy phép xây dựng", "Nguồn vốn", "Loại hình kinh tế nhà thầu",
    "Giá trị thực hiện trong quý (triệu đồng)", "Diện tích sàn (m2)", "Tình trạng trả lời",
)  # fmt: skip
_FRAME_HEADER = ("Mã đơn vị mẫu", "Có hiệu lực từ", "Tầng", "Cách chọn", "Mã số thuế", "Mã huyện", "Trạng thái")
_PERMIT_HEADER = (
    "Mã hồ sơ", "Số giấy phép xây dựng", "Loại công trình", "Loại chủ đầu tư", "Mã số thuế chủ đầu tư",
    "Mã số thuế nhà thầu", "Nguồn vốn", "Mã huyện", "Mã xã", "Ngày tiếp nhận", "Ngày hẹn trả", "Ngày trả kết quả",
    "Kết quả", "Ngày cấp phép", "Ngày khởi công", "Ngày hoàn thành", "Diện tích sàn (m2)",
    "Giá trị khai báo (triệu đồng)",
)  # fmt: skip
_PLOT_HEADER = ("Số thửa, tờ bản đồ",)
"""Written where works have plots."""
_APPRAISAL_HEADER = (
    "Số văn bản thẩm định", "Mã số thuế chủ đầu tư", "Mã xã", "Nguồn vốn", "Ngày thẩm định",
    "Chi phí xây dựng (triệu đồng)", "Ngày khởi công", "Ngày hoàn thành",
)  # fmt: skip
_TAX_HEADER = (
    "Mã tờ khai", "Mã số thuế người nộp thuế", "Mẫu tờ khai", "Kỳ tính thuế", "Mã xã nơi có công trình", "Số hợp đồng",
    "Số giấy phép xây dựng", "Doanh thu chưa có thuế GTGT (triệu đồng)",
)  # fmt: skip
_ANSWER_HEADER = ("Mã hồ sơ", "Kết quả rà soát", "Đã thống kê tại phiếu số", "Người trả lời", "Ngày trả lời")


def write_all(folder: Folder, areas: Sequence[Area], seed: int, options: Options) -> None:
    """Write the deliveries of the five feeds and their truth, area by area."""
    department: list[Row] = []
    answers: list[Row] = []
    with ExitStack() as files:
        plots = _PLOT_HEADER if options.typed_by_hand else ()
        out = _Files(folder, files, plots)
        for area in areas:
            _write_area(out, department, answers, province_of(area, seed, options), seed, options)
    sheet = OfficeSheet(
        name="Cấp phép xây dựng",
        titles=("SỞ XÂY DỰNG", "KẾT QUẢ CẤP GIẤY PHÉP XÂY DỰNG 9 THÁNG NĂM 2024"),
        headers=((*_PERMIT_HEADER, *plots),),
        numbering=tuple(str(i + 1) for i in range(len(_PERMIT_HEADER) + len(plots))),
        rows=department,
    )
    if answers:
        write_csv(folder.delivery("omission_answers", *ANSWERS, "csv"), _ANSWER_HEADER, answers)
    period, day = DEPARTMENT_PERMITS
    write_workbook(folder.delivery("building_permits", period, day, "xlsx"), sheet)


class _Files:
    """Open files: the deliveries, and the tables of the truth by name."""

    def __init__(self, folder: Folder, files: ExitStack, plots: tuple[str, ...]) -> None:
        self._folder, self._files = folder, files
        self.survey = self._by_quarter("construction_survey", SURVEY, (*_SURVEY_HEADER, *plots))
        self.tax = self._by_quarter("construction_tax", TAX, _TAX_HEADER)
        self.frame = [self._delivery("construction_frame", *at, _FRAME_HEADER) for at in FRAME]
        self.permits = [self._delivery("building_permits", *at, (*_PERMIT_HEADER, *plots)) for at in PERMITS]
        self.appraisals = [self._delivery("design_appraisals", *at, _APPRAISAL_HEADER) for at in APPRAISALS]
        self.truth = {name: self._open(folder.truth(name), header, "utf-8") for name, header in TRUTH.items()}

    def _by_quarter(
        self, feed: str, deliveries: Sequence[Quarterly], header: Sequence[str]
    ) -> dict[Quarter, RowWriter]:
        made = {}
        for period, day, quarters in deliveries:
            made.update(dict.fromkeys(quarters, self._delivery(feed, period, day, header)))
        return made

    def _delivery(self, feed: str, period: str, day: dt.date, header: Sequence[str]) -> RowWriter:
        # With a byte order mark, as spreadsheets save it.
        return self._open(self._folder.delivery(feed, period, day, "csv"), header, "utf-8-sig")

    def _open(self, path: Path, header: Sequence[str], encoding: str) -> RowWriter:
        file = self._files.enter_context(path.open("w", encoding=encoding, newline=""))
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        return writer


def _write_area(
    out: _Files, department: list[Row], answers: list[Row], province: Province, seed: int, options: Options
) -> None:
    permits = permits_of(province, seed, options)
    appraisals = appraisals_of(province, seed, options)
    survey = Survey(province, permits, seed, options)
    returns = {quarter: list(survey.returns(quarter)) for quarter in QUARTERS}
    for quarter, made in returns.items():
        for answer in made:
            out.survey[quarter].writerow((*_survey_cells(answer), *([answer.plot_no] * options.typed_by_hand)))
    _write_frame(out.frame, province)
    _write_permits(out.permits, department, permits, options)
    _write_appraisals(out.appraisals, appraisals)
    _write_tax(out.tax, province, permits, seed)
    if province.area.is_home:
        answers += _answers(permits)
    write_truth(out.truth, Known(province, permits, appraisals, survey, returns))


def _survey_cells(r: Return) -> Row:
    stratum = r.unit.stratum
    probability = (Decimal(1) / stratum.every).quantize(Decimal("0.0000000001")).normalize()
    return (
        r.return_id, code_of(r.quarter), r.unit.unit_id, r.district, r.commune, stratum.code, selection_of(r.unit),
        f"{probability:f}", stratum.every, r.contractor_tax_code, r.owner_tax_code, r.permit_no, r.funding, r.ownership,
        r.value_mn, r.floor_area_m2, r.response,
    )  # fmt: skip


def _write_frame(deliveries: Sequence[RowWriter], province: Province) -> None:
    works_of = by_unit(province.works)
    days = [day for _, day in FRAME]
    for unit in province.units:
        if not unit.is_in_frame or is_past(unit, works_of.get(unit.unit_id, ())):
            continue
        ended = ended_on(unit, works_of.get(unit.unit_id, ()))
        entries = [(unit.valid_from, "active")]
        entries += [(ended + dt.timedelta(days=1), "ceased")] if ended else []
        for valid_from, status in entries:
            # An entry comes with the first delivery after the day from which it holds.
            for day, writer in zip(days, deliveries, strict=True):
                if valid_from <= day:
                    cells = (unit.unit_id, valid_from, unit.stratum.code, selection_of(unit))
                    writer.writerow((*cells, unit.tax_code, unit.district, status))
                    break


def _write_permits(
    deliveries: Sequence[RowWriter], department: list[Row], permits: Sequence[Permit], options: Options
) -> None:
    for permit in permits:
        is_departments = office_of(permit) == DEPARTMENT and permit.received_on.year == DEPARTMENT_PERMITS[1].year
        before = dt.date.min
        for (_, day), writer in zip(PERMITS, deliveries, strict=True):
            by_department = is_departments and day.year == DEPARTMENT_PERMITS[1].year and day > PERMITS[0][1]
            known_on = DEPARTMENT_PERMITS[1] if by_department else day
            is_new = before < permit.received_on <= known_on
            is_changed = permit.answered_on is not None and before < permit.answered_on <= known_on
            if is_new or (is_changed and permit.received_on <= known_on):
                plot = permit.works.plot_no if permit.works else None
                cells = (*_permit_cells(permit, known_on), *([plot] * options.typed_by_hand))
                if by_department:
                    department.append([vietnamese(c) if isinstance(c, int) else c for c in cells])
                else:
                    writer.writerow(cells)
            before = known_on


def _answers(permits: Sequence[Permit]) -> list[Row]:
    """What districts answered about permits of enterprises, by the truth: that works were not begun, or were added.

    They answered about some of those that nobody began and that their contractor left out. Who answered is left blank:
    nobody is invented.
    """
    of_firms = [p for p in permits if p.outcome == "granted" and not p.stratum.is_households]
    not_begun = [(p, "not_begun") for p in of_firms if p.is_never_started][::2]
    added = [(p, "added") for p in of_firms if p.works and p.works.is_missed and p.works.is_outside_budget][::4]
    return [(f"permit:{p.application_no}", answer, None, None, ANSWERED_ON) for p, answer in (*not_begun, *added)]


def _permit_cells(p: Permit, day: dt.date) -> Row:
    """An application as its office knew it on a day."""
    is_answered = p.answered_on is not None and p.answered_on <= day
    is_granted = is_answered and p.outcome == "granted"
    answered = p.answered_on if is_answered else None
    return (
        p.application_no, p.permit_no if is_granted else None, p.kind, p.owner_type, p.owner_tax_code,
        p.contractor_tax_code, p.funding, p.district, p.commune, dmy(p.received_on), dmy(p.due_on), _day(answered),
        p.outcome if is_answered else "pending", _day(answered if is_granted else None),
        _day(p.start_on if is_granted else None), _day(p.end_on if is_granted else None), p.floor_area_m2, p.value_mn,
    )  # fmt: skip


def _day(day: dt.date | None) -> str | None:
    return dmy(day) if day else None


def _write_appraisals(deliveries: Sequence[RowWriter], appraisals: Sequence[Appraisal]) -> None:
    for a in appraisals:
        for (_, day), writer in zip(APPRAISALS, deliveries, strict=True):
            if a.decided_on <= day:
                commune = code_on(a.works.commune, a.decided_on)
                cells = (a.appraisal_no, a.works.owner_tax_code, commune, a.works.funding, a.decided_on)
                writer.writerow((*cells, a.works.value_mn, a.start_on, a.end_on))
                break


def _write_tax(
    deliveries: Mapping[Quarter, RowWriter], province: Province, permits: Sequence[Permit], seed: int
) -> None:
    elsewhere = {unit.tax_code for unit in province.units if unit.is_from_elsewhere}
    permit_of = {p.works.work_id: p for p in permits if p.works is not None}
    for quarter in QUARTERS:
        for w in running(province.works, quarter):
            if w.contractor_tax_code is None:
                continue
            draw = draws(seed, "declaration", w.work_id)
            way, names_permit = draw.randrange(9), draw.randrange(10) < 4
            permit = permit_of.get(w.work_id)
            number = spelled(permit.number, way) if permit and permit.number and names_permit else None
            # What is invoiced differs a little from what is built.
            paid = w.value_in(quarter) * (1000 + draws(seed, "invoice", w.work_id, *quarter).randint(-30, 30)) // 1000
            is_guest = w.contractor_tax_code in elsewhere
            commune = code_on(w.commune, bounds(quarter)[1]) if is_guest else None
            deliveries[quarter].writerow(
                (
                    f"TK-{building_contract(w)}-{quarter[0] % 100}{quarter[1]}", w.contractor_tax_code,
                    "05/GTGT" if is_guest else "01/GTGT", code_of(quarter), commune, building_contract(w), number, paid,
                )
            )  # fmt: skip
