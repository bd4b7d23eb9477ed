"""Talking after an answer: hold, blind and attended transfer, and hanging up."""

from __future__ import annotations

from collections.abc import Callable

from data.model import TransferKind
from ingest.simulator.office import Employee
from ingest.simulator.phones import Attempt, Phones, Ring, Steps
from ingest.simulator.stage import Stage
from ingest.simulator.switch import DOWN, RING, UP
from ingest.simulator.truth import TrueTransfer, Truth
from ingest.simulator.wire import Bridge, Channel

_TRANSFER_SHARE = 0.12
_HOLD_SHARE = 0.12

Completes = Callable[[str], None]


class Handover:
    """Plays a conversation of an outside caller from the bridge to the last phone's hang-up.

    The caller's own channel is left alive: whoever began the script ends it.
    """

    def __init__(self, stage: Stage, phones: Phones) -> None:
        self._stage = stage
        self._pbx = stage.pbx
        self._phones = phones

    def talk(
        self, truth: Truth, caller: Channel, attempt: Attempt, ring: Ring, completes: Completes | None = None
    ) -> Steps:
        """Bridge the two, perhaps hold or hand over, and part."""
        stage, pbx, phone = self._stage, self._pbx, attempt.phone
        if attempt.halves is not None:
            yield from self._through_local(truth, caller, attempt, ring, completes)
            return
        bridge = pbx.bridge(phone, caller)
        begun = pbx.wire.stamp
        truth.answered_at = begun
        target = stage.somebody(but=attempt.member.extension) if stage.draw() < _TRANSFER_SHARE else None
        if target is not None and ring.talk_s > 6:
            # Taken at once, so that nobody else calls the colleague meanwhile.
            stage.busy.add(target.extension)
            yield ring.talk_s * 0.4
            way = self._blind if stage.draw() < 0.5 else self._attended
            yield from way(truth, caller, attempt.member, phone, bridge, target, begun, completes)
            return
        yield from self._with_hold(phone, caller, ring.talk_s)
        by_caller = stage.draw() < 0.55
        pbx.asks_to_hang_up(caller if by_caller else phone, 16)
        if completes is not None:
            completes("caller" if by_caller else "agent")
        self._part(truth, caller, attempt.member, phone, bridge, begun, ring.file)

    def _through_local(
        self, truth: Truth, caller: Channel, attempt: Attempt, ring: Ring, completes: Completes | None
    ) -> Steps:
        """Both halves of the Local channel stay between the two: two bridges."""
        stage, pbx, phone = self._stage, self._pbx, attempt.phone
        assert attempt.halves is not None  # noqa: S101 - for the type checker: the caller asked
        one, two = attempt.halves
        pbx.state(two, UP)
        far = pbx.bridge(phone, two)
        near = pbx.bridge(one, caller)
        begun = pbx.wire.stamp
        truth.answered_at = begun
        yield ring.talk_s
        pbx.asks_to_hang_up(caller)
        if completes is not None:
            completes("caller")
        pbx.leaves(near, caller)
        truth.talked(attempt.member.extension, begun, pbx.wire.stamp)
        pbx.soft_hang_up(caller)
        pbx.leaves(near, one)
        pbx.asks_to_hang_up(two, 16)
        pbx.hang_up(one, 16)
        pbx.leaves(far, two)
        pbx.leaves(far, phone)
        pbx.soft_hang_up(two)
        self._bill(truth, caller, phone, begun, ring.file)
        pbx.hang_up(two, 16)
        pbx.hang_up(phone, 16)
        stage.busy.discard(attempt.member.extension)

    def _with_hold(self, phone: Channel, caller: Channel, talk_s: float) -> Steps:
        stage, pbx = self._stage, self._pbx
        if talk_s < 20 or stage.draw() > _HOLD_SHARE:
            yield talk_s
            return
        yield talk_s * 0.4
        pbx.holds(phone, caller)
        yield talk_s * 0.2
        pbx.takes_back(phone, caller)
        yield talk_s * 0.4

    def _blind(
        self,
        truth: Truth,
        caller: Channel,
        first: Employee,
        phone: Channel,
        bridge: Bridge,
        target: Employee,
        begun: float,
        completes: Completes | None,
    ) -> Steps:
        stage, pbx = self._stage, self._pbx
        pbx.wire.event("Unhold", phone.fields())
        pbx.wire.event(
            "BlindTransfer", "Result: Success\r\n", phone.fields("Transferer"), caller.fields("Transferee"),
            bridge.fields(),
            more=(("IsExternal", "Yes"), ("Context", "from-internal"), ("Extension", target.extension)),
        )  # fmt: skip
        if completes is not None:
            completes("transfer")
        pbx.leaves(bridge, phone)
        truth.talked(first.extension, begun, pbx.wire.stamp)
        caller.goes("from-internal", target.extension, 4)
        pbx.leaves(bridge, caller)
        pbx.hang_up(phone, 16)
        stage.busy -= {first.extension, target.extension}
        pbx.run(caller, "Dial", f"{target.device},20,TtU(sub-rec^{target.extension})")
        pbx.dial_variables(caller)
        ring = Ring(seconds=15.0, patience=60.0)
        yield from self._phones.ring(truth, caller, [target], ring)
        completed = ring.answered is not None
        truth.transfers.append(
            TrueTransfer(
                kind=TransferKind.BLIND, from_party=first.extension, to_party=target.extension, completed=completed
            )
        )
        pbx.variable(caller, "DIALSTATUS", "ANSWER" if completed else "NOANSWER")
        if ring.answered is None:
            return
        second = ring.answered.phone
        bridge = pbx.bridge(second, caller)
        since = pbx.wire.stamp
        yield from self._with_hold(second, caller, ring.talk_s)
        pbx.asks_to_hang_up(caller, 16)
        self._part(truth, caller, target, second, bridge, since, ring.file)

    def _attended(
        self,
        truth: Truth,
        caller: Channel,
        first: Employee,
        phone: Channel,
        bridge: Bridge,
        target: Employee,
        begun: float,
        completes: Completes | None,
    ) -> Steps:
        """The phone holds the caller, asks the colleague in a second call, and joins the two."""
        stage, pbx = self._stage, self._pbx
        pbx.holds(phone, caller)
        yield 0.8
        asking = pbx.channel(
            first.device, number=first.extension, name=first.name, context="from-internal", exten=target.extension,
            state=RING,
        )  # fmt: skip
        pbx.run(asking, "Dial", f"{target.device},20,TtU(sub-rec^{target.extension})")
        pbx.dial_variables(asking)
        asked = pbx.channel(
            target.device, number=target.extension, name=target.name, context="from-internal", exten="s", state=DOWN,
            linked=asking,
        )  # fmt: skip
        truth.channels += [asking.uniqueid, asked.uniqueid]
        pbx.dial(asking, asked, target.extension, target.extension)
        yield 0.1
        pbx.rings(asking, asked)
        truth.rings(target.extension, pbx.wire.stamp)
        yield stage.spread(3.0, 1.0, 12.0)
        talk_s = stage.talk_s(40.0)
        pbx.state(asked, UP)
        file = stage.record(truth, asked, target.extension, first.extension, talk_s + 6)
        pbx.dial_ends(asking, asked, "ANSWER")
        pbx.state(asking, UP)
        consultation = pbx.bridge(asked, asking)
        yield stage.spread(6.0, 2.0, 20.0)
        pbx.takes_back(phone, caller)
        pbx.wire.event("Unhold", asking.fields())
        pbx.leaves(bridge, caller)
        pbx.leaves(consultation, asking)
        pbx.enters(consultation, caller)
        since = pbx.wire.stamp
        self._tell_attended(phone, asking, caller, asked, bridge, consultation)
        # From here on the colleague's channel belongs to the caller's call, without an event that says so.
        asked.linkedid = caller.linkedid
        asked.connected, asked.connected_name = caller.number, caller.caller_name
        caller.connected, caller.connected_name = target.extension, target.name
        if completes is not None:
            completes("transfer")
        truth.talked(first.extension, begun, since)
        truth.transfers.append(
            TrueTransfer(
                kind=TransferKind.ATTENDED, from_party=first.extension, to_party=target.extension, completed=True
            )
        )
        pbx.soft_hang_up(asking)
        pbx.leaves(bridge, phone)
        pbx.hang_up(asking, 16)
        pbx.hang_up(phone, 16)
        stage.busy.discard(first.extension)
        yield talk_s
        pbx.asks_to_hang_up(caller, 16)
        self._part(truth, caller, target, asked, consultation, since, file)

    def _tell_attended(
        self, phone: Channel, asking: Channel, caller: Channel, asked: Channel, held: Bridge, joined: Bridge
    ) -> None:
        self._pbx.wire.event(
            "AttendedTransfer", "Result: Success\r\n", phone.fields("OrigTransferer"), held.fields("Orig"),
            asking.fields("SecondTransferer"), joined.fields("Second"), caller.fields("Transferee"),
            asked.fields("TransferTarget"),
            more=(("IsExternal", "No"), ("DestType", "Bridge"), ("DestBridgeUniqueid", joined.uniqueid)),
        )  # fmt: skip

    def _part(
        self, truth: Truth, caller: Channel, member: Employee, phone: Channel, bridge: Bridge, since: float, file: str
    ) -> None:
        """Both leave the bridge and the phone hangs up."""
        pbx = self._pbx
        pbx.leaves(bridge, caller)
        truth.talked(member.extension, since, pbx.wire.stamp)
        pbx.leaves(bridge, phone)
        pbx.soft_hang_up(caller)
        self._bill(truth, caller, phone, since, file)
        pbx.hang_up(phone, 16)
        self._stage.busy.discard(member.extension)

    def _bill(self, truth: Truth, caller: Channel, phone: Channel, since: float, file: str) -> None:
        self._pbx.cdr(
            caller, phone, destination=caller.exten, answered_at=since, disposition="ANSWERED", did=truth.did or "",
            recording=file,
        )  # fmt: skip
