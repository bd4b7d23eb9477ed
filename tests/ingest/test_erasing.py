"""A person is erased everywhere: nothing in the data folder names him afterwards, and every number is as before."""

from __future__ import annotations

import gzip
import html
import json
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus
from uuid import uuid4
from xml.sax.saxutils import escape
from zipfile import ZIP_DEFLATED, ZipFile

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import app
from data.errors import BadInput, NotAllowed
from data.facts import ami_event_table
from data.identity.actor import Actor, Role, system
from data.identity.users import Users
from data.model import Direction, LiveCall
from data.person import Blackener, Person
from data.remote_storage import kept_copy
from data.services.clients import ContactFields
from data.services.comments import Subject, SubjectKind, save_comment
from data.services.contacts import create_contact, delete_contact
from data.services.erasing import Held, ask_erasure, erasable, erasures, person_of_client, person_of_number
from data.services.trail import trail
from data.settings import Settings, Site
from data.spool import Spool
from data.store.database import Database
from data.store.protocol import Statement
from ingest import packed_files
from ingest.blackening import blacken_files
from ingest.erasing import _delete_recordings, erase_asked
from ingest.segments import Ending, new_segment, pack
from tests.builders import Office, at, inbound, outbound

BOSS = Actor(user="boss", role=Role.ADMINISTRATOR)
NOW = at("2026-11-20 12:00")
NUMBER, NAME, SHOWN = "+79161112233", "Сидорова Варвара", "VARVARA"
GONE = "Сидорова Зоя"  # a contact person who was removed
FIRM = 'ИП "Сидорова & Дочь"'  # a word of hers that every form of file escapes in another way
OTHER = "+79262223344"
SITE = Site()

# Everything that would name her, as bytes.
TRACES = [b"9161112233", b"916 111-22-33", b"(916) 111", NAME.encode(), SHOWN.encode(), b"varvara@example.org"]
TRACES += [quote(NAME).encode(), NAME.lower().encode(), b"@varvara_s", GONE.encode()]
ESCAPED = {
    "as it is": FIRM.encode(),
    "csv": FIRM.replace('"', '""').encode(),
    "workbook": escape(FIRM).encode(),
    "xml": html.escape(FIRM).encode(),
    "json": json.dumps(FIRM, ensure_ascii=False).encode(),
    "json of ascii": json.dumps(FIRM).encode(),
    "address": quote_plus(FIRM).encode(),
    "windows-1251": FIRM.encode("cp1251"),
    "utf-16": FIRM.encode("utf-16-le"),
}
TRACES += ESCAPED.values()


@dataclass(frozen=True, kw_only=True)
class Firm:
    """A data folder full of her."""

    settings: Settings
    store: Database
    office: Office
    account_id: str
    call_id: str

    @property
    def data(self) -> Path:
        return self.settings.data


@dataclass(frozen=True, kw_only=True)
class Erased:
    """The same afterwards, with what was there before."""

    firm: Firm
    traces: list[tuple[Path, bytes]]
    statistics: dict[str, Any]
    sizes: list[int]
    backup: str


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str, str]:
    """The data folder, the client and a call."""
    settings = Settings(data=tmp_path_factory.mktemp("filled") / "var")
    with Database(settings.data) as store:
        office = Office(store)
        sound = settings.data / "recordings"
        call_id = office.add(
            inbound("2026-11-18 10:00", NUMBER, talked="201", recorded=True, caller_name=SHOWN), sound_in=sound
        )
        office.add(outbound("2026-11-18 11:00", NUMBER, by="201", talk_s=40, recorded=True), sound_in=sound)
        office.add(inbound("2026-11-19 10:00", NUMBER, rang=["201"]))
        office.add(inbound("2026-11-19 11:00", OTHER, talked="202"), inbound("2026-11-19 12:00", OTHER, rang=["202"]))
        account_id = office.client(NAME, NUMBER)
        _fill(settings, store, office, account_id, call_id)
    return settings.data, account_id, call_id


