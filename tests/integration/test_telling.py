"""What people are told, by a real mail server and a real receiver of webhooks: each agency its own lines."""

from __future__ import annotations

import datetime as dt
import email
import http.server
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.policy import default
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Message

from dbt_like_sql.project import load_project
from pipeline.notifications import alert, notify_of_night
from resources.home import HomeError
from resources.operator import settings_of
from tests.house import AS_OF, House
from tests.ports import free_port

PASSWORD = "s3cret-of-the-mail-server"
TODAY = dt.date(2025, 2, 10)


@dataclass
class Mailbox(Message):
    """A mail server that keeps what arrives."""

    received: list[email.message.EmailMessage] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(email.message.EmailMessage)

    def prepare_message(self, session: object, envelope: object) -> email.message.Message:
        return email.message_from_bytes(envelope.content, policy=default)  # type: ignore[attr-defined]

    def handle_message(self, message: email.message.Message) -> None:
        assert isinstance(message, email.message.EmailMessage)
        self.received.append(message)

    @property
    def texts(self) -> list[str]:
        parts = [message.get_body(("plain",)) for message in self.received]
        return [part.get_content() for part in parts if part is not None]


@pytest.fixture
def mailbox(monkeypatch: pytest.MonkeyPatch) -> Iterator[Mailbox]:
    box, port = Mailbox(), free_port()
    server = Controller(box, hostname="127.0.0.1", port=port)
    server.start()
    address = f"mailto://127.0.0.1:{port}/?from=growth@example.vn&mode=insecure&to="
    monkeypatch.setenv("TELL_LEADERS", f"{address}leaders@example.vn")
    monkeypatch.setenv("TELL_SVHTTDL", f"{address}svhttdl@example.vn")
    yield box
    server.stop()


@pytest.fixture
def webhook(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[dict[str, str]]]:
    heard: list[dict[str, str]] = []

    class WebhookHandler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            heard.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), WebhookHandler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("TELL_CHAT", f"json://growth:{PASSWORD}@127.0.0.1:{server.server_port}/")
    yield heard
    server.shutdown()


def filled_by(house: House, *channels: str) -> None:
    lines = "".join(f"    - {{{channel}}}\n" for channel in channels)
    (house.home.root / "settings.yml").write_text(f"tell:\n  channels:\n{lines}", encoding="utf-8")


def test_each_agency_gets_its_own_lines_once_a_day_and_a_file_holds_all(province_copy: House, mailbox: Mailbox) -> None:
    filled_by(province_copy, "address_from: TELL_LEADERS", "address_from: TELL_SVHTTDL, agency: SVHTTDL")
    for _ in range(2):
        assert notify_of_night(province_copy.home, TODAY) == []
    by_reader = {message["To"]: text for message, text in zip(mailbox.received, mailbox.texts, strict=True)}
    assert len(mailbox.received) == len(by_reader) == 2
    everything = next(text for to, text in by_reader.items() if "leaders" in to)
    own = next(text for to, text in by_reader.items() if "svhttdl" in to)
    said = (province_copy.home.root / "told" / f"{AS_OF}.vi.txt").read_text(encoding="utf-8")
    lines = [line for line in said.splitlines() if line.startswith("- ")]
    assert [line for line in everything.splitlines() if line.startswith("- ")] == lines
    own_lines = [line for line in own.splitlines() if line.startswith("- ")]
    assert own_lines
    assert set(own_lines) < set(lines)
    agencies = province_copy.mart("item_agencies")
    leads = {(row["directive"], row["item"]) for row in agencies if row["agency_code"] == "SVHTTDL"}
    cards = province_copy.mart("directive_scorecard")
    concerns = {row["title_vi"] for row in cards if (row["directive"], row["item"]) in leads} | {"Du lịch"}
    assert all(any(words in line for words in concerns) for line in own_lines)
    assert notify_of_night(province_copy.home, TODAY + dt.timedelta(days=1)) == []
    assert len(mailbox.received) == 4


def test_an_agencys_work_list_goes_with_its_own_message_and_with_no_other(
    province_copy: House, mailbox: Mailbox
) -> None:
    filled_by(province_copy, "address_from: TELL_LEADERS", "address_from: TELL_SVHTTDL, agency: CTK")
    assert notify_of_night(province_copy.home, TODAY) == []
    attached = {
        message["To"]: [one.get_filename() for one in message.iter_attachments()] for message in mailbox.received
    }
    assert {to.split("@")[0].strip("<"): names for to, names in attached.items()} == {
        "leaders": [], "svhttdl": ["construction_work_list.xlsx"],
    }  # fmt: skip


