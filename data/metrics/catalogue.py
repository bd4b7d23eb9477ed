"""Every metric, defined once: pages, exports, command line, notebooks and docs/metrics.md read them here.

Meaning and formulas: DOMAIN.md 4. Shares are 0..1, and null where there is nothing to share.
"""

from __future__ import annotations

from data.call_day import SHORT_S, TARGET_S
from data.metrics.chat_metrics import CHAT_METRICS, REPLY
from data.metrics.shapes import count, mean, mean_wait, rows, seconds, share
from data.metrics.terms import Grain, Metric, Parameter, Unit, by_name

PARAMETERS = by_name(
    [
        Parameter(name="target_s", default=TARGET_S, unit=Unit.SECONDS, note="T: an answer within it is in time"),
        Parameter(name="short_s", default=SHORT_S, unit=Unit.SECONDS, note="who hangs up sooner did not wait: short"),
        Parameter(name="repeat_s", default=7 * 86_400.0, unit=Unit.SECONDS, note="a call within it is a repeat"),
        REPLY,
    ]
)

_CALLS = (Grain.CALL, Grain.PART)
_QUEUED = (Grain.CALL, Grain.VISIT)

_OFFERED = "fact.is_answered or fact.is_abandoned"
_ANSWERED_IN_TIME = "fact.is_answered and fact.is_in_time"
_ABANDONED_IN_TIME = "fact.is_abandoned and fact.is_in_time"
_SHORT = "fact.is_abandoned and fact.is_short"
_CONVERSATION = "fact.outcome in ('answered', 'reached')"


def _level(name: str, part: str, whole: str, formula: str, params: tuple[str, ...] = ("target_s",)) -> Metric:
    return Metric(
        name=name,
        unit=Unit.SHARE,
        sql=share(part, whole),
        formula=formula,
        counted=_OFFERED,
        grains=_QUEUED,
        params=params,
        rolled=True,
        note="Office: inbound calls that reached a queue or a phone; by queue: its visits.",
    )


_CALL_COUNTS = [
    count("calls", "true", "all calls"),
    count("inbound", "fact.direction = 'inbound'", "inbound calls"),
    count("outbound", "fact.direction = 'outbound'", "outbound calls"),
    count("internal", "fact.direction = 'internal'", "internal calls"),
    count("external", "fact.direction != 'internal'", "inbound + outbound"),
    count(
        "accepted", "fact.direction = 'inbound' and fact.outcome = 'answered'", "inbound, a person talked to the caller"
    ),
    count("missed", "fact.direction = 'inbound' and fact.outcome = 'missed'", "inbound, nobody talked to the caller"),
    count("successful", "fact.outcome = 'reached'", "outbound, the outside party answered"),
    count("failed", "fact.outcome = 'not_reached'", "outbound, the outside party did not answer"),
    count("conversations", _CONVERSATION, "accepted + successful + answered internal calls"),
    count("ivr_hangups", "fact.reason = 'ivr_only'", "callers who hung up in the voice menu", (Grain.CALL,)),
    count("out_of_hours", "fact.reason = 'out_of_hours'", "missed outside working hours", (Grain.CALL,)),
    count(
        "transferred",
        "fact.is_answered and fact.transfer_count > 0",
        "accepted calls with a completed transfer between people",
        (Grain.CALL,),
    ),
    count("incomplete", "fact.incomplete", "calls of which events were lost", (Grain.CALL,)),
    count("recorded", "fact.recording_count > 0", "calls with a recording", (Grain.CALL,)),
    count(
        "unrecorded",
        f"{_CONVERSATION} and fact.recording_count = 0",
        "conversations without a recording",
        (Grain.CALL,),
    ),
    Metric(
        name="callers",
        unit=Unit.COUNT,
        sql="count(distinct fact.external_number) filter (where fact.direction = 'inbound')",
        formula="distinct outside numbers that called",
        counted="fact.direction = 'inbound' and fact.external_number is not null",
        note="A number counts once in each group, so groups do not add up. Hidden numbers are left out.",
    ),
    Metric(
        name="missed_share",
        unit=Unit.SHARE,
        grains=_CALLS,
        sql=share(rows("fact.direction = 'inbound' and fact.outcome = 'missed'"), rows("fact.direction = 'inbound'")),
        formula="missed / inbound",
        rolled=True,
        counted="fact.direction = 'inbound'",
    ),
    Metric(
        name="reached_share",
        unit=Unit.SHARE,
        grains=_CALLS,
        sql=share(rows("fact.outcome = 'reached'"), rows("fact.direction = 'outbound'")),
        formula="successful / outbound",
        rolled=True,
        counted="fact.direction = 'outbound'",
    ),
    Metric(
        name="transfer_rate",
        unit=Unit.SHARE,
        sql=share(rows("fact.is_answered and fact.transfer_count > 0"), rows("fact.is_answered")),
        formula="transferred / accepted",
        counted="fact.is_answered",
        note="From a queue to an employee is no transfer.",
    ),
]

