"""The script of a live call from outside: a generator that yields the seconds until its next step."""

from __future__ import annotations

from collections.abc import Generator

from data.model import Direction, Outcome, Reason
from ingest.simulator.handover import Handover
from ingest.simulator.lines import Line
from ingest.simulator.office import MENU, RING_GROUP, TRUNK, Did, Employee
from ingest.simulator.phones import Phones, Ring, Steps, outside
from ingest.simulator.stage import Stage
from ingest.simulator.switch import RING, UP
from ingest.simulator.truth import Truth
from ingest.simulator.wire import Channel

_QUEUE_S = 60.0
_ROUND_S = 15.0
_RETRY_S = 5.0
_GROUP_PHONES = 6


class Inbound:
    """Every way in which a caller from outside can fare."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._pbx = stage.pbx
        self._phones = Phones(stage)
        self._handover = Handover(stage, self._phones)

    def call(self, number: str | None, did: Did) -> Steps:
        """A call from outside to one of the office's numbers; `number` None: hidden."""
        stage, pbx = self._stage, self._pbx
        shown, name = outside(number)
        caller = pbx.channel(TRUNK, number=shown, name=name, context="from-trunk", exten=did.number, state=RING)
        truth = stage.begins(Direction.INBOUND, caller, Outcome.MISSED)
        truth.external_number, truth.did = number, did.number
        truth.caller_number, truth.called_number = number, did.number
        pbx.run(caller, "Set", f"__FROM_DID={did.number}")
        pbx.variable(caller, "__FROM_DID", did.number)
        route = did.route
        if route == "ivr":
            choice = yield from self._menu(truth, caller)
            if choice is None:
                return
            route = choice
        patience = 0.6 + 3 * stage.draw() if stage.draw() < 0.03 else stage.spread(45.0, 2.0)
        if route == "group":
            yield from self._group(truth, caller, patience)
        elif route == "direct":
            yield from self._desk(truth, caller, patience)
        else:
            yield from self._queue(truth, caller, route, patience)

    def _menu(self, truth: Truth, caller: Channel) -> Generator[float, None, str | None]:
        """The menu; which way was chosen, None if the caller hung up."""
        stage, pbx = self._stage, self._pbx
        caller.goes("ivr-main", "s")
        pbx.run(caller, "Answer")
        pbx.state(caller, UP)
        pbx.run(caller, "Background", MENU)
        yield stage.spread(5.0, 1.0, 25.0)
        if stage.draw() < 0.08:
            pbx.asks_to_hang_up(caller)
            self._over(truth, caller, Reason.IVR_ONLY, cause=0)
            return None
        drawn = stage.draw()
        return "sales" if drawn < 0.5 else "support" if drawn < 0.82 else "delivery" if drawn < 0.93 else "group"

    def _queue(self, truth: Truth, caller: Channel, name: str, patience: float) -> Steps:
        stage, pbx = self._stage, self._pbx
        line = stage.lines.by_name[name]
        if caller.state != UP:
            pbx.state(caller, UP)
        caller.goes("ext-queues", line.queue.extension, 3)
        pbx.run(caller, "Queue", f"{name},tT,,,{_QUEUE_S:.0f}")
        place = stage.lines.joins(line, caller)
        entered = pbx.wire.stamp
        truth.queues.append(name)
        truth.waits_since = entered
        gives_up, until = entered + patience, entered + min(patience, _QUEUE_S)
        while stage.now < until:
            members = self._next_members(caller, line)
            if not members:
                yield min(1.0, max(0.01, until - stage.now))
                continue
            ring = Ring(seconds=min(_ROUND_S, until - stage.now), patience=max(0.2, gives_up - stage.now))
            line.offered.add(caller.uniqueid)
            yield from self._phones.ring(truth, caller, members, ring, line)
            line.offered.discard(caller.uniqueid)
            if ring.answered is not None:
                yield from self._served(truth, caller, line.queue.name, ring, entered)
                return
            if ring.gave_up:
                stage.lines.abandons(line, caller, place=place, waited=stage.now - entered)
                stage.lines.leaves(line, caller)
                self._over(truth, caller, Reason.ABANDONED, cause=0)
                return
            yield max(0.0, min(_RETRY_S, until - stage.now))
        gave_up = stage.now >= gives_up
        if gave_up:
            pbx.asks_to_hang_up(caller)
        pbx.music(caller, begins=False)
        stage.lines.abandons(line, caller, place=place, waited=stage.now - entered)
        stage.lines.leaves(line, caller)
        if gave_up:
            self._over(truth, caller, Reason.ABANDONED, cause=0)
            return
        yield 0.004  # the dialplan goes on
        yield from self._group(truth, caller, patience - _QUEUE_S)

    def _next_members(self, caller: Channel, line: Line) -> list[Employee]:
        """Whose phones ring next for this caller; free members are left to those who wait longer."""
        members = line.callable
        order = members[line.next_member :] + members[: line.next_member]
        free = [member for member in order if self._stage.is_free(member)]
        before = [waiting for waiting in line.waiting if waiting.uniqueid not in line.offered].index(caller)
        if len(free) <= before:
            return []
        line.next_member = (line.next_member + 1) % max(1, len(members))
        return free[before : before + line.queue.rings]

    def _served(self, truth: Truth, caller: Channel, name: str, ring: Ring, entered: float) -> Steps:
        """A member answered: talk until one of the two hangs up."""
        stage, pbx, attempt = self._stage, self._pbx, ring.answered
        assert attempt is not None  # noqa: S101 - for the type checker: callers asked
        line, wait = stage.lines.by_name[name], stage.now - entered
        pbx.music(caller, begins=False)
        stage.lines.leaves(line, caller)
        stage.lines.connects(line, caller, attempt.near, attempt.member, wait, ring.rang_s)
        begun = stage.now

        def completes(by: str) -> None:
            stage.lines.completes(line, caller, attempt.near, attempt.member, wait, stage.now - begun, by)

        yield from self._handover.talk(truth, caller, attempt, ring, completes)
        self._over(truth, caller, None, cause=16)

    def _group(self, truth: Truth, caller: Channel, patience: float) -> Steps:
        stage, pbx = self._stage, self._pbx
        members = [stage.office.employees[at] for at in stage.office.team(stage.office.group_team)][:_GROUP_PHONES]
        caller.goes("ext-group", RING_GROUP, 2)
        devices = "&".join(member.device for member in members)
        pbx.run(caller, "Dial", f"{devices},25,TtU(sub-rec^{RING_GROUP})")
        yield from self._rings_until(truth, caller, members, Ring(seconds=25.0, patience=patience))

    def _desk(self, truth: Truth, caller: Channel, patience: float) -> Steps:
        stage, pbx = self._stage, self._pbx
        member = stage.office.employees[int(stage.draw() * len(stage.office.employees))]
        caller.goes("ext-local", member.extension, 4)
        pbx.run(caller, "Dial", f"{member.device},20,TtU(sub-rec^{member.extension})")
        yield from self._rings_until(truth, caller, [member], Ring(seconds=20.0, patience=patience))

    def _rings_until(self, truth: Truth, caller: Channel, members: list[Employee], ring: Ring) -> Steps:
        pbx = self._pbx
        pbx.dial_variables(caller)
        all_engaged = not any(self._stage.is_free(member) for member in members)
        yield from self._phones.ring(truth, caller, members, ring)
        if ring.answered is not None:
            pbx.variable(caller, "DIALSTATUS", "ANSWER")
            if caller.state != UP:
                pbx.state(caller, UP)
            yield from self._handover.talk(truth, caller, ring.answered, ring)
            self._over(truth, caller, None, cause=16)
            return
        pbx.variable(caller, "DIALSTATUS", "CANCEL" if ring.gave_up else "BUSY" if all_engaged else "NOANSWER")
        hung_up = ring.gave_up
        if all_engaged:
            # Who was let in by a menu or a queue hears no busy tone: to him nobody answered.
            self._over(truth, caller, Reason.NO_ANSWER if caller.state == UP else Reason.BUSY, cause=17)
        else:
            self._over(
                truth, caller, Reason.CALLER_HUNG_UP if hung_up else Reason.TIMEOUT, cause=127 if hung_up else 19
            )

    def _over(self, truth: Truth, caller: Channel, reason: Reason | None, *, cause: int) -> None:
        """The caller's channel goes last, and with it the call."""
        pbx = self._pbx
        if reason is None:
            truth.outcome = Outcome.ANSWERED
        else:
            truth.reason = reason
            pbx.soft_hang_up(caller)
            pbx.cdr(
                caller, None, destination=caller.exten, answered_at=None, disposition="NO ANSWER", did=truth.did or ""
            )
        pbx.hang_up(caller, cause)
        self._stage.ends(truth)