def test_a_late_supplier_is_named_with_the_day_and_who_waits(province_copy: House) -> None:
    late = [row for row in province_copy.mart("delivery_calendar") if row["status"] == "late" and row["items_waiting"]]
    notify_of_night(province_copy.home, TODAY)
    said = (province_copy.home.root / "told" / f"{AS_OF}.vi.txt").read_text(encoding="utf-8")
    assert late
    for row in late:
        period = load_project().phrases.period(row["period"], "vi")
        assert f"{period}, hạn {row['due_on']:%d/%m/%Y}, chậm {row['days_late']} ngày" in said


def test_nothing_to_say_is_not_said(opened_house: House, mailbox: Mailbox) -> None:
    """Before any directive nothing is due and nothing changes."""
    opened_house.quick_night(dt.date(2024, 8, 1), publish=True)
    filled_by(opened_house, "address_from: TELL_LEADERS")
    assert notify_of_night(opened_house.home, TODAY) == []
    assert mailbox.received == []
    assert not (opened_house.home.root / "told").exists()


def test_an_alert_goes_to_whoever_hears_everything_once_a_day(
    house: House, mailbox: Mailbox, webhook: list[dict[str, str]]
) -> None:
    house.home.root.mkdir(parents=True)
    filled_by(house, "address_from: TELL_CHAT", "address_from: TELL_SVHTTDL, agency: SVHTTDL")
    for _ in range(2):
        assert alert(house.home, "The last night is missing. FirstLook at the daemon.", TODAY) == []
    assert [one["message"] for one in webhook] == ["The last night is missing. FirstLook at the daemon."]
    assert mailbox.received == []
    log = (house.home.root / "told" / "alerts.log").read_text(encoding="utf-8")
    assert log.count("The last night is missing.") == 2


def test_a_failed_run_is_told_of_once_whoever_notices_it_and_whenever(
    house: House, webhook: list[dict[str, str]]
) -> None:
    house.home.root.mkdir(parents=True)
    filled_by(house, "address_from: TELL_CHAT")
    for day, sentence in enumerate(("The night failed. landing/grdp: no room.", "Run 7 of nightly failed at grdp.")):
        assert alert(house.home, sentence, TODAY + dt.timedelta(days=day), run_id="7") == []
    assert alert(house.home, "Run 8 of nightly failed at grdp.", TODAY, run_id="8") == []
    said = ["The night failed. landing/grdp: no room.", "Run 8 of nightly failed at grdp."]
    assert [one["message"] for one in webhook] == said
    log = (house.home.root / "told" / "alerts.log").read_text(encoding="utf-8").splitlines()
    assert [line.split(" ", 1)[1] for line in log] == said


def test_a_night_that_did_not_happen_alerts(house: House, webhook: list[dict[str, str]]) -> None:
    house.home.root.mkdir(parents=True)
    filled_by(house, "address_from: TELL_CHAT")
    answer = house.command("watch")
    assert answer.returncode == 1
    assert [one["message"] for one in webhook] == [answer.stderr.strip()]


def test_secrets_stand_nowhere(
    house: House, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """An address that cannot be reached is told by the name of its variable; one in the settings is refused unsaid."""
    house.home.root.mkdir(parents=True)
    monkeypatch.setenv("TELL_CHAT", f"json://growth:{PASSWORD}@127.0.0.1:{free_port()}/")
    filled_by(house, "address_from: TELL_CHAT", "address_from: TELL_NOBODY")
    troubles = alert(house.home, "The night failed.", TODAY)
    assert [one.split(" is ")[0].split(" did ")[0] for one in troubles] == ["The message to TELL_CHAT", "TELL_NOBODY"]
    filled_by(house, f"address_from: 'json://growth:{PASSWORD}@127.0.0.1/'")
    with pytest.raises(HomeError, match=r"tell\.channels\.1\.address_from must name an environment variable") as error:
        settings_of(house.home)
    (house.home.root / "settings.yml").unlink()
    written = "".join(path.read_text(encoding="utf-8") for path in files_of(house.home.root))
    assert PASSWORD not in "".join((*troubles, str(error.value), written, *capfd.readouterr()))


def files_of(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]
