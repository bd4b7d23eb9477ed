"""The call journal: pages of calls as somebody may see them, counted, and one call in full.

journal = CallJournal(store, site=settings.site)
page = journal.page(actor, CallFilter(kinds=frozenset({CallKind.MISSED})), as_of=now)
more = journal.page(actor, …, as_of=now, after=page.after)
"""

from data.journal.filter import CallFilter, CallKind, LeadState, Sort, SortBy
from data.journal.pages import CallJournal, CallPage
from data.journal.rows import CallDetails, CallRow, Person, RecordingFile

__all__ = [
    "CallDetails",
    "CallFilter",
    "CallJournal",
    "CallKind",
    "CallPage",
    "CallRow",
    "LeadState",
    "Person",
    "RecordingFile",
    "Sort",
    "SortBy",
]
