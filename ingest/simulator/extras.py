"""What hangs on calls of the past: recordings of the conversations and comments of the employees."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from data.settings import Site
from ingest.simulator import codes
from ingest.simulator.arrow import constant, digits, instants, joined, lists, no_events, positions, words
from ingest.simulator.clients import uuids
from ingest.simulator.keys import Keys
from ingest.simulator.numbers import Ints, numbers
from ingest.simulator.office import PBX_FOLDER, Office
from ingest.simulator.sound import SoundBank
from ingest.simulator.tags import call_tags
from ingest.simulator.words import COMMENTS

_COMMENT_SHARE = 0.11
_KEPT_DAYS = 90
_KEPT_CALLS = 8000  # the sound of so many calls at most: each row carries its waveform


class Extras:
    """Makes these tables, block after block."""

    def __init__(
        self,
        rng: np.random.Generator,
        office: Office,
        *,
        site: Site,
        recordings_dir: Path | None,
        seed: int,
        until: float,
    ) -> None:
        self._rng, self._office, self._site, self._until = rng, office, site, until
        # Chance of its own, so that the rest of the past stays as it was for a seed.
        self._tagging = np.random.default_rng([seed, 5])
        self._bank = SoundBank(recordings_dir, seed=seed) if recordings_dir is not None else None

    def tables(self, keys: Keys, *, calls_a_day: float) -> dict[str, pa.Table]:
        kept_days = min(_KEPT_DAYS, _KEPT_CALLS / calls_a_day)
        kept_from = self._until - kept_days * 86_400
        return {
            "recording": recording_table(keys, self._office, site=self._site, bank=self._bank, kept_from=kept_from),
            "comment": comment_table(self._rng, keys, self._office),
            "call_tag": call_tags(self._tagging, keys, self._office),
        }


def recording_table(keys: Keys, office: Office, *, site: Site, bank: SoundBank | None, kept_from: float) -> pa.Table:
    """A file for every answered leg; the sound is there since `kept_from`, before that retention took it.

    bank: None means that no sound is made: every file is expected.
    """
    legs = keys.legs
    rows = np.flatnonzero(~np.isnan(legs["answer"]))
    owners = keys.row_of_call[legs.ints("call")[rows]]
    direction = keys.calls.ints("direction")[owners]
    party, caller = legs.ints("party")[rows], legs.ints("caller")[rows]
    is_out = direction == codes.OUTBOUND
    recorded = np.where(is_out, caller, party)
    other = np.where(is_out, party, caller)
    extensions = [employee.extension for employee in office.employees]
    number = keys.calls.ints("number")[owners]
    outside = pc.coalesce(digits(np.where(number >= 0, numbers(np.maximum(number, 0)), -1)), "anonymous")
    mine, theirs = words(extensions, recorded), pc.coalesce(words(extensions, other), outside)
    begun, ended = legs.micros("answer")[rows], legs.micros("end")[rows]
    call_ids, place = keys.call_ids.take(pa.array(owners)), positions(owners)
    moment = instants(begun).cast(pa.timestamp("s", tz="UTC"), safe=False).cast(pa.timestamp("s", tz=site.timezone))
    folder, stamp = pc.strftime(moment, format="/%Y/%m/%d/%H/"), pc.strftime(moment, format="-%Y%m%d-%H%M%S-")
    tail = joined(keys.uniqueids.take(pa.array(owners)), "-", place.cast(pa.string()), ".wav")
    table = pa.table(
        {
            "recording_id": joined(call_ids, ".", place.cast(pa.string())),
            "call_id": call_ids,
            "position": place,
            "file": joined(PBX_FOLDER, folder, mine, "-", theirs, stamp, tail),
            "party": mine,
            "heard": _heard(mine, theirs),
            "started_at": instants(begun),
            "ended_at": instants(ended),
            "events": no_events(len(rows)),
        }
    )
    for name, column in _files(bank, begun, ended, kept_from).items():
        table = table.append_column(name, column)
    return table


def comment_table(rng: np.random.Generator, keys: Keys, office: Office) -> pa.Table:
    """Comments on some of the conversations with outside, by whoever talked last, some minutes later."""
    legs = keys.legs
    rows = np.flatnonzero(~np.isnan(legs["answer"]))
    owners = keys.row_of_call[legs.ints("call")[rows]]
    last = np.concatenate([owners[1:] != owners[:-1], [True]]) if len(rows) else np.zeros(0, np.bool_)
    is_outside = keys.calls.ints("direction")[owners] != codes.INTERNAL
    chosen = np.flatnonzero(last & is_outside & (rng.random(len(rows)) < _COMMENT_SHARE))
    who = legs.ints("party")[rows[chosen]]
    who = np.where(who < 0, legs.ints("caller")[rows[chosen]], who)
    end = legs.micros("end")[rows[chosen]]
    written = end + (rng.lognormal(4.2, 0.9, len(chosen)) * 1e6).astype(np.int64)
    return pa.table(
        {
            "comment_id": pa.array(uuids(rng, len(chosen)), pa.string()),
            "subject_kind": constant("call", len(chosen), pa.string()),
            "subject_id": keys.call_ids.take(pa.array(owners[chosen])),
            "text": words(COMMENTS, rng.integers(0, len(COMMENTS), len(chosen))),
            "author": words([employee.login for employee in office.employees], who),
            "author_name": words([employee.name for employee in office.employees], who),
            "written_at": instants(written),
        }
    )


def _heard(mine: pa.Array, theirs: pa.Array) -> pa.Array:
    both = pa.concat_arrays([mine, theirs])
    order = np.arange(2 * len(mine)).reshape(2, -1).T.ravel()
    return lists(both.take(pa.array(order)), np.repeat(np.arange(len(mine)), 2), len(mine))


def _files(bank: SoundBank | None, begun: Ints, ended: Ints, kept_from: float) -> dict[str, pa.Array]:
    count = len(begun)
    if bank is None:
        return {"state": constant("expected", count, pa.string())}
    is_kept = begun >= kept_from * 1e6
    sound = np.where(is_kept, bank.nearest((ended - begun) / 1e6), -1)
    at = pa.array(sound, mask=sound < 0)
    return {
        "state": words(("present", "deleted"), np.where(is_kept, 0, 1)),
        "path": pa.array([str(each.path) for each in bank.sounds], pa.string()).take(at),
        "bytes": pa.array([each.size_bytes for each in bank.sounds], pa.int64()).take(at),
        "sound_s": pa.array([each.sound_s for each in bank.sounds], pa.float64()).take(at),
        "channel_count": pa.array(np.full(count, 2, np.int32), mask=sound < 0),
        "codec": words(("pcm_s16le",), np.where(sound < 0, -1, 0)),
        "peaks": pa.array([each.peaks for each in bank.sounds], pa.binary()).take(at),
    }