_TIMES = [
    seconds("talk", "sum(fact.talk_s)", _CONVERSATION, "sum of talk_s", rolled=True),
    seconds("hold", "sum(fact.hold_s)", "fact.hold_s > 0", "sum of hold_s; it is inside talk", rolled=True),
    seconds(
        "wait",
        "sum(fact.wait_s) filter (where fact.direction = 'inbound')",
        _OFFERED,
        "sum of wait_s, inbound",
        _QUEUED,
        rolled=True,
    ),
    seconds(
        "mean_talk",
        mean("talk_s", _CONVERSATION),
        _CONVERSATION,
        "talk_s / conversations",
        rolled=True,
    ),
    seconds(
        "mean_hold",
        mean("hold_s", _CONVERSATION),
        _CONVERSATION,
        "hold_s / conversations",
        rolled=True,
    ),
    seconds(
        "longest_talk",
        f"max(fact.talk_s) filter (where {_CONVERSATION})",
        _CONVERSATION,
        "longest talk_s",
    ),
    seconds(
        "aht",
        mean("talk_s", "fact.is_answered"),
        "fact.is_answered",
        "talk_s / accepted",
        note="Without wrap: no source tells the after-call work. Hold is inside talk.",
        rolled=True,
    ),
    seconds(
        "asa",
        mean_wait("fact.is_answered"),
        "fact.is_answered",
        "mean wait_s of answered",
        _QUEUED,
        rolled=True,
    ),
    seconds(
        "wait_median",
        "quantile_cont(fact.wait_s, 0.5) filter (where fact.is_answered)",
        "fact.is_answered",
        "median wait_s of answered",
        _QUEUED,
    ),
    seconds(
        "wait_p90",
        "quantile_cont(fact.wait_s, 0.9) filter (where fact.is_answered)",
        "fact.is_answered",
        "90th percentile of wait_s of answered",
        _QUEUED,
    ),
    seconds(
        "longest_wait",
        f"max(fact.wait_s) filter (where {_OFFERED})",
        _OFFERED,
        "longest wait_s of answered and abandoned",
        _QUEUED,
    ),
    seconds(
        "patience",
        mean_wait("fact.is_abandoned"),
        "fact.is_abandoned",
        "mean wait_s of abandoned",
        _QUEUED,
        rolled=True,
    ),
]

_SERVICE = [
    count("offered", _OFFERED, "answered + abandoned", _QUEUED),
    count("answered", "fact.is_answered", "offered and answered by a person", _QUEUED),
    count("answered_in_time", _ANSWERED_IN_TIME, "answered, wait_s <= T", _QUEUED, ("target_s",)),
    count("abandoned", "fact.is_abandoned", "offered and not answered", _QUEUED),
    count("short_abandoned", _SHORT, "abandoned, wait_s < short", _QUEUED, ("short_s",)),
    count(
        "left_queue",
        "not fact.is_answered and not fact.is_abandoned",
        "visits that left by time-out, key or otherwise",
        (Grain.VISIT,),
        note="Neither answered nor abandoned: the caller went on elsewhere.",
    ),
    count("visits", "true", "stays of callers in queues", (Grain.VISIT,)),
    _level(
        "service_level",
        rows(_ANSWERED_IN_TIME),
        rows("fact.is_answered or (fact.is_abandoned and not fact.is_in_time)"),
        "answered ≤ T / (answered + abandoned > T)",
    ),
    _level(
        "service_level_patient",
        f"{rows(_ANSWERED_IN_TIME)} + {rows(_ABANDONED_IN_TIME)}",
        rows(_OFFERED),
        "(answered ≤ T + abandoned ≤ T) / (answered + abandoned)",
    ),
    _level("service_level_answered", rows(_ANSWERED_IN_TIME), rows("fact.is_answered"), "answered ≤ T / answered"),
    _level("service_level_offered", rows(_ANSWERED_IN_TIME), rows(_OFFERED), "answered ≤ T / (answered + abandoned)"),
    _level(
        "service_level_short_met",
        f"{rows(_ANSWERED_IN_TIME)} + {rows(_SHORT)}",
        rows(_OFFERED),
        "(answered ≤ T + short abandoned) / (answered + abandoned)",
        ("target_s", "short_s"),
    ),
    _level(
        "service_level_short_out",
        rows(_ANSWERED_IN_TIME),
        f"{rows(_OFFERED)} - {rows(_SHORT)}",
        "answered ≤ T / (answered + abandoned − short abandoned)",
        ("target_s", "short_s"),
    ),
    _level(
        "abandonment",
        f"{rows('fact.is_abandoned')} - {rows(_SHORT)}",
        f"{rows(_OFFERED)} - {rows(_SHORT)}",
        "(abandoned − short) / (offered − short)",
        ("short_s",),
    ),
]

SERVICE_LEVELS = tuple(metric.name for metric in _SERVICE if metric.name.startswith("service_level"))

_OFFERS = [
    count("offers", "true", "rings of employees' phones", (Grain.OFFER,), note="One call may be several offers."),
    count("offers_answered", "fact.offer_result = 'answered'", "rings that were answered", (Grain.OFFER,)),
    count(
        "offers_missed",
        "fact.offer_result in ('no_answer', 'busy', 'rejected')",
        "rings that this phone missed",
        (Grain.OFFER,),
        note="Answered elsewhere, or given up by the caller, is not missed by the phone.",
    ),
    seconds("mean_ring", "avg(fact.ring_s)", "true", "ring_s / offers", (Grain.OFFER,)),
]


