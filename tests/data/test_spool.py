"""Records on disk are there for whoever comes next: all that were safe, in order, and none that were not."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from data.spool import Spool, SpoolBusy, SpoolFull, overwrite

ONE, TWO, THREE = b"one", b"\x00two\xff" * 100, b""


def test_records_are_given_in_order_until_they_are_taken(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    spool.add([ONE, TWO])
    spool.add([THREE])

    assert spool.take(2) == [ONE, TWO]
    assert spool.take(2) == [ONE, TWO]
    spool.taken()
    assert spool.take(2) == [THREE]
    spool.taken()
    assert (spool.take(2), (tmp_path / "0.spool").stat().st_size) == ([], 0)


def test_what_was_safe_outlives_a_process_and_a_torn_record_does_not(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    spool.add([ONE, TWO])
    spool.close()
    with (tmp_path / "0.spool").open("ab") as file:
        file.write(b"\x00\x00\x00\x09\x12\x34\x56\x78torn")

    again = Spool(tmp_path)
    again.add([THREE])

    assert again.take(9) == [ONE, TWO, THREE]


def test_two_processes_have_a_file_each_and_a_third_takes_over_what_is_left(tmp_path: Path) -> None:
    first, second = Spool(tmp_path), Spool(tmp_path)
    first.add([ONE])
    second.add([TWO])
    assert (first.take(9), second.take(9)) == ([ONE], [TWO])
    second.close()
    first.close()

    third = Spool(tmp_path)
    assert third.take(9) == [ONE, TWO]
    assert (tmp_path / "1.spool").stat().st_size == 0  # it is in the file of the third


def test_a_full_spool_says_so_and_keeps_what_it_has(tmp_path: Path) -> None:
    spool = Spool(tmp_path, largest=40)
    spool.add([b"x" * 20])

    with pytest.raises(SpoolFull):
        spool.add([b"y" * 20])

    assert spool.take(9) == [b"x" * 20]


def test_a_disk_that_fails_keeps_nothing_of_the_group(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spool = Spool(tmp_path)
    spool.add([ONE])

    def broken(_: int) -> None:
        raise OSError("no space")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fdatasync", broken)
        with pytest.raises(OSError, match="no space"):
            spool.add([TWO])
    spool.add([THREE])

    assert spool.take(9) == [ONE, THREE]


def test_records_that_nobody_has_can_be_changed_and_stay_whole(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    spool.add([b"of her", b"of him", b"of her too"])
    spool.close()

    assert overwrite(tmp_path / "0.spool", lambda record: record.replace(b"her", b"xxx"))
    assert not overwrite(tmp_path / "0.spool", lambda record: record.replace(b"her", b"xxx"))

    assert Spool(tmp_path).take(9) == [b"of xxx", b"of him", b"of xxx too"]


def test_records_of_a_process_are_its_own(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    spool.add([b"of her"])

    with pytest.raises(SpoolBusy):
        overwrite(tmp_path / "0.spool", lambda record: record.replace(b"her", b"xxx"))
    assert not overwrite(tmp_path / "0.spool", lambda record: record)

    assert spool.take(9) == [b"of her"]
