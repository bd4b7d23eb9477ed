"""Where something about a person can stand: the one list of columns that an erasure looks through.

A test compares it with the schema: a new column of text is named here, in PERSONAL or in HARMLESS.
"""

from __future__ import annotations

from collections.abc import Mapping

# table -> columns. What people write is searched in every spelling, what machines write by its digits.
PERSONAL: Mapping[str, frozenset[str]] = {
    "account": frozenset({"name", "folded", "notes", "external_id", "emails", "messengers"}),
    "account_merge": frozenset({"kept_notes", "kept_emails", "kept_messengers"}),
    "agent_session": frozenset({"party", "member_name"}),
    "ami_event": frozenset({"fields"}),
    "audit": frozenset({"subject_id", "detail"}),
    "call": frozenset(
        {
            "external_number",
            "external_number_raw",
            "caller_number",
            "caller_name",
            "called_number",
            "answered_by",
            "rang",
            "employees",
            "conference",
        }
    ),
    "call_interval": frozenset({"party", "other"}),
    "callback": frozenset({"number", "note"}),
    "chat": frozenset({"user_key", "title", "number", "last_text"}),
    "chat_automation": frozenset({"event_key"}),
    "chat_event": frozenset({"detail"}),
    "comment": frozenset({"text"}),
    "comment_history": frozenset({"text"}),
    "contact": frozenset({"name", "folded", "position", "emails", "messengers", "external_id"}),
    "contact_gone": frozenset({"name", "position", "external_id"}),
    "erasure": frozenset({"reason", "error"}),  # the subject is whose data goes; the certificate is made without
    "hook_event": frozenset({"headers", "error"}),  # the body has a step of its own
    "lead": frozenset({"number", "name", "comment", "result"}),
    "leg": frozenset({"channel", "caller", "party", "device"}),
    "legal_hold": frozenset({"subject_id", "reason"}),
    "message": frozenset(
        {
            "messenger_message_id",
            "former_ids",
            "author",
            "author_name",
            "text",
            "error",
            "client_key",
            "payload",
            "media",
            "media_ref",
            "media_name",
            "reaction",
            "change_text",
            "change_error",
        }
    ),
    "message_change": frozenset({"messenger_message_id", "error", "text"}),
    "number": frozenset({"number", "raw"}),
    "orphan_file": frozenset({"path"}),
    "outbox": frozenset({"target", "subject_id", "payload", "error"}),
    "phone_assignment": frozenset({"number"}),
    "queue_visit": frozenset({"answered_by"}),
    "recording": frozenset({"file", "path", "party", "heard"}),
    "saved_view": frozenset({"title", "query"}),
    "source_difference": frozenset({"ours", "theirs"}),
    "task": frozenset({"title", "notes"}),
    "transfer": frozenset({"from_party", "to_party"}),
}

# Written by people, or by the other side of a messenger: numbers come with blanks and dashes.
WRITTEN = frozenset(
    {
        "account",
        "account_merge",
        "audit",
        "callback",
        "chat",
        "chat_event",
        "comment",
        "comment_history",
        "contact",
        "contact_gone",
        "erasure",
        "hook_event",
        "lead",
        "legal_hold",
        "message",
        "outbox",
        "saved_view",
        "task",
    }
)

# Columns of text that say nothing of a caller: closed sets, our own ids, the office and its staff.
HARMLESS = frozenset(
    {
        # by name, in every table
        "actor application asked_by assigned_by author_kind body category cause changed_by checksum class closes",
        "codec colour config country created_by department device dial_status did direction dismissed_by",
        "dismissed_name done_by email enabled field filled_from first_call_id group kind language last_kind",
        "lifted_by line login made_by media_state media_type merged_by messenger messenger_account",
        "number_class opens operator outcome owner owner_name page pbx peaks placed_by queue queues reason region",
        "ring_group role rule said_by schema_version shortcut source state state_detail subject_kind tagged_by",
        "removed_by undone_by",
        # ids
        "account alias call_id channels channel_id recording_id",
        # where the name alone does not tell
        "acquisition_channel.title audit.action agent_session.reason ami_event.name backup.error",
        "backup.file canned_reply.text setting.name setting.value",
        "canned_reply.title comment.author comment.author_name comment.subject_id comment_history.author",
        "comment_history.author_name employee.name employee.external_id erasure.subject erasure.certificate",
        "extension.extension holiday.title leg.result line.title message_template.name message_template.body",
        "messenger_account.title numbering_range.code numbering_range.from_number numbering_range.to_number",
        "message.change_kind queue.extension queue.title queue_visit.result ring_group.title tag.title task.subject_id",
    }
)


def is_harmless(table: str, column: str) -> bool:
    names = {name for line in HARMLESS for name in line.split()}
    return column in names or f"{table}.{column}" in names
