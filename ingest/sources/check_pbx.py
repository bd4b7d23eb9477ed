"""`check-pbx`: what a PBX tells our user, what is missing for us, and the lines that mend it.

Some rights can be asked, others only be seen at work: a class of events that nobody caused while
we listened stays unknown, which is said, not guessed.
"""

from __future__ import annotations

import re
import threading
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from data.errors import PbxUnreachable
from data.services.standing import PbxRight
from data.settings import Pbx
from ingest.sources.ami import STOCK, Connection
from ingest.sources.check_findings import Finding, Mark
from ingest.stream import Framer, Message

READ = ("system", "call", "agent", "cdr", "user", "dialplan")
WRITE = ("reporting",)
ORIGINATE, AGENT = PbxRight.ORIGINATE, PbxRight.AGENT
RECORD_EVENTS = "Event: Cdr"
CDR_MANAGER = (
    "[general]", "enabled = yes", "[mappings]", "linkedid => LinkedID", "did => DID",
    "recordingfile => RecordingFile",
)  # fmt: skip
LISTEN_S = 5.0
WRITE_TIMEOUT_MS = 5000

_OLDEST_MANAGER = (1, 1)  # Asterisk 1.6: from there on the events are those that we know
_WHY = {
    "system": "restarts of the PBX are noticed late",
    "call": "there are no calls at all",
    "agent": "queues show no members and no waiting",
    "cdr": "reconstruction cannot be compared with the PBX's own records",
    "user": "recordings of MikoPBX have no names",
    "dialplan": "recordings have no names",
    "reporting": "after every loss of the link, open calls cannot be told from ended ones",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Everything that was found out about one PBX."""

    pbx: Pbx
    version: str
    own_address: str
    findings: tuple[Finding, ...]

    @property
    def usable(self) -> bool:
        return not any(finding.needed and finding.mark is Mark.MISSING for finding in self.findings)

    def text(self) -> str:
        """The report for a person, with the lines for manager.conf."""
        lines = [f"{self.pbx.name}: {self.pbx.host}:{self.pbx.port}, {self.version}", *lines_of(self.findings)]
        verdict = "can be used" if self.usable else "cannot be used as it is"
        missing = any(one.mark is not Mark.GOOD for one in self.findings)
        lines.append(f"This PBX {verdict}." + (" Compare manager.conf with these lines:" if missing else ""))
        if missing:
            lines += ["", *("    " + line for line in self.configuration().splitlines())]
        if any(one.subject == RECORD_EVENTS and one.mark is not Mark.GOOD for one in self.findings):
            lines += ["", "And cdr_manager.conf with these:", "", *("    " + line for line in CDR_MANAGER)]
        return "\n".join(lines)

    def configuration(self) -> str:
        """What manager.conf should hold; `manager reload` on the console of Asterisk puts it in force."""
        return "\n".join(
            [
                "[general]",
                "enabled = yes",
                "timestampevents = yes",
                "",
                f"[{self.pbx.user}]",
                "secret = (as in the settings of Callboard)",
                "deny = 0.0.0.0/0.0.0.0",
                f"permit = {self.own_address}/255.255.255.255",
                f"read = {','.join(READ)}",
                f"write = {','.join(_wanted_rights(self.pbx))}",
                f"writetimeout = {WRITE_TIMEOUT_MS}",
            ]
        )


def _wanted_rights(pbx: Pbx) -> tuple[str, ...]:
    """Rights to write: as few as the settings need."""
    return (*WRITE, *([ORIGINATE] * pbx.originate.enabled), *([AGENT] * pbx.queues.enabled))


def lines_of(findings: Sequence[Finding]) -> list[str]:
    """Findings for a person, one a line."""
    width = max(len(finding.subject) for finding in findings)
    return [f"  {one.mark:<7}  {one.subject:<{width}}  {one.text}" for one in findings]


def check(pbx: Pbx, *, listen_s: float = LISTEN_S, records: Sequence[Finding] = ()) -> Report:
    """Connect, log in, ask, listen for a moment. Raises PbxUnreachable, PbxLoginRefused.

    records: what was found out about the PBX's own records before.
    """
    connection = Connection(pbx)
    ear = _Ear()
    try:
        connection.connect()
        connection.login()
        connection.pass_to(ear)
        connection.wait_booted(listen_s)
        answers = {name: _ask(connection, name) for name in STOCK}
        settings, status = answers["CoreSettings"], answers["CoreStatus"]
        refused = [name for name, answer in answers.items() if "ermission" in answer.get("Message", "")]
        told = _told_rights(connection)
        ear.satisfied.wait(listen_s)
        findings = [
            _version(connection, settings),
            Finding(mark=Mark.GOOD, subject="running since", text=_since(status)),
            *(_read_right(name, told.get("read"), ear, connection) for name in READ),
            _stock(refused),
            *_originate_right(pbx, told.get("write")),
            *_agent_right(pbx, told.get("write")),
            _stamps(ear),
            _write_timeout(),
            _bills(settings),
            _record_events(ear, settings),
            *records,
        ]
        version = settings.get("AsteriskVersion") or "version not told"
        return Report(
            pbx=pbx, version=f"Asterisk {version}", own_address=connection.own_address, findings=tuple(findings)
        )
    finally:
        connection.close()


class _Ear:
    """Listens: which classes of events come, and whether they tell their time."""

    def __init__(self) -> None:
        self.classes: Counter[str] = Counter()
        self.names: Counter[str] = Counter()
        self.record_headers: set[str] = set()  # of `Event: Cdr`, in small letters
        self.events = 0
        self.stamped = 0
        self.satisfied = threading.Event()  # every class was heard
        self._framer = Framer()

    def append(self, at: float, data: bytes) -> bool:
        for raw, _ in self._framer.feed(data):
            message = Message(0, at, raw)
            fields = message.fields
            # Answers to our own questions, and the greeting, carry no time whatever the settings are.
            if not message.name or "ActionID" in fields:
                continue
            self.classes.update(fields.get("Privilege", "").split(","))
            self.names[message.name] += 1
            if message.name == "Cdr":
                self.record_headers.update(name.lower() for name in fields)
            if message.name != "FullyBooted":
                self.events += 1
                self.stamped += "Timestamp" in fields
        if self.events and all(self.classes[name] for name in READ):
            self.satisfied.set()
        return True


def _ask(connection: Connection, name: str) -> dict[str, str]:
    """The headers of the answer, be it a refusal."""
    return dict(connection.send_action({"Action": name}).headers)


def _told_rights(connection: Connection) -> dict[str, set[str]]:
    """Rights as the console of Asterisk tells them; only a user with the right `command` learns them."""
    try:
        answer = connection.send_action({"Action": "Command", "Command": f"manager show user {connection.pbx.user}"})
    except PbxUnreachable:
        return {}
    text = "\n".join(answer.response)
    found = re.findall(r"(read|write) perm:\s*([\w,]+)", text)
    return {kind: set(names.split(",")) for kind, names in found}


def _version(connection: Connection, settings: dict[str, str]) -> Finding:
    manager = settings.get("AMIversion") or connection.version
    numbers = tuple(int(part) for part in manager.split(".")[:2] if part.isdigit())
    is_known = numbers >= _OLDEST_MANAGER
    text = f"manager {manager}" if is_known else f"manager {manager or 'unknown'}: older than Asterisk 1.6"
    return Finding(mark=Mark.GOOD if is_known else Mark.UNKNOWN, subject="version", text=text)


def _since(status: dict[str, str]) -> str:
    moment = f"{status.get('CoreStartupDate', '')} {status.get('CoreStartupTime', '')}".strip()
    return moment or "not told"


def _read_right(name: str, told: set[str] | None, ear: _Ear, connection: Connection) -> Finding:
    subject, needed = f"read {name}", name == "call"
    if ear.classes[name] or (told and (name in told or "all" in told)) or (name == "system" and connection.booted):
        return Finding(mark=Mark.GOOD, subject=subject, text="events of this class come", needed=needed)
    if told or name == "system":
        return Finding(mark=Mark.MISSING, subject=subject, text=f"without it {_WHY[name]}", needed=needed)
    return Finding(mark=Mark.UNKNOWN, subject=subject, text="nothing of this class happened while we listened")


def _originate_right(pbx: Pbx, told: set[str] | None) -> list[Finding]:
    """Whether calls can be started; only a call would tell where the console does not."""
    if not pbx.originate.enabled:
        return []
    subject = f"write {ORIGINATE}"
    if told is None:
        return [Finding(mark=Mark.UNKNOWN, subject=subject, text="the PBX does not tell; try it from the journal")]
    if told & {ORIGINATE, "all"}:
        return [Finding(mark=Mark.GOOD, subject=subject, text="users can start calls")]
    return [Finding(mark=Mark.MISSING, subject=subject, text="without it nobody can be called back from the screen")]


def _agent_right(pbx: Pbx, told: set[str] | None) -> list[Finding]:
    """Whether members of queues can be changed."""
    if not pbx.queues.enabled:
        return []
    subject = f"write {AGENT}"
    if told is None:
        return [
            Finding(mark=Mark.UNKNOWN, subject=subject, text="the PBX does not tell; try a pause on the wall board")
        ]
    if told & {AGENT, "all"}:
        return [Finding(mark=Mark.GOOD, subject=subject, text="users can pause and log in to queues")]
    return [
        Finding(mark=Mark.MISSING, subject=subject, text="without it nobody is paused or logged in from the screen")
    ]


def _stock(refused: list[str]) -> Finding:
    if not refused:
        return Finding(mark=Mark.GOOD, subject="write reporting", text="stock can be taken at every login")
    text = f"{', '.join(refused)} refused: {_WHY['reporting']}"
    return Finding(mark=Mark.MISSING, subject="write reporting", text=text, needed=True)


def _stamps(ear: _Ear) -> Finding:
    subject = "timestampevents"
    if not ear.events:
        return Finding(mark=Mark.UNKNOWN, subject=subject, text="no event came while we listened")
    if ear.stamped == 0:
        text = "off: times are those of receipt, so a slow network makes waits and talks inexact"
        return Finding(mark=Mark.MISSING, subject=subject, text=text)
    return Finding(mark=Mark.GOOD, subject=subject, text="events tell their time")


def _write_timeout() -> Finding:
    text = f"cannot be asked; at its default of 100 ms Asterisk drops a busy reader, so set {WRITE_TIMEOUT_MS}"
    return Finding(mark=Mark.UNKNOWN, subject="writetimeout", text=text)


def _record_events(ear: _Ear, settings: dict[str, str]) -> Finding:
    if ear.names["Cdr"]:
        lost = [name for name in ("LinkedID", "DID", "RecordingFile") if name.lower() not in ear.record_headers]
        text = "records come" + (f", without {', '.join(lost)}: map them" if lost else "")
        return Finding(mark=Mark.UNKNOWN if lost else Mark.GOOD, subject=RECORD_EVENTS, text=text)
    if settings.get("CoreCDRenabled", "").lower() == "no":
        return Finding(mark=Mark.MISSING, subject=RECORD_EVENTS, text="cannot come while CDR is off")
    text = "no call ended while we listened; they serve the self-check where no file or database can be read"
    return Finding(mark=Mark.UNKNOWN, subject=RECORD_EVENTS, text=text)


def _bills(settings: dict[str, str]) -> Finding:
    is_on = settings.get("CoreCDRenabled", "").lower()
    if is_on == "no":
        return Finding(mark=Mark.MISSING, subject="call records", text="CDR is off in cdr.conf; " + _WHY["cdr"])
    mark = Mark.GOOD if is_on == "yes" else Mark.UNKNOWN
    return Finding(mark=mark, subject="call records", text="CDR is on" if is_on else "not told")
