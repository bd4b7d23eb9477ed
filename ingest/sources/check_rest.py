"""`check-pbx` over REST: what a MikoPBX tells the key of the settings."""

from __future__ import annotations

from data.errors import PbxError, PbxLoginRefused
from data.settings import Pbx
from ingest.sources.check_findings import Finding, Mark
from ingest.sources.mikopbx import MikoPbx

_LISTS = {
    "employees": "employees have no names unless they are typed in",
    "extensions": "extensions are known only by their calls",
    "call-queues": "queues have no names unless they are typed in",
    "providers": "lines have no names unless they are typed in",
    "incoming-routes": "office numbers have no channel names unless they are typed in",
    "off-work-times": "working hours are those of the settings",
}


def check_rest(pbx: Pbx) -> list[Finding]:
    """One finding per thing that is asked; none without a rest_url. Never raises PbxError."""
    if not pbx.rest_url:
        return []
    with MikoPbx(pbx, sleep=lambda _: None) as rest:
        try:
            page = rest.page(0, limit=1)
        except PbxError as error:
            return [Finding(mark=Mark.MISSING, subject="rest cdr", text=str(error))]
        told = "call records can be read" if page.records else "call records can be read; there are none yet"
        return [
            Finding(mark=Mark.GOOD, subject="rest cdr", text=told),
            *(_list(rest, name, without) for name, without in _LISTS.items()),
        ]


def _list(rest: MikoPbx, name: str, without: str) -> Finding:
    subject = f"rest {name}"
    try:
        count = len(rest.items(name))
    except PbxLoginRefused:
        return Finding(mark=Mark.MISSING, subject=subject, text=f"the key may not read this: {without}")
    except PbxError as error:
        return Finding(mark=Mark.UNKNOWN, subject=subject, text=str(error))
    return Finding(mark=Mark.GOOD, subject=subject, text=f"{count} told")
