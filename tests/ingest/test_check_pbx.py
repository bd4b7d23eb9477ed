"""check-pbx tells what is missing, and what it could not find out."""

from __future__ import annotations

from pathlib import Path

import pytest

from data.errors import PbxLoginRefused
from data.settings import Pbx, PbxDatabase, PbxOriginate, PbxQueues, PbxRecords
from ingest.sources.check_findings import Mark
from ingest.sources.check_pbx import Report, check
from ingest.sources.check_records import check_records
from ingest.sources.check_rest import check_rest
from tests.ingest.manager import Manager, server
from tests.ingest.mariadb import FreePbx
from tests.ingest.replay import capture, replaying
from tests.ingest.rest_pbx import RestPbx, rest_pbx
from tests.ingest.test_import_cdr import MOSCOW


class Asterisk(Manager):
    """A PBX with the given rights for our user."""

    def __init__(
        self,
        *,
        events: str = "",
        refused: tuple[str, ...] = (),
        rights: str = "",
        booted: bool = True,
        cdr: str = "Yes",
    ) -> None:
        super().__init__(booted=booted)
        self._events = events
        self._refused = (*refused, *(() if rights else ("Command",)))
        self._rights = rights
        self._cdr = cdr

    def answer(self, action: dict[str, str]) -> str:
        name = action["Action"]
        if name in self._refused:
            return f"Response: Error\nActionID: {action['ActionID']}\nMessage: Permission denied\n\n"
        more = {
            "CoreSettings": f"AMIversion: 9.0.0\nAsteriskVersion: 20.5.0\nCoreCDRenabled: {self._cdr}\n",
            "CoreStatus": "CoreStartupDate: 2026-11-22\nCoreStartupTime: 09:00:00\n",
            "Command": "".join(f"Output: {line}\n" for line in self._rights.split("|")),
        }.get(name, "")
        text = super().answer(action)
        return text.replace("\n\n", f"\n{more}\n", 1) + (self._events if name == "QueueStatus" else "")


def seen(report: Report) -> dict[str, Mark]:
    return {finding.subject: finding.mark for finding in report.findings}


def event(classes: str, stamp: str = "Timestamp: 1795371842.5\n") -> str:
    return f"Event: Something\nPrivilege: {classes},all\n{stamp}\n"


RECORD = "Event: Cdr\nPrivilege: cdr,all\nTimestamp: 1795371842.5\nLinkedID: 1.1\nDID: \nRecordingFile: \n\n"
EVERYTHING = "".join(event(name) for name in ("system", "call", "agent", "user", "dialplan")) + RECORD


def test_a_pbx_that_is_set_up_well_can_be_used() -> None:
    with server(Asterisk(events=EVERYTHING)) as pbx:
        report = check(pbx)

    assert report.usable
    unknown = [subject for subject, mark in seen(report).items() if mark is not Mark.GOOD]
    assert unknown == ["writetimeout"]
    assert "Asterisk 20.5.0" in report.text()
    assert "2026-11-22 09:00:00" in report.text()


def test_a_quiet_pbx_leaves_rights_unknown_instead_of_guessing() -> None:
    with server(Asterisk()) as pbx:
        report = check(pbx, listen_s=0.05)

    assert report.usable
    assert seen(report)["read system"] is Mark.GOOD
    assert seen(report)["read dialplan"] is Mark.UNKNOWN
    assert seen(report)["timestampevents"] is Mark.UNKNOWN


def test_without_reporting_stock_cannot_be_taken() -> None:
    with server(Asterisk(events=EVERYTHING, refused=("CoreShowChannels", "CoreStatus"))) as pbx:
        report = check(pbx)

    assert not report.usable
    assert seen(report)["write reporting"] is Mark.MISSING
    assert "CoreStatus, CoreShowChannels refused" in report.text()


