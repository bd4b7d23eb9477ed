"""The employees with their phones: the device of each, what it does now, and who of them may log in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dash import dcc, html

from dashboard.components.icons import icon
from dashboard.components.people import plain_table
from dashboard.components.states import empty_state
from dashboard.context import current_actor, current_settings, current_store, now
from dashboard.text import t
from dashboard.text.formats import moment
from data.identity.users import User
from data.model import DeviceState
from data.queries import read

_LOOKS = {
    DeviceState.FREE: ("check2", "is-reached"),
    DeviceState.RINGING: ("bell", "is-accepted"),
    DeviceState.BUSY: ("telephone", "is-accepted"),
    DeviceState.OUT: ("x-lg", "is-lost"),
    DeviceState.UNKNOWN: ("circle", "is-cancelled"),
}


def employees_and_phones(users: Sequence[User]) -> html.Div:
    """One line a phone. users: who may log in."""
    rows = current_store().query(read("people/phones"), {"at": now()}, actor=current_actor()).to_pylist()
    if not rows:
        return empty_state(t("people.employees.none"), t("people.employees.why"), icon_name="people")
    logins = {user.employee_id: user for user in users if user.employee_id}
    heads = [t(f"people.employees.{name}") for name in ("name", "department", "phone", "device", "state", "login")]
    return plain_table(t("people.employees"), heads, [_row(row, logins.get(row["employee_id"])) for row in rows])


def _row(row: Mapping[str, Any], user: User | None) -> list[Any]:
    return [
        row["name"],
        row["department"] or "–",
        row["extension"] or "–",
        html.Code(row["device"]) if row["device"] else "–",
        _state(row),
        dcc.Link(user.login, href=f"/people/{user.login}") if user else "–",
    ]


def _state(row: Mapping[str, Any]) -> Any:
    if row["state"] is None:
        return "–"
    name, look = _LOOKS[DeviceState(row["state"])]
    since = moment(row["state_since_at"], now(), current_settings().site.zone)
    words = t(f"live.ui.lb.doing.{row['state']}").capitalize()
    return html.Span([icon(name), words], className=f"pill {look}", title=t("people.device.since", moment=since))
