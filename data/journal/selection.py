"""A filter of the journal as a condition for reports, so that both leave the same calls."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime

from data.identity.actor import Actor
from data.journal.compose import ids_statement
from data.journal.filter import CallFilter, CallKind
from data.journal.listing import Listing
from data.metrics.compiler import Restriction
from data.settings import Site

_NAMESPACE = "filter_"


def restriction(wanted: CallFilter, *, actor: Actor, site: Site, as_of: datetime) -> Restriction | None:
    """The calls that the journal would list; None: the filter lets all pass.

    Without a choice of kinds internal calls count too, which the journal hides: a report tells them apart.
    Parameters begin with `filter_`, to meet those of a report.
    """
    if not wanted.kinds:
        wanted = replace(wanted, kinds=frozenset(CallKind))
    everything = CallFilter(kinds=frozenset(CallKind), from_at=wanted.from_at, until_at=wanted.until_at)
    if wanted == everything and actor.sees_all:
        return None
    sql, params = ids_statement(Listing(actor=actor, wanted=wanted, site=site, as_of=as_of))
    apart = re.sub(r"\$([a-z_])", rf"${_NAMESPACE}\1", sql)
    return Restriction(
        sql=f"call.call_id in (\n{apart}\n)",
        params={_NAMESPACE + name: value for name, value in params.items()},
    )