def test_a_pbx_without_queues_can_be_used() -> None:
    class Small(Asterisk):
        def answer(self, action: dict[str, str]) -> str:
            if action["Action"] == "QueueStatus":
                return f"Response: Error\nActionID: {action['ActionID']}\nMessage: Invalid/unknown command\n\n"
            return super().answer(action)

    with server(Small()) as pbx:
        report = check(pbx, listen_s=0.05)

    assert report.usable
    assert seen(report)["write reporting"] is Mark.GOOD


def test_rights_that_the_console_tells_are_believed() -> None:
    with server(Asterisk(rights="  read perm: system,agent|  write perm: command,reporting")) as pbx:
        report = check(pbx, listen_s=0.05)

    assert not report.usable
    assert seen(report)["read call"] is Mark.MISSING
    assert seen(report)["read agent"] is Mark.GOOD
    assert "there are no calls at all" in report.text()


@pytest.mark.parametrize(
    ("rights", "mark"),
    [
        ("write perm: reporting,originate", Mark.GOOD),
        ("write perm: reporting", Mark.MISSING),
        ("", Mark.UNKNOWN),
    ],
)
def test_where_users_start_calls_the_right_to_is_looked_for(rights: str, mark: Mark) -> None:
    with server(Asterisk(rights=rights)) as pbx:
        starting = check(pbx.model_copy(update={"originate": PbxOriginate(enabled=True)}), listen_s=0.1)
        reading = check(pbx, listen_s=0.1)

    assert seen(starting)["write originate"] is mark
    assert "write = reporting,originate" in starting.configuration()
    assert "write originate" not in seen(reading)
    assert "originate" not in reading.configuration()


@pytest.mark.parametrize(
    ("rights", "mark"),
    [
        ("write perm: reporting,agent", Mark.GOOD),
        ("write perm: reporting", Mark.MISSING),
        ("", Mark.UNKNOWN),
    ],
)
def test_where_users_change_queues_the_right_to_is_looked_for(rights: str, mark: Mark) -> None:
    with server(Asterisk(rights=rights)) as pbx:
        changing = check(pbx.model_copy(update={"queues": PbxQueues(enabled=True)}), listen_s=0.1)
        reading = check(pbx, listen_s=0.1)

    assert seen(changing)["write agent"] is mark
    assert "write = reporting,agent" in changing.configuration()
    assert "write agent" not in seen(reading)


def test_events_without_their_time_are_reported() -> None:
    with server(Asterisk(events=event("call", stamp=""))) as pbx:
        report = check(pbx, listen_s=0.5)

    assert seen(report)["timestampevents"] is Mark.MISSING
    assert seen(report)["read call"] is Mark.GOOD


def test_a_user_without_the_class_system_hears_no_greeting() -> None:
    with server(Asterisk(booted=False)) as pbx:
        report = check(pbx, listen_s=0.05)

    assert seen(report)["read system"] is Mark.MISSING
    assert report.usable


def test_call_records_that_are_off_are_reported() -> None:
    with server(Asterisk(cdr="No")) as pbx:
        report = check(pbx, listen_s=0.05)

    assert seen(report)["call records"] is Mark.MISSING


def test_the_lines_for_manager_conf_name_our_user_and_address_but_not_the_secret() -> None:
    with server(Asterisk()) as pbx:
        text = check(pbx, listen_s=0.05).text()

    for line in (
        "[callboard]",
        "permit = 127.0.0.1/255.255.255.255",
        "read = system,call,agent,cdr,user,dialplan",
        "write = reporting",
        "timestampevents = yes",
        "writetimeout = 5000",
    ):
        assert f"    {line}\n" in text + "\n"
    assert pbx.secret.get_secret_value() not in text


def test_a_refused_login_is_raised() -> None:
    with server(Manager()) as pbx, pytest.raises(PbxLoginRefused):
        check(pbx.model_copy(update={"secret": pbx.secret.__class__("wrong")}))