def _lead(name: str, counted: str, formula: str, note: str = "") -> Metric:
    return count(name, counted, formula, (Grain.CALL,), joins=("owner",), owned="first_of_number", note=note)


_LEADS = [
    _lead(
        "leads",
        "|lead|",
        "first calls, inbound, of numbers not registered when they called",
        note="A number that we called first, or a hidden one, is no lead.",
    ),
    _lead("leads_registered", "|lead_state| = 'registered'", "leads assigned to a client since"),
    _lead("leads_unregistered", "|lead_state| = 'unregistered'", "leads neither registered nor lost"),
    _lead("leads_lost", "|lead_state| = 'lost'", "leads missed, and never spoken to until the horizon"),
    count(
        "lost",
        "fact.is_missed and |lost|",
        "missed calls with the status lost",
        (Grain.CALL, Grain.PART),
        joins=("owner",),
        owned="is_missed",
    ),
    count(
        "handled",
        "fact.is_missed and fact.contact_after_at <= $as_of",
        "missed calls with a later conversation",
        (Grain.CALL, Grain.PART),
    ),
    count(
        "unhandled",
        "fact.is_missed and (fact.contact_after_at is null or fact.contact_after_at > $as_of)",
        "missed calls without a later conversation",
        (Grain.CALL, Grain.PART),
    ),
    Metric(
        name="handled_share",
        unit=Unit.SHARE,
        grains=(Grain.CALL, Grain.PART),
        sql=share(rows("fact.is_missed and fact.contact_after_at <= $as_of"), rows("fact.is_missed")),
        formula="handled / missed",
        counted="fact.is_missed",
    ),
]

_RECOVERED = "fact.recovery in ('called_back', 'caller_returned')"
_RECOVERY = [
    count(
        "episodes",
        "true",
        "runs of missed calls of one number until its next conversation",
        (Grain.EPISODE,),
        note="An episode counts on the day of its first miss.",
    ),
    count("called_back", "fact.recovery = 'called_back'", "episodes ended by our call", (Grain.EPISODE,)),
    count(
        "caller_returned", "fact.recovery = 'caller_returned'", "episodes ended by the caller's call", (Grain.EPISODE,)
    ),
    count("attempted", "fact.recovery = 'attempted'", "episodes in which we tried and did not reach", (Grain.EPISODE,)),
    count("not_recovered", "fact.recovery = 'none'", "episodes in which nobody tried", (Grain.EPISODE,)),
    Metric(
        name="recovered_share",
        unit=Unit.SHARE,
        grains=(Grain.EPISODE,),
        sql=share(rows(_RECOVERED), rows("true")),
        formula="(called back + caller returned) / episodes",
        counted="true",
    ),
    seconds(
        "recovery_median",
        f"quantile_cont(fact.waited_s, 0.5) filter (where {_RECOVERED})",
        _RECOVERED,
        "median time from the first miss to the conversation",
        (Grain.EPISODE,),
        note="Of recovered episodes only; the survival curve takes the open ones into account.",
    ),
    seconds(
        "recovery_p90",
        f"quantile_cont(fact.waited_s, 0.9) filter (where {_RECOVERED})",
        _RECOVERED,
        "90th percentile of the time to recover",
        (Grain.EPISODE,),
    ),
]

_REPEATS = [
    count(
        "repeat_base",
        "fact.is_finished",
        "accepted calls whose seven days are over",
        (Grain.FOLLOWED,),
        ("repeat_s",),
        note="Hidden numbers are left out.",
    ),
    count("followed", "true", "accepted calls of known numbers", (Grain.FOLLOWED,)),
    count(
        "solved",
        "fact.is_finished and not fact.is_repeated",
        "accepted calls whose number did not call again within the time",
        (Grain.FOLLOWED,),
        ("repeat_s",),
    ),
    count(
        "repeated",
        "fact.is_finished and fact.is_repeated",
        "accepted calls whose number called again within the time",
        (Grain.FOLLOWED,),
        ("repeat_s",),
    ),
    count(
        "repeat_unfinished",
        "not fact.is_finished",
        "accepted calls whose time is not over yet",
        (Grain.FOLLOWED,),
        ("repeat_s",),
    ),
    Metric(
        name="first_contact_share",
        unit=Unit.SHARE,
        grains=(Grain.FOLLOWED,),
        params=("repeat_s",),
        sql=share(rows("fact.is_finished and not fact.is_repeated"), rows("fact.is_finished")),
        formula="accepted calls whose number does not call again within 7 days / accepted calls whose 7 days are over",
        counted="fact.is_finished",
        note="A proxy of first contact resolution.",
    ),
]

METRICS = by_name([*_CALL_COUNTS, *_TIMES, *_SERVICE, *_OFFERS, *_LEADS, *_RECOVERY, *_REPEATS, *CHAT_METRICS])
