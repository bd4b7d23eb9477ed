"""Parts of the page about privacy: forms, previews in words, and the certificate of an erasure."""

from __future__ import annotations

from typing import Any

from dash import dcc, html

from dashboard.components.forms import act, button, choice, form, text_field
from dashboard.components.icons import icon
from dashboard.components.people import plain_table
from dashboard.context import current_settings
from dashboard.text import t, tn
from dashboard.text.formats import date_time, number, phone
from data.person import Person
from data.services.erasing import LONGEST_REASON, Erasure, Held
from data.services.retention import DataClass, Hold, HoldKind, Preview

# What a page may be asked to say; nothing else from the address is shown.
SAID = ("kept", "held", "lifted", "asked")
_UNITS = ("byte", "kilobyte", "megabyte", "gigabyte", "terabyte")


def said(what: str) -> list[Any]:
    """The notice of what was just done; nothing for other words."""
    if what not in SAID:
        return []
    return [html.P([icon("check-circle"), html.Span(t(f"privacy.said.{what}"))], className="notice", role="status")]


def size(count: int) -> str:
    """Bytes as people say them: 18,2 ГБ."""
    value, unit = float(count), 0
    while value >= 1000 and unit < len(_UNITS) - 1:
        value, unit = value / 1000, unit + 1
    return f"{number(value, 1 if unit and value < 100 else 0)}\u00a0{t(f'privacy.unit.{_UNITS[unit]}')}"


def rules_table(known: dict[DataClass, int], events_days: int) -> html.Div:
    """What is kept how long, each with the way to another time."""
    rows = []
    for kind in DataClass:
        days = known.get(kind, events_days if kind is DataClass.EVENT else None)
        rows.append(
            [
                t(f"privacy.class.{kind}"),
                tn("privacy.days", days) if days else t("privacy.for_ever"),
                _ask_days(kind, days),
                t(f"privacy.class.{kind}.means"),
            ]
        )
    heads = [t("privacy.class"), t("privacy.kept"), t("privacy.change"), t("privacy.means")]
    return plain_table(t("privacy.retention"), heads, rows)


def _ask_days(kind: DataClass, days: int | None) -> html.Form:
    name = f"privacy-days-{kind}"
    words = t("privacy.days.of", name=t(f"privacy.class.{kind}"))
    return html.Form(
        [
            dcc.Input(type="hidden", name="class", value=kind.value),
            html.Label(words, htmlFor=name, className="visually-hidden"),
            dcc.Input(
                id=name,
                name="days",
                value=str(days or ""),
                type="text",
                inputMode="numeric",
                placeholder=t("privacy.days.unit"),
                pattern="[0-9]{1,5}",
                required=True,
                className="field privacy-days",
            ),
            button(t("privacy.preview")),
        ],
        method="GET",
        action="/settings/privacy",
        className="form-act privacy-ask",
    )


def retention_preview(kind: DataClass, days: int, shown: Preview) -> html.Section:
    """What would go, before it is switched on."""
    told = tn(f"privacy.count.{kind}", shown.rows)
    if shown.bytes:
        told += f", {size(shown.bytes)}"
    return html.Section(
        [
            html.H2(t("privacy.preview.of", name=t(f"privacy.class.{kind}"), days=tn("privacy.days", days))),
            html.P(t("privacy.preview.goes", what=told), className="privacy-told"),
            html.P(t("privacy.preview.note"), className="muted"),
            html.Div(
                [
                    act("/privacy/do/retention", t("privacy.switch_on"), "check2", kind=kind.value, days=str(days)),
                    act("/privacy/do/retention", t("privacy.switch_off"), kind=kind.value, days=""),
                ],
                className="privacy-acts",
            ),
        ],
        className="card-box people-card",
    )


def holds_table(found: list[Hold]) -> Any:
    if not found:
        return html.P(t("privacy.hold.none"), className="muted")
    zone = current_settings().site.zone
    rows = [
        [
            _subject(hold.subject_kind, hold.subject_id),
            hold.reason,
            date_time(hold.placed_at, zone),
            hold.placed_by,
            act("/privacy/do/hold/lift", t("privacy.hold.lift"), hold=hold.hold_id),
        ]
        for hold in found
    ]
    heads = [t("privacy.hold.what"), t("privacy.reason"), t("privacy.when"), t("privacy.who"), t("privacy.change")]
    return plain_table(t("privacy.holds"), heads, rows)