@pytest.fixture(scope="module")
def firm(filled: tuple[Path, str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Firm]:
    """For tests that erase nobody."""
    with _opened(filled, tmp_path_factory.mktemp("firm") / "var") as firm:
        yield firm


@pytest.fixture(scope="module")
def erased(filled: tuple[Path, str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Erased]:
    """After her erasure; the store is open."""
    with _opened(filled, tmp_path_factory.mktemp("erased") / "var") as firm:
        traces, statistics, sizes = _grep(firm.data), _statistics(firm), _sizes(firm)
        backup = firm.store.backup(actor=system("test")).rename(firm.data.parent / "kept.duckdb")
        backup.rename(firm.store.backups / "kept.duckdb")
        _ask(firm)
        assert erase_asked(firm.settings, firm.store, now=NOW) == 1
        yield Erased(firm=firm, traces=traces, statistics=statistics, sizes=sizes, backup="kept.duckdb")


@contextmanager
def _opened(filled: tuple[Path, str, str], folder: Path) -> Iterator[Firm]:
    data, account_id, call_id = filled
    shutil.copytree(data, folder)
    with Database(folder) as store:
        settings = Settings(data=folder)
        yield Firm(settings=settings, store=store, office=Office(store), account_id=account_id, call_id=call_id)


def _fill(settings: Settings, store: Database, office: Office, account_id: str, call_id: str) -> None:
    """Everything else that people and machines write about her."""
    contact = ContactFields(name=NAME, position="директор", emails=("varvara@example.org",))
    contact_id = create_contact(store, system("test"), account_id, contact, now=NOW)
    create_contact(store, system("test"), account_id, ContactFields(name=FIRM), now=NOW)
    removed = ContactFields(name=GONE, position="сестра")
    removed_id = create_contact(store, system("test"), account_id, removed, now=NOW)
    delete_contact(store, system("test"), account_id, removed_id, version=1, now=NOW)
    other_id = office.client("Ромашка", OTHER)
    for subject, text in (
        (Subject(kind=SubjectKind.CALL, id=call_id), "просила перезвонить"),
        (Subject(kind=SubjectKind.ACCOUNT, id=other_id), f"жена: {NAME}, 8 (916) 111-22-33, звонить после 10"),
    ):
        save_comment(store, BOSS, subject, text, version=0, now=NOW)
    fields = {"Event": "Newchannel", "CallerIDNum": "89161112233", "CallerIDName": SHOWN}
    events = [
        {
            "pbx": "pbx",
            "sequence": 1,
            "call_id": call_id,
            "received_at": NOW,
            "event_at": None,
            "name": "Newchannel",
            "channels": ["1.1"],
            "fields": fields,
        }
    ]
    store.write_facts({"ami_event": ami_event_table(events)}, actor=system("test"))
    rows: dict[str, list[dict[str, Any]]] = {
        "lead": [
            {
                "lead_id": str(uuid4()),
                "number": "79161112233",
                "call_id": call_id,
                "source": "call",
                "name": NAME,
                "comment": "горячий",
                "state": "new",
                "created_at": NOW,
                "created_by": "boss",
                "changed_at": NOW,
            }
        ],
        "task": [
            {
                "task_id": str(uuid4()),
                "title": f"Перезвонить {NAME}",
                "subject_kind": "account",
                "subject_id": account_id,
                "created_at": NOW,
                "created_by": "boss",
            }
        ],
        "callback": [
            {"number": "79161112233", "note": f"занята {NAME}", "changed_at": NOW, "changed_by": "boss"},
        ],
        "saved_view": [
            {
                "view_id": str(uuid4()),
                "page": "/calls",
                "title": NAME,
                "query": f"number=79161112233&q={quote(NAME)}&who={quote_plus(FIRM)}&p=8%20916%20111%2022%2033",
                "owner": "boss",
                "created_at": NOW,
            }
        ],
        "outbox": [
            {
                "outbox_id": str(uuid4()),
                "kind": "originate",
                "target": "pbx",
                "payload": json.dumps({"number": "89161112233", "who": FIRM, "name": FIRM.upper()}),
                "created_at": NOW,
                "created_by": "boss",
                "changed_at": NOW,
            }
        ],
        "source_difference": [
            {
                "pbx": "pbx",
                "call_id": call_id,
                "source": "cdr",
                "kind": "differs",
                "field": "external_number_raw",
                "ours": "79161112233",
                "theirs": "9161112233",
                "started_at": NOW,
                "noted_at": NOW,
            }
        ],
        "chat": [
            {
                "chat_id": (chat_id := str(uuid4())),
                "messenger": "telegram",
                "messenger_account": "main",
                "user_key": "@varvara_s",
                "title": NAME,
                "number": "79161112233",
                "account_id": account_id,
                "contact_id": contact_id,
                "created_at": NOW,
                "last_text": f"это {NAME}",
            }
        ],
        "message": [
            {
                "message_id": str(uuid4()),
                "chat_id": chat_id,
                "kind": "image",
                "ours": False,
                "author": "@varvara_s",
                "author_name": NAME,
                "text": "мой номер 8-916-111-22-33",
                "media": "abc123",
                "sent_at": NOW,
                "change_text": f"для {NAME}",
            }
        ],
        "hook_event": [
            {
                "hook_id": str(uuid4()),
                "account": "main",
                "received_at": NOW,
                "body": json.dumps({"from": "79161112233", "name": NAME}).encode(),
            },
            {
                "hook_id": str(uuid4()),
                "account": "main",
                "received_at": NOW,
                "body": json.dumps({"name": NAME}, ensure_ascii=False).encode(),
            },
            {
                "hook_id": str(uuid4()),
                "account": "main",
                "received_at": NOW,
                "body": json.dumps({"name": FIRM}).encode(),
            },
        ],
    }
    for table, values in rows.items():
        office._append(table, values)
    told = trail(BOSS, NOW, "number.attach", "number", "79161112233", account_id=account_id, name=NAME)
    other = trail(
        BOSS, NOW, "client.update", "account", other_id, changes={"notes": f"жена {NAME} {FIRM} +7 916 111-22-33"}
    )
    store.transact([told, other], actor=BOSS, touches={})
    _journal(settings.data / "journal" / "pbx")
    for name in ("imports/cdr-bad.csv", "exports/calls.csv"):
        file = settings.data / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(f"2026-11-18;89161112233;{NAME};8 916 111-22-33\n", "utf-8")
    _packed(settings.data / "exports")
    waiting = Spool(settings.data / "inbox")
    waiting.add([b"{}\n" + json.dumps({"name": FIRM, "phone": "79161112233"}).encode(), b"{}\nof others"])
    waiting.close()
    (settings.data / "calls.replaced-20261101T030000.duckdb").write_bytes(b"of before a restore")
    (settings.data / "recordings" / "stray-89161112233.wav").write_bytes(b"sound that no row names")
    media = settings.data / "media" / "ab"
    media.mkdir(parents=True)
    (media / "abc123.jpg").write_bytes(b"her picture")
    users = Users(settings)
    users.add("boss", role=Role.ADMINISTRATOR, name="Директор", password="password of the boss")
    users.prefer("boss", "journal.last", f"q={NAME}")


def _packed(exports: Path) -> None:
    """Exports whose bytes are not their words; one of them is torn, one bears her number as its name."""
    words = [{"number": "89161112233", "name": NAME}, {"number": OTHER, "name": "Ромашка"}]
    pq.write_table(pa.Table.from_pylist(words), exports / "call_2026-10.parquet")
    with ZipFile(exports / "book.xlsx", "w", ZIP_DEFLATED) as book:
        book.writestr("xl/worksheets/sheet1.xml", f"<c><is><t>{NAME}</t></is></c><c><is><t>Ромашка</t></is></c>")
    for number, content in enumerate(ESCAPED.values()):
        (exports / f"form-{number}.txt").write_bytes(b"before;" + content + b";after\n")
        (exports / f"form-{number}.gz").write_bytes(gzip.compress(b"before;" + content + b";after\n"))
    (exports / "calls-89161112233.csv").write_text("2026-11-18;10:00\n", "utf-8")
    (exports / "torn.csv.gz").write_bytes(gzip.compress(NAME.encode() * 50)[:60])


def _journal(folder: Path) -> None:
    """Two segments: one packed, one that is being written."""
    message = (
        f"Event: Newchannel\r\nCallerIDNum: 9161112233\r\nCallerIDName: {SHOWN}\r\n"
        f"ConnectedLineName: {NAME}\r\nChannel: Local/89161112233@out-1\r\nUniqueid: 1795371083.29\r\n\r\n"
    ).encode()
    for first, packed in ((1, True), (3, False)):
        segment = new_segment(folder, first=first, at=NOW.timestamp(), connection=1)
        segment.folder.mkdir(parents=True)
        segment.events.write_bytes(message * 2)
        segment.times.write_bytes(b"offset,unix_time\n0,1.0\n")
        if packed:
            segment.end(Ending(cause="continued", at=1.0, bytes=len(message) * 2, messages=2))
            pack(segment)


def test_nothing_in_the_data_folder_names_her_afterwards(erased: Erased) -> None:
    places = {str(path.relative_to(erased.firm.data)).split("/")[0] for path, _ in erased.traces}
    assert places >= {"calls.duckdb", "journal", "recordings", "imports", "exports"}
    assert any(place.startswith("identity.sqlite") for place in places)
    assert {trace for _, trace in erased.traces} >= {*TRACES[:6], *ESCAPED.values()}

    left = _grep(erased.firm.data)

    assert {path.name for path, _ in left} == {erased.backup}, "only the copy that the certificate names"
    assert not (erased.firm.data / "media" / "ab" / "abc123.jpg").exists()


def test_a_contact_person_who_was_removed_is_erased_too(firm: Firm, erased: Erased) -> None:
    stored = "select name, position, external_id from contact_gone"

    assert _rows(firm, stored) == [{"name": GONE, "position": "сестра", "external_id": None}]
    assert _rows(erased.firm, stored) == [{"name": "–", "position": None, "external_id": None}]


def test_webhooks_that_wait_on_the_disk_stay_whole(erased: Erased) -> None:
    waiting = Spool(erased.firm.data / "inbox")

    head, others = waiting.take(9)

    waiting.close()
    assert others == b"{}\nof others"
    assert head.startswith(b'{}\n{"name": "')


def test_every_number_is_as_before(erased: Erased) -> None:
    assert _statistics(erased.firm) == erased.statistics
    assert erased.statistics["numbers"] == 2

    # And after everything that depends on several calls was derived anew.
    erased.firm.store.rederive(actor=system("test"))
    assert _statistics(erased.firm) == erased.statistics


def test_what_others_wrote_of_others_stays_but_her(erased: Erased) -> None:
    (text,) = [row["text"] for row in _rows(erased.firm, "select text from comment")]
    names = [row["name"] for row in _rows(erased.firm, "select name from account where name != '–'")]

    assert text.startswith("жена: –, x")
    assert text.endswith(", звонить после 10")
    assert names == ["Ромашка"]
    assert _rows(erased.firm, "from call where external_number = '79262223344'") != []


def test_the_certificate_tells_what_was_done_and_names_nobody(erased: Erased) -> None:
    (done,) = erasures(erased.firm.store, BOSS)

    told = done.certificate or {}
    assert (done.state, done.asked_by, done.reason) == ("done", "boss", "letter 12")
    assert told["rows"]["calls"] == 3
    assert (told["recordings"], told["segments"], told["files"], told["media"]) == (3, 2, 6 + 2 * len(ESCAPED), 1)
    assert told["unread"] == ["exports/torn.csv.gz"]
    assert told["recording_bytes"] > 0
    assert told["backups"] == ["calls.replaced-20261101T030000.duckdb", erased.backup]
    assert all(len(one) == 13 for one in told["pseudonyms"])
    assert not any(trace in json.dumps(told, ensure_ascii=False).encode() for trace in TRACES)
    actions = {row["action"] for row in _rows(erased.firm, "select action from audit")}
    assert {"person.erase_asked", "person.erase"} <= actions


def test_the_journal_keeps_its_length_and_everybody_else(erased: Erased) -> None:
    packed, _ = sorted((erased.firm.data / "journal" / "pbx").iterdir())
    content = gzip.decompress((packed / "events.ami.gz").read_bytes())

    assert _sizes(erased.firm) == erased.sizes
    assert b"Uniqueid: 1795371083.29\r\n" in content
    assert content.startswith(b"Event: Newchannel\r\nCallerIDNum: xxxxxxxxxx\r\nCallerIDName: xxxxxxx\r\n")


def test_the_preview_tells_what_would_go(firm: Firm) -> None:
    person = person_of_number(firm.store, BOSS, "8 916 111-22-33", SITE)

    counts = erasable(firm.store, BOSS, person)

    assert counts["calls"] == 3
    assert counts["recordings"] == 2
    assert counts["recording_bytes"] == 0  # of files that were measured
    assert counts["events"] == 1
    assert counts["comments"] == 1
    assert _grep(firm.data) != []


def test_a_legal_hold_keeps_everything(firm: Firm) -> None:
    person = person_of_number(firm.store, BOSS, NUMBER, SITE)
    for kind, subject in (("number", "79161112233"), ("account", firm.account_id), ("call", firm.call_id)):
        hold_id = str(uuid4())
        values = {"hold_id": hold_id, "subject_kind": kind, "subject_id": subject, "reason": "court"}
        firm.store.transact(
            [Statement(name="hold_insert", params=values | {"at": NOW, "actor": "boss"})], actor=BOSS, touches={}
        )

        with pytest.raises(Held, match="court"):
            ask_erasure(firm.store, BOSS, person, "letter", now=NOW)

        lift = Statement(name="hold_lift", params={"hold_id": hold_id, "at": NOW, "actor": "boss"}, expect_rows=1)
        firm.store.transact([lift], actor=BOSS, touches={})
    assert ask_erasure(firm.store, BOSS, person, "letter", now=NOW)


@pytest.mark.parametrize("typed", ["201", "112", "*8", "anonymous", "", "1234", "x1a2b3c4d5e6f"])
def test_what_is_no_number_of_a_person_erases_nobody(firm: Firm, typed: str) -> None:
    with pytest.raises(BadInput, match="no outside number"):
        person_of_number(firm.store, BOSS, typed, SITE)


@pytest.mark.parametrize("role", [Role.MANAGER, Role.SUPERVISOR, Role.ANALYST])
def test_only_who_may_erase_does(firm: Firm, role: Role) -> None:
    with pytest.raises(NotAllowed):
        person_of_number(firm.store, Actor(user="x", role=role), NUMBER, SITE)


def test_reading_and_calls_that_go_on_live_through_the_change_of_the_file(firm: Firm) -> None:
    moments = {"state_since_at": NOW, "started_at": NOW, "answered_at": None}
    texts = {"external_number": OTHER, "caller_name": None, "called_number": None, "did": None}
    texts |= {"line": None, "queue": None}
    call = {"call_id": "pbx-9", "pbx": "pbx", "direction": Direction.INBOUND, "state": "ringing"}
    firm.office.live(LiveCall(**call, **texts, **moments, ringing=("201",), talking=()))  # type: ignore[arg-type]
    before = _rows(firm, "select count(*) as n from call")
    inode = firm.store.path.stat().st_ino

    firm.store.rewrite(actor=system("test"))

    assert [row["call_id"] for row in _rows(firm, "from live.live_call")] == ["pbx-9"]
    assert firm.store.path.stat().st_ino != inode
    assert _rows(firm, "select count(*) as n from call") == before
    firm.office.add(inbound("2026-11-20 09:00", OTHER, talked="202"))
    assert list(firm.store.backups.iterdir()) == []


def test_who_reads_all_the_time_meets_no_error_while_the_file_is_changed(firm: Firm) -> None:
    stop, counted, failed = threading.Event(), threading.Event(), []

    def read() -> None:
        while not stop.is_set():
            try:
                _rows(firm, "select count(*) as n from call")
            except Exception as error:  # whatever it is, the test tells it
                failed.append(error)
            counted.set()

    readers = [threading.Thread(target=read) for _ in range(2)]
    for reader in readers:
        reader.start()
    try:
        assert counted.wait(60)
        firm.store.rewrite(actor=system("test"))
        counted.clear()
        assert counted.wait(60)
    finally:
        stop.set()
        for reader in readers:
            reader.join(60)

    assert failed == []


def test_the_command_tells_first_and_erases_when_told_to(
    filled: tuple[Path, str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(filled[0], tmp_path / "var")
    command = ["erase", "--client", filled[1], "--data", str(tmp_path / "var")]

    assert app.main(command) == 0
    assert "calls 3" in capsys.readouterr().out
    assert app.main([*command, "--yes"]) == 2, "it needs a reason"
    assert app.main([*command, "--yes", "--reason", "letter 12"]) == 0

    told = capsys.readouterr().out
    assert json.loads(told)["rows"]["calls"] == 3
    assert "9161112233" not in told
    assert _grep(tmp_path / "var") == []


@pytest.mark.parametrize(
    "text", [b"89161112233", b"+79161112233", b"9161112233", b"79161112233,79161112233", b"a9161112233b"]
)
def test_every_spelling_is_blackened_in_the_same_length(text: bytes) -> None:
    clean = Blackener(Person(numbers={"79161112233": "x1"}), SITE).blacken(text)

    assert len(clean) == len(text)
    assert b"9161112233" not in clean


@pytest.mark.parametrize("text", [b"99161112233", b"91611122334", b"1.9161112232", b"id 1795371083.29"])
def test_longer_and_other_numbers_stay(text: bytes) -> None:
    assert Blackener(Person(numbers={"79161112233": "x1"}), SITE).blacken(text) == text


def test_what_names_him_is_found_wherever_a_file_is_cut_into_pieces(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(packed_files, "_PIECE", 7)
    lines = b"CallerIDNum: 89161112233\r\nExten: 8 (916) 111-22-33\r\n" * 3
    (tmp_path / "bad.csv").write_bytes(lines)
    (tmp_path / "bad.csv.gz").write_bytes(gzip.compress(lines))

    found = blacken_files(tmp_path, Blackener(Person(numbers={"79161112233": "x1"}), SITE))

    clean = (tmp_path / "bad.csv").read_bytes()
    assert found.met == 2
    assert clean == b"CallerIDNum: xxxxxxxxxxx\r\nExten: xxxxxxxxxxxxxxxxx\r\n" * 3
    assert gzip.decompress((tmp_path / "bad.csv.gz").read_bytes()) == clean


@pytest.mark.parametrize("between", [b"\0" * 4096, b"<c>x</c>" * 512, b'{"a":1},' * 512])
def test_a_file_without_lines_is_read_in_pieces_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, between: bytes
) -> None:
    monkeypatch.setattr(packed_files, "_PIECE", 50)
    content = between + b"89161112233" + between + b"8 916 111-22-33" + between
    (tmp_path / "one.line").write_bytes(content)
    blackener = Blackener(Person(numbers={"79161112233": "x1"}), SITE)

    with (tmp_path / "one.line").open("rb") as file:
        assert max(map(len, packed_files.pieces(file))) < 200
    blacken_files(tmp_path, blackener)

    assert (tmp_path / "one.line").read_bytes() == between + b"x" * 11 + between + b"x" * 15 + between


def test_a_single_first_name_is_not_hunted_through_everything() -> None:
    assert Person(numbers={}, words=("Анна", "Анна Петрова", "anna@x.ru")).long_words == ("Анна Петрова", "anna@x.ru")


def _ask(firm: Firm) -> None:
    person = person_of_number(firm.store, BOSS, NUMBER, SITE)
    card = person_of_client(firm.store, BOSS, firm.account_id)
    both = Person(
        numbers=person.numbers,
        words=(*card.words, "@varvara_s"),
        account_ids=card.account_ids,
        contact_ids=card.contact_ids,
    )
    ask_erasure(firm.store, BOSS, both, "letter 12", now=NOW)


def _sizes(firm: Firm) -> list[int]:
    """Bytes of each segment of the journal, unpacked."""
    packed, plain = sorted((firm.data / "journal" / "pbx").iterdir())
    return [len(gzip.decompress((packed / "events.ami.gz").read_bytes())), (plain / "events.ami").stat().st_size]


def _grep(folder: Path) -> list[tuple[Path, bytes]]:
    """Every file in which a trace of her stands, names of files and packed ones included."""
    found = []
    for file in sorted(folder.rglob("*")):
        if not file.is_file():
            continue
        content = _unpacked(file) + str(file).encode()
        found += [(file, trace) for trace in TRACES if trace in content]
    return found


def _unpacked(file: Path) -> bytes:
    """What stands in a file, also in a packed one."""
    if file.suffix == ".parquet":
        return str(pq.read_table(file).to_pylist()).encode()
    if file.suffix == ".xlsx":
        with ZipFile(file) as parts:
            return b"".join(parts.read(name) for name in parts.namelist())
    content = file.read_bytes()
    return gzip.decompress(content) if file.suffix == ".gz" and not file.name.startswith("torn") else content


def _statistics(firm: Firm) -> dict[str, Any]:
    (row,) = _rows(
        firm,
        """
        select
            count(*) as calls,
            count(distinct external_number) as numbers,
            sum(talk_s) as talk_s,
            sum(wait_s) as wait_s,
            count(*) filter (where outcome = 'missed') as missed,
            count(*) filter (where first_of_number) as first_calls,
            count(contact_after_at) as called_back,
            count(distinct number_owner.account_id) as clients,
            list_sort(list(number.number_class || coalesce(number.region, ''))) as classes,
            sum(recording_count) as recordings,
            (select count(*) from lead) as leads,
            (select count(*) from message) as messages
        from call
        left join number on number.number = call.external_number
        left join number_owner on number_owner.number = call.external_number
        """,
    )
    return row


def _rows(firm: Firm, sql: str) -> list[dict[str, Any]]:
    return firm.store.query(sql, actor=system("test")).to_pylist()


def test_copy_of_a_remote_recording_goes_and_the_original_is_named_as_kept(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path)
    path = "remote://storage/out-79161112233.wav"
    copy = kept_copy(tmp_path, path)
    copy.parent.mkdir()
    copy.write_bytes(b"sound")
    blackener = Blackener(Person(numbers={"79161112233": "x"}), settings.site, ())

    gone = _delete_recordings(settings, [{"path": path, "recording_id": "pbx-1.1"}], blackener)

    assert gone == (0, 0, ("pbx-1.1",))
    assert not copy.exists()