def test_the_replay_of_a_real_pbx_is_understood() -> None:
    with replaying(capture("busy_mini") / "events.ami.gz") as replay:
        report = check(replay.settings(), listen_s=2.0)

    assert report.usable
    marks = seen(report)
    assert {marks[f"read {name}"] for name in ("call", "agent", "cdr", "dialplan")} == {Mark.GOOD}
    assert marks["timestampevents"] is Mark.GOOD


def test_a_mikopbx_tells_over_rest_what_its_key_may_read() -> None:
    told = {"employees": [{"id": 1, "number": "201"}], "call-queues": [], "providers": [], "incoming-routes": []}
    with rest_pbx(RestPbx(lists=told)) as pbx:
        found = {one.subject: (one.mark, one.text) for one in check_rest(pbx.settings())}

    assert found["rest cdr"] == (Mark.GOOD, "call records can be read; there are none yet")
    assert found["rest employees"] == (Mark.GOOD, "1 told")
    assert found["rest off-work-times"][0] is Mark.UNKNOWN
    assert "answered 404" in found["rest off-work-times"][1]


def test_a_refused_key_is_one_line_that_names_the_remedy() -> None:
    with rest_pbx() as pbx:
        (finding,) = check_rest(pbx.settings(rest_key="another"))

    assert finding.mark is Mark.MISSING
    assert "rest_key" in finding.text
    assert check_rest(Pbx()) == []


# ------------------------------------------------------------------ the PBX's own records

SCENARIO = Path(__file__).parents[1] / "scenarios" / "in_queue_answered_second"


def test_records_that_come_without_the_mapped_columns_say_which() -> None:
    plain = EVERYTHING.replace("LinkedID: 1.1\n", "").replace("DID: \n", "")
    with server(Asterisk(events=plain)) as pbx:
        report = check(pbx)

    assert seen(report)["Event: Cdr"] is Mark.UNKNOWN
    assert "records come, without LinkedID, DID: map them" in report.text()
    assert "linkedid => LinkedID" in report.text()


def test_a_pbx_without_records_of_calls_cannot_send_them() -> None:
    with server(Asterisk(events=EVERYTHING.replace(RECORD, event("cdr")), cdr="No")) as pbx:
        report = check(pbx)

    assert seen(report)["Event: Cdr"] is Mark.MISSING


def test_files_of_the_settings_are_looked_at(tmp_path: Path) -> None:
    (tmp_path / "queue_log").write_text("nonsense\n")
    records = PbxRecords(
        cdr_csv=SCENARIO / "cdr.csv", cel_csv=tmp_path / "nowhere.csv", queue_log=tmp_path / "queue_log"
    )

    found = {one.subject: one for one in check_records(Pbx(records=records), MOSCOW)}

    assert {subject: one.mark for subject, one in found.items()} == {
        "cdr_csv": Mark.GOOD, "cel_csv": Mark.MISSING, "queue_log": Mark.MISSING,
    }  # fmt: skip
    assert "nowhere.csv cannot be read" in found["cel_csv"].text
    assert "line 1: 1 columns" in found["queue_log"].text


def test_a_database_tells_its_period_and_what_its_tables_lack(freepbx: FreePbx) -> None:
    freepbx.put_records(SCENARIO / "cdr.csv")
    whole = {one.subject: one for one in check_records(Pbx(database=freepbx.settings), MOSCOW)}
    freepbx.run("alter table cdr drop column linkedid", "drop table cel")

    poor = {one.subject: one for one in check_records(Pbx(database=freepbx.settings), MOSCOW)}

    assert {one.mark for one in whole.values()} == {Mark.GOOD}
    assert "from 2026-11-22 21:11:2" in whole["table cdr"].text
    assert (poor["table cdr"].mark, poor["table cel"].mark) == (Mark.MISSING, Mark.MISSING)
    assert "without linkedid transfers are put together by channels alone" in poor["table cdr"].text


def test_a_database_that_is_not_there_is_one_line() -> None:
    (found,) = check_records(Pbx(database=PbxDatabase(host="127.0.0.1", port=1)), MOSCOW)

    assert found.mark is Mark.MISSING
    assert "Is MariaDB running there" in found.text