def hold_form() -> html.Form:
    kinds = {kind.value: t(f"privacy.hold.{kind}") for kind in HoldKind}
    return form(
        "/privacy/do/hold",
        [
            choice("kind", t("privacy.hold.what"), kinds),
            text_field("subject", t("privacy.hold.subject"), required=True, maxLength=200),
            text_field("reason", t("privacy.reason"), required=True, maxLength=LONGEST_REASON),
            button(t("privacy.hold.place")),
        ],
    )


def erase_form(typed: str) -> html.Form:
    """The way to the preview."""
    return html.Form(
        [
            text_field("person", t("privacy.erase.whom"), typed, required=True, maxLength=100),
            button(t("privacy.preview"), "search"),
        ],
        method="GET",
        action="/settings/privacy",
        className="form",
    )


def erase_preview(typed: str, person: Person, counts: dict[str, int]) -> html.Section:
    """Whose data would go and how much, with the button that does it."""
    told = [
        tn(f"privacy.erased.{name}", count)
        for name, count in counts.items()
        if count and name not in ("recording_bytes",)
    ]
    if counts.get("recording_bytes"):
        told.append(size(counts["recording_bytes"]))
    names = [*(phone(one) for one in person.numbers), *person.words]
    return html.Section(
        [
            html.H2(t("privacy.erase.preview")),
            html.P([html.Strong(", ".join(names))]),
            html.P(", ".join(told) or t("privacy.erase.nothing"), className="privacy-told"),
            html.P(t("privacy.erase.note"), className="muted"),
            form(
                "/privacy/do/erase",
                [
                    dcc.Input(type="hidden", name="person", value=typed),
                    text_field("reason", t("privacy.erase.reason"), required=True, maxLength=LONGEST_REASON),
                    button(t("privacy.erase.do"), "trash", primary=True),
                ],
            ),
        ],
        className="card-box people-card",
    )


def erasures_table(found: list[Erasure]) -> Any:
    if not found:
        return html.P(t("privacy.erase.none"), className="muted")
    zone = current_settings().site.zone
    rows = [
        [
            dcc.Link(date_time(one.asked_at, zone), href=f"/settings/privacy/{one.erasure_id}"),
            one.reason,
            one.asked_by,
            t(f"privacy.state.{one.state}"),
        ]
        for one in found
    ]
    heads = [t("privacy.when"), t("privacy.reason"), t("privacy.who"), t("privacy.state")]
    return plain_table(t("privacy.erasures"), heads, rows)


def certificate(one: Erasure) -> html.Section:
    """The document: what was erased, and what stays and why."""
    zone, told = current_settings().site.zone, one.certificate or {}
    facts: list[tuple[str, Any]] = [
        (t("privacy.reason"), one.reason),
        (t("privacy.asked"), f"{date_time(one.asked_at, zone)}, {one.asked_by}"),
        (t("privacy.state"), t(f"privacy.state.{one.state}")),
    ]
    if one.done_at:
        facts.append((t("privacy.done_at"), date_time(one.done_at, zone)))
    if told:
        facts += [
            (t("privacy.pseudonyms"), ", ".join(told["pseudonyms"]) or "–"),
            (t("privacy.rows"), ", ".join(_rows_words(told["rows"])) or "–"),
            (t("privacy.files.recordings"), f"{number(told['recordings'])}, {size(told['recording_bytes'])}"),
            (t("privacy.files.media"), number(told["media"])),
            (t("privacy.files.segments"), number(told["segments"])),
            (t("privacy.files.others"), number(told["files"] + told["preferences"])),
            (t("privacy.stays.backups"), ", ".join(told["backups"]) or t("privacy.stays.none")),
            (t("privacy.stays.unread"), ", ".join(told.get("unread", ())) or t("privacy.stays.none")),
            (t("privacy.stays.recordings"), ", ".join(told["not_deleted"]) or t("privacy.stays.none")),
        ]
    parts: list[Any] = [part for name, value in facts for part in (html.Dt(name), html.Dd(value))]
    return html.Section(
        [
            html.Dl(parts, className="plain-facts"),
            html.P(t("privacy.stays.note"), className="muted"),
        ],
        className="card-box people-card",
    )


def _rows_words(rows: dict[str, int]) -> list[str]:
    return [f"{t(f'privacy.row.{name}')}: {number(count)}" for name, count in rows.items()]


def held_words(held: Held) -> str:
    """Why an erasure is refused."""
    return t("privacy.erase.held", what=_subject(held.subject_kind, held.subject_id), reason=held.reason)


def _subject(kind: str, subject_id: str) -> str:
    return f"{t(f'privacy.hold.{kind}')} {phone(subject_id) if kind == HoldKind.NUMBER else subject_id}"
