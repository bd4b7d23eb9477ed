"""Call detail records are read as they are written, and bad ones say why they are bad."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from data.errors import ImportFailed
from ingest.sources.cdr import BadRow, CdrLine, cdr_line
from ingest.sources.cdr_files import RowFile, values_of

MOSCOW = ZoneInfo("Europe/Moscow")
OLD = (
    '"","79161112201","201","ext-local",""""" <79161112201>","SIP/trunk-00000002","SIP/201-00000003","Dial",'
    '"SIP/201,20,Tt","2026-11-22 21:10:19","2026-11-22 21:10:21","2026-11-22 21:10:28",8,6,"ANSWERED",'
    '"DOCUMENTATION","1795371019.3",""'
)
NEW = OLD + ',"","1795371019.3",2'


def line(text: str, zone: ZoneInfo = MOSCOW) -> CdrLine:
    return cdr_line(values_of(text.encode()), 0, zone)


def utc(at: float) -> datetime:
    return datetime.fromtimestamp(at, UTC)


def test_local_times_without_zone_become_instants() -> None:
    read = line(NEW)

    assert utc(read.started_at) == datetime(2026, 11, 22, 18, 10, 19, tzinfo=UTC)
    assert read.answered_at == read.started_at + 2
    assert read.ended_at == read.started_at + 9


def test_the_newer_columns_are_read_where_they_are() -> None:
    assert line(NEW).linkedid == "1795371019.3"
    assert line(NEW).sequence == 2
    assert line(OLD).linkedid == ""
    assert line(OLD).uniqueid == "1795371019.3"


def test_a_record_without_unique_id_and_user_field_is_read() -> None:
    assert line(OLD.removesuffix(',"1795371019.3",""')).uniqueid == ""


def test_the_unique_id_tells_which_of_two_equal_hours_it_was() -> None:
    berlin = ZoneInfo("Europe/Berlin")  # 2026-10-25 03:00 becomes 02:00
    first = int(datetime(2026, 10, 25, 0, 10, 19, tzinfo=UTC).timestamp())
    second = first + 3600

    early = line(NEW.replace("2026-11-22 21:", "2026-10-25 02:").replace("1795371019", str(first)), berlin)
    late = line(NEW.replace("2026-11-22 21:", "2026-10-25 02:").replace("1795371019", str(second)), berlin)

    assert utc(early.started_at) == datetime(2026, 10, 25, 0, 10, 19, tzinfo=UTC)
    assert late.started_at - early.started_at == 3600


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (NEW + ',"more"', "22 columns, where a record has 16, 17, 18, 19, 20, 21"),
        (NEW.replace("2026-11-22 21:10:19", "0000-00-00 00:00:00"), "start: '0000-00-00 00:00:00' is no time"),
        (NEW.replace("21:10:28", "21:10:99"), "end: '2026-11-22 21:10:99' is no time"),
        (NEW.replace("21:10:28", "21:10:01"), "end: '2026-11-22 21:10:01' is before the start"),
        (NEW.replace('"SIP/trunk-00000002"', '""'), "channel: empty"),
        (NEW[:-1] + "x", "sequence: 'x' is no number"),
        (NEW[:100] + '"', "columns, where a record has"),
        ('"201","20"1","x', "quotes do not match"),
    ],
)
def test_a_bad_record_names_the_column_and_its_value(text: str, reason: str) -> None:
    with pytest.raises(BadRow) as caught:
        line(text)

    assert reason in str(caught.value)


def test_a_file_that_has_grown_and_was_packed_is_known_again(tmp_path: Path) -> None:
    plain, packed = tmp_path / "Master.csv", tmp_path / "Master.csv.1.gz"
    plain.write_text(NEW + "\n", "utf-8")
    packed.write_bytes(gzip.compress((NEW + "\n" + OLD + "\n").encode()))

    assert RowFile(plain).fingerprint == RowFile(packed).fingerprint
    assert [row.number for row in RowFile(packed).rows(0)] == [1, 2]


def test_a_damaged_packed_file_is_named(tmp_path: Path) -> None:
    broken = tmp_path / "Master.csv.gz"
    broken.write_bytes(gzip.compress((NEW + "\n").encode() * 5000)[:-40])

    with pytest.raises(ImportFailed, match=r"Master\.csv\.gz is damaged"):
        list(RowFile(broken).rows(0))
