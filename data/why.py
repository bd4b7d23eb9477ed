"""Why a call has its direction, outcome and employees: sentences that name the events they rest on.

Rows are mappings with the columns of the schema (or the fields of the model), so that pages,
notebooks and tests ask in the same way.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from operator import itemgetter
from typing import Any

from data.model import CallFacts

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Because:
    """One step of the explanation and the events of the PBX that it rests on."""

    text: str
    events: tuple[int, ...]


def why(
    call: Row,
    legs: Sequence[Row] = (),
    visits: Sequence[Row] = (),
    transfers: Sequence[Row] = (),
    *,
    language: str = "ru",
) -> list[Because]:
    """The explanation of one call, in the order in which a person would tell it; language: ru or en."""
    words = _WORDS[language if language in _WORDS else "ru"]
    steps = [_direction(call, words)]
    happened = [(visit["entered_at"], _visit(visit, words)) for visit in visits]
    happened += [(leg["started_at"], _leg(leg, words)) for leg in legs]
    happened += [(made["transferred_at"], _transfer(made, words)) for made in transfers]
    steps += [step for _, step in sorted(happened, key=itemgetter(0))]
    steps.append(_outcome(call, legs, words))
    steps.append(_employees(call, words))
    if call.get("incomplete"):
        steps.append(Because(text=words["incomplete"], events=()))
    return steps


def why_facts(facts: CallFacts, *, language: str = "ru") -> list[Because]:
    """The same for facts that are not stored yet."""
    return why(
        asdict(facts.call),
        [asdict(leg) for leg in facts.legs],
        [asdict(visit) for visit in facts.queue_visits],
        [asdict(made) for made in facts.transfers],
        language=language,
    )


def _say(template: str, row: Row, **more: object) -> Because:
    known = {key: "?" if value is None else value for key, value in {**row, **more}.items()}
    return Because(text=template.format_map(known), events=tuple(row.get("events") or ()))


def _direction(call: Row, words: Mapping[str, str]) -> Because:
    key = str(call["direction"])
    if key != "internal" and call.get("external_number") is None:
        return _say(words[key + ".hidden"], call)
    return _say(words[key], call)


def _visit(visit: Row, words: Mapping[str, str]) -> Because:
    key = "visit." + str(visit["result"])
    return _say(words.get(key, words["visit.lost"]), visit, wait=_seconds(visit["wait_s"], words))


def _leg(leg: Row, words: Mapping[str, str]) -> Because:
    key = "leg." + str(leg["result"])
    if str(leg["role"]) == "observer":
        key = "leg.observer"
    elif leg.get("ringing_at") is None and str(leg["result"]) in ("no_answer", "cancelled"):
        key = "leg.silent"
    elif key == "leg.answered" and not leg["ring_s"]:
        key = "leg.at_once"
    status = f" ({leg['dial_status']})" if leg.get("dial_status") else ""
    return _say(
        words[key], leg, ring=_seconds(leg["ring_s"], words), talk=_seconds(leg["talk_s"], words), status=status
    )


def _transfer(made: Row, words: Mapping[str, str]) -> Because:
    key = f"transfer.{made['kind']}"
    if not made["completed"] and f"{key}.failed" in words:
        return _say(words[f"{key}.failed"], made)
    return _say(words[key], made, done="" if made["completed"] else words["transfer.failed"])


def _outcome(call: Row, legs: Sequence[Row], words: Mapping[str, str]) -> Because:
    text = words["outcome." + str(call["outcome"])]
    if call.get("reason"):
        text += words["reason." + str(call["reason"])]
    answered = [leg for leg in legs if str(leg["result"]) == "answered" and str(leg["role"]) != "observer"]
    events = tuple(answered[0].get("events") or ()) if answered else tuple(call.get("events") or ())[-1:]
    return Because(
        text=text.format_map(
            {"answered_by": ", ".join(call.get("answered_by") or ()) or "?", "talk": _seconds(call["talk_s"], words)}
        ),
        events=events,
    )


def _employees(call: Row, words: Mapping[str, str]) -> Because:
    people = ", ".join(call.get("employees") or ())
    spoke = str(call["outcome"]) in ("answered", "reached")
    inbound = str(call["direction"]) == "inbound"
    if people:
        key = "employees.talked" if spoke else "employees.rang" if inbound else "employees.called"
    else:
        key = "employees.application" if call.get("application") else "employees.none"
    return Because(
        text=words[key].format_map({"people": people, "application": call.get("application") or ""}), events=()
    )


def _seconds(value: object, words: Mapping[str, str]) -> str:
    seconds = float(value) if isinstance(value, (int, float)) else 0.0
    return f"{seconds:.1f}".replace(".", words["decimal"])


_RU = {
    "decimal": ",",
    "inbound": "Входящий: звонок начал канал линии {line} с номером {external_number}, набран {did}.",
    "inbound.hidden": "Входящий: звонок начал канал линии {line}, номер скрыт, набран {did}.",
    "outbound": "Исходящий: {caller_number} соединялся через линию {line} с внешним номером {external_number}.",
    "outbound.hidden": "Исходящий: {caller_number} звонил наружу, внешний номер неизвестен.",
    "internal": "Внутренний: {caller_number} набрал {called_number}, внешней линии в звонке нет.",
    "visit.answered": "В очереди {queue} ждал {wait} с, ответил {answered_by}.",
    "visit.abandoned": "В очереди {queue} ждал {wait} с и положил трубку.",
    "visit.timeout": "В очереди {queue} ждал {wait} с, затем время ожидания вышло и звонок пошёл дальше.",
    "visit.key": "В очереди {queue} ждал {wait} с и вышел по нажатию клавиши.",
    "visit.empty": "Очередь {queue} не приняла звонок: в ней некому отвечать.",
    "visit.transferred": "Из очереди {queue} через {wait} с звонок перевели.",
    "visit.lost": "Был в очереди {queue} {wait} с, чем кончилось ожидание, не видно.",
    "leg.answered": "{party}: телефон звонил {ring} с, ответили, разговор {talk} с{status}.",
    "leg.at_once": "{party}: соединили сразу, разговор {talk} с{status}.",
    "leg.no_answer": "{party}: телефон звонил {ring} с, трубку не сняли{status}.",
    "leg.silent": "{party}: вызывали, но телефон не зазвонил{status}.",
    "leg.busy": "{party}: занято{status}.",
    "leg.rejected": "{party}: телефон звонил {ring} с, вызов отклонили{status}.",
    "leg.cancelled": "{party}: телефон звонил {ring} с, звонящий не стал ждать{status}.",
    "leg.elsewhere": "{party}: телефон звонил {ring} с, ответили в другом месте{status}.",
    "leg.unreachable": "{party}: недоступен, телефон не на связи{status}.",
    "leg.failed": "{party}: отказ связи, причина {hangup_cause}{status}.",
    "leg.observer": "{party}: слушал разговор и в нём не участвовал.",
    "transfer.blind": "{from_party} перевёл звонок на {to_party}{done}.",
    "transfer.attended": "{from_party} перевёл звонок на {to_party} после разговора с ним{done}.",
    "transfer.attended.failed": "{from_party} собирался перевести звонок на {to_party}, перевод не состоялся.",
    "transfer.blonde": "{from_party} перевёл звонок на {to_party}, пока тот звонил{done}.",
    "transfer.park": "{from_party} поставил звонок на парковку {to_party}{done}.",
    "transfer.unpark": "{to_party} забрал звонок с парковки {from_party}{done}.",
    "transfer.forward": "Телефон {from_party} переадресовал звонок на {to_party}{done}.",
    "transfer.pickup": "{to_party} перехватил звонок, который звонил у {from_party}{done}.",
    "transfer.failed": ", но там не ответили",
    "outcome.answered": "Итог: отвечен ({answered_by}), с людьми говорили {talk} с.",
    "outcome.missed": "Итог: пропущен, никто из людей не ответил",
    "outcome.reached": "Итог: дозвонились, внешний абонент ответил, разговор {talk} с.",
    "outcome.not_reached": "Итог: не дозвонились",
    "outcome.unanswered": "Итог: без ответа",
    "reason.abandoned": ": звонящий положил трубку в очереди.",
    "reason.caller_hung_up": ": звонящий положил трубку, не дождавшись.",
    "reason.timeout": ": время ожидания вышло.",
    "reason.busy": ": занято.",
    "reason.rejected": ": вызов отклонили.",
    "reason.unreachable": ": вызываемый недоступен.",
    "reason.no_answer": ": трубку не сняли.",
    "reason.cancelled": ": свой сотрудник не стал ждать.",
    "reason.failed": ": связь не установилась.",
    "reason.ivr_only": ": звонок кончился в голосовом меню.",
    "reason.out_of_hours": ": нерабочее время.",
    "reason.voicemail": ": звонок приняла голосовая почта.",
    "reason.system_restart": ": телефонная станция перезапустилась.",
    "employees.talked": "Сотрудники: {people} — те, кто говорил, по порядку.",
    "employees.rang": "Сотрудники: {people} — никто не говорил, это те, у кого звонило.",
    "employees.called": "Сотрудники: {people} — разговора не было, звонили отсюда.",
    "employees.application": "Сотрудников нет: ни у кого не звонило. Где был звонок: {application}.",
    "employees.none": "Сотрудников нет: ни у кого не звонило.",
    "incomplete": "Часть событий потеряна: связи со станцией не было, сведения могут быть неполны.",
}

_EN = {
    "decimal": ".",
    "inbound": "Inbound: a channel of line {line} began the call, number {external_number}, dialled {did}.",
    "inbound.hidden": "Inbound: a channel of line {line} began the call, number hidden, dialled {did}.",
    "outbound": "Outbound: {caller_number} was put through line {line} to the outside number {external_number}.",
    "outbound.hidden": "Outbound: {caller_number} called outside, the outside number is not known.",
    "internal": "Internal: {caller_number} dialled {called_number}, no outside line took part.",
    "visit.answered": "Waited {wait} s in queue {queue}, answered by {answered_by}.",
    "visit.abandoned": "Waited {wait} s in queue {queue} and hung up.",
    "visit.timeout": "Waited {wait} s in queue {queue}, then the time was over and the call went on.",
    "visit.key": "Waited {wait} s in queue {queue} and left by a key.",
    "visit.empty": "Queue {queue} did not take the call: nobody is there to answer.",
    "visit.transferred": "Was transferred out of queue {queue} after {wait} s.",
    "visit.lost": "Was in queue {queue} for {wait} s, how that ended was not seen.",
    "leg.answered": "{party} rang for {ring} s and was put through, {talk} s of talk{status}.",
    "leg.at_once": "{party} was put through at once, {talk} s of talk{status}.",
    "leg.no_answer": "{party} rang for {ring} s and was not picked up{status}.",
    "leg.silent": "{party} was called, but did not ring{status}.",
    "leg.busy": "{party} was busy{status}.",
    "leg.rejected": "{party} rang for {ring} s and refused{status}.",
    "leg.cancelled": "{party} rang for {ring} s until the caller gave up{status}.",
    "leg.elsewhere": "{party} rang for {ring} s, the call was answered elsewhere{status}.",
    "leg.unreachable": "{party} could not be reached: the phone is not connected{status}.",
    "leg.failed": "{party} was not reached: the connection failed, cause {hangup_cause}{status}.",
    "leg.observer": "{party} listened and took no part.",
    "transfer.blind": "{from_party} transferred the call to {to_party}{done}.",
    "transfer.attended": "{from_party} transferred the call to {to_party} after talking to them{done}.",
    "transfer.attended.failed": "{from_party} was about to transfer the call to {to_party}, which did not happen.",
    "transfer.blonde": "{from_party} transferred the call to {to_party} while it rang there{done}.",
    "transfer.park": "{from_party} parked the call at {to_party}{done}.",
    "transfer.unpark": "{to_party} took the call from parking place {from_party}{done}.",
    "transfer.forward": "The phone of {from_party} forwarded the call to {to_party}{done}.",
    "transfer.pickup": "{to_party} picked up the call that rang at {from_party}{done}.",
    "transfer.failed": ", but nobody took it there",
    "outcome.answered": "Outcome: answered ({answered_by}), {talk} s of talk with people.",
    "outcome.missed": "Outcome: missed, no person answered",
    "outcome.reached": "Outcome: reached, the outside party answered, {talk} s of talk.",
    "outcome.not_reached": "Outcome: not reached",
    "outcome.unanswered": "Outcome: unanswered",
    "reason.abandoned": ": the caller hung up in the queue.",
    "reason.caller_hung_up": ": the caller hung up before.",
    "reason.timeout": ": the waiting time was over.",
    "reason.busy": ": busy.",
    "reason.rejected": ": the call was refused.",
    "reason.unreachable": ": the party could not be reached.",
    "reason.no_answer": ": nobody picked up.",
    "reason.cancelled": ": our own employee gave up.",
    "reason.failed": ": the connection failed.",
    "reason.ivr_only": ": the call ended in the voice menu.",
    "reason.out_of_hours": ": out of hours.",
    "reason.voicemail": ": the voicemail took the call.",
    "reason.system_restart": ": the phone system was restarted.",
    "employees.talked": "Employees: {people}: those who talked, in order.",
    "employees.rang": "Employees: {people}: nobody talked, these phones rang.",
    "employees.called": "Employees: {people}: nobody talked, the call was made from here.",
    "employees.application": "No employees: nobody's phone rang, {application} had the call.",
    "employees.none": "No employees: nobody's phone rang.",
    "incomplete": "Some events were lost: there was no link to the phone system, facts may be missing.",
}

_WORDS = {"ru": _RU, "en": _EN}
