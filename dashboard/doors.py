"""What every address needs: the one list that the walk of all roles through all doors is compared with.

The services and the store enforce the rights; nothing here does. A new route, page, callback or file
without its line makes tests/dashboard/test_role_walk.py fail, and so does one that lets in others.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from data.identity.actor import Permission as P


class Everybody(StrEnum):
    """Doors that need no right."""

    STRANGERS = "strangers"  # also those who have not logged in
    USERS = "users"  # everybody who has logged in


Need = Everybody | frozenset[P]

_STRANGERS, _USERS = Everybody.STRANGERS, Everybody.USERS


def _all_of(*permissions: P) -> Need:
    return frozenset(permissions)


# "METHOD route", as Flask or Starlette write the route. With "?…": the same door, asked for more.
DOORS: Mapping[str, Need] = {
    # before the login
    "GET /login": _STRANGERS,
    "POST /login": _STRANGERS,
    "GET /healthz": _STRANGERS,
    "GET /readyz": _STRANGERS,
    "GET /assets/{path:path}": _STRANGERS,
    "GET /_dash-component-suites/{path:path}": _STRANGERS,
    "GET /_dash-component-suites/<string:package_name>/<path:fingerprinted_path>": _STRANGERS,
    "GET /_favicon.ico": _STRANGERS,
    "GET /hooks/{account}": _STRANGERS,  # messengers prove who they are by signatures
    "POST /hooks/{account}": _STRANGERS,
    "GET /metrics": _all_of(P.SETTINGS),  # or from this machine itself (dashboard/vitals.py)
    # the frame of the pages; what a page needs stands in its PAGE
    "GET /": _USERS,
    "GET /<path:path>": _USERS,
    "GET /_dash-assets/<path:filename>": _USERS,
    "GET /_dash-dependencies": _USERS,
    "GET /_dash-layout": _USERS,
    "GET /_reload-hash": _USERS,
    "POST /_dash-update-component": _USERS,
    "GET /events": _USERS,
    # oneself
    "GET /password": _USERS,
    "POST /password": _USERS,
    "POST /logout": _USERS,
    "GET /api/me": _USERS,
    "GET /api/me/preferences": _USERS,
    "PUT /api/me/preferences/<name>": _USERS,
    "GET /api/link": _USERS,
    "GET /api/openapi.json": _USERS,
    # calls
    "GET /api/calls": _all_of(P.SEE_CALLS),
    "GET /api/calls?number=79161234567": _all_of(P.SEE_CALLS, P.FULL_NUMBERS),
    "GET /api/calls/<call_id>": _all_of(P.SEE_CALLS),
    "GET /api/calls/count": _all_of(P.SEE_CALLS),
    "GET /api/calls/live": _all_of(P.SEE_CALLS),
    "GET /api/calls/export.<form>": _all_of(P.SEE_CALLS, P.EXPORT),
    "POST /api/calls/export.<form>": _all_of(P.SEE_CALLS, P.EXPORT),
    "GET /api/calls/<call_id>/events": _all_of(P.SEE_CALLS, P.SEE_RAW_EVENTS),
    "GET /api/calls/<call_id>/events.ami": _all_of(P.SEE_CALLS, P.SEE_RAW_EVENTS),
    "POST /api/dial": _all_of(P.CALL),
    "GET /api/dial/<order>": _all_of(P.CALL),
    "PUT /api/calls/<call_id>/comment": _all_of(P.SEE_CALLS, P.COMMENT),
    "GET /api/calls/<call_id>/comment/history": _all_of(P.SEE_CALLS),
    "POST /api/calls/<call_id>/client": _all_of(P.SEE_CALLS, P.EDIT_CLIENTS),
    "GET /api/directory": _all_of(P.SEE_CALLS),
    "GET /api/slice": _all_of(P.SEE_CALLS),
    "GET /recordings/{recording_id}": _all_of(P.LISTEN),
    "GET /recordings/{recording_id}?download=1": _all_of(P.LISTEN, P.DOWNLOAD),
    "GET /api/recording-files/<which>.<form>": _all_of(P.DOWNLOAD, P.EXPORT),
    "GET /recordings/{recording_id}/peaks": _all_of(P.LISTEN),
    # chats
    "GET /media/{message_id}": _all_of(P.CHAT),
    # messengers
    "GET /api/messengers": _all_of(P.SETTINGS),
    "POST /api/messengers": _all_of(P.SETTINGS),
    "PUT /api/messengers/<account>": _all_of(P.SETTINGS),
    "DELETE /api/messengers/<account>": _all_of(P.SETTINGS),
    "POST /api/messengers/<account>/secrets": _all_of(P.SETTINGS),
    "POST /api/messengers/<account>/ask": _all_of(P.SETTINGS),
    "POST /api/messengers/again": _all_of(P.SETTINGS, P.CHAT),
    "POST /api/messengers/read-again": _all_of(P.SETTINGS),
    "GET /api/messengers/asked/<kind>/<order_id>": _all_of(P.SETTINGS),
    "POST /api/messengers/replies": _all_of(P.SETTINGS),
    "PUT /api/messengers/replies/<reply_id>": _all_of(P.SETTINGS),
    "DELETE /api/messengers/replies/<reply_id>": _all_of(P.SETTINGS),
    # tags and saved filters
    "GET /api/tags": _all_of(P.SEE_CALLS),
    "POST /api/tags": _all_of(P.COMMENT),
    "PUT /api/tags/<tag_id>": _all_of(P.TAGS),
    "DELETE /api/tags/<tag_id>": _all_of(P.TAGS),
    "POST /api/calls/tags": _all_of(P.SEE_CALLS, P.COMMENT),
    "GET /api/views": _USERS,
    "POST /api/views": _USERS,
    "DELETE /api/views/<view_id>": _USERS,
    # clients
    "GET /api/accounts": _all_of(P.SEE_CALLS, P.EXPORT),  # without a search: all of them
    "GET /api/accounts?q=ромашка": _all_of(P.SEE_CALLS),
    "POST /api/accounts": _all_of(P.EDIT_CLIENTS),
    "GET /api/accounts/<uuid:account_id>": _all_of(P.SEE_CALLS),
    "PATCH /api/accounts/<uuid:account_id>": _all_of(P.EDIT_CLIENTS),
    "GET /api/contacts": _all_of(P.SEE_CALLS, P.EXPORT),
    "POST /api/contacts": _all_of(P.EDIT_CLIENTS),
    "GET /api/contacts/<uuid:contact_id>": _all_of(P.SEE_CALLS),
    "PATCH /api/contacts/<uuid:contact_id>": _all_of(P.EDIT_CLIENTS),
    "GET /api/phonebook?number=79161234567": _all_of(P.SEE_CALLS, P.FULL_NUMBERS),
    "GET /api/clients": _all_of(P.SEE_CALLS),
    "GET /api/clients/count": _all_of(P.SEE_CALLS),
    "GET /api/clients/export.<form>": _all_of(P.SEE_CALLS, P.EXPORT),
    "GET /api/clients/duplicates": _all_of(P.EDIT_CLIENTS, P.FULL_NUMBERS),
    "GET /api/clients/numbers?number=79161234567": _all_of(P.SEE_CALLS, P.FULL_NUMBERS),
    "GET /api/clients/<account_id>": _all_of(P.SEE_CALLS),
    "GET /api/clients/<account_id>/feed": _all_of(P.SEE_CALLS),
    "GET /api/clients/<account_id>/comment/history": _all_of(P.SEE_CALLS),
    "PUT /api/clients/<account_id>/comment": _all_of(P.SEE_CALLS, P.COMMENT),
    "POST /api/clients": _all_of(P.EDIT_CLIENTS),
    "PUT /api/clients/<account_id>": _all_of(P.EDIT_CLIENTS),
    "POST /api/clients/<account_id>/contacts": _all_of(P.EDIT_CLIENTS),
    "PUT /api/clients/<account_id>/contacts/<contact_id>": _all_of(P.EDIT_CLIENTS),
    "DELETE /api/clients/<account_id>/contacts/<contact_id>": _all_of(P.EDIT_CLIENTS),
    "POST /api/clients/<account_id>/numbers": _all_of(P.EDIT_CLIENTS, P.FULL_NUMBERS),
    "DELETE /api/clients/<account_id>/numbers/<number>": _all_of(P.EDIT_CLIENTS, P.FULL_NUMBERS),
    "GET /api/clients/<kept_id>/merge/<gone_id>": _all_of(P.EDIT_CLIENTS, P.FULL_NUMBERS),
    "POST /api/clients/<kept_id>/merge/<gone_id>": _all_of(P.EDIT_CLIENTS, P.FULL_NUMBERS),
    "POST /api/clients/merges/<merge_id>/undo": _all_of(P.EDIT_CLIENTS, P.FULL_NUMBERS),
    "POST /api/clients/distinct": _all_of(P.EDIT_CLIENTS, P.FULL_NUMBERS),
    # a file of clients; whose import it is not finds none
    "POST /api/clients/imports": _all_of(P.EDIT_CLIENTS, P.FULL_NUMBERS),
    "POST /api/clients/imports/<import_id>/check": _all_of(P.EDIT_CLIENTS),
    "POST /api/clients/imports/<import_id>/run": _all_of(P.EDIT_CLIENTS),
    "POST /api/clients/imports/<import_id>/stop": _USERS,
    "GET /api/clients/imports/<import_id>": _USERS,
    "GET /api/clients/imports/<import_id>/bad.csv": _USERS,
    # the directory of the office
    "GET /api/directory/entries": _all_of(P.DIRECTORY),
    "POST /api/directory/employees": _all_of(P.DIRECTORY),
    "PUT /api/directory/employees/<employee_id>": _all_of(P.DIRECTORY),
    "PUT /api/directory/<kind>/<path:code>": _all_of(P.DIRECTORY),
    "PUT /api/directory/channels/<did>": _all_of(P.DIRECTORY),
    "DELETE /api/directory/channels/<did>": _all_of(P.DIRECTORY),
    "PUT /api/directory/hours/<int:weekday>": _all_of(P.DIRECTORY),
    "DELETE /api/directory/hours/<int:weekday>": _all_of(P.DIRECTORY),
    "PUT /api/directory/holidays/<day>": _all_of(P.DIRECTORY),
    "DELETE /api/directory/holidays/<day>": _all_of(P.DIRECTORY),
    # leads and tasks
    "GET /api/leads": _all_of(P.SEE_CALLS),
    "POST /api/leads": _all_of(P.COMMENT),
    "PATCH /api/leads/<key>": _all_of(P.COMMENT),
    "GET /api/tasks": _all_of(P.SEE_CALLS),
    "GET /api/tasks/summary": _all_of(P.SEE_CALLS),
    "POST /api/tasks": _all_of(P.SEE_CALLS, P.COMMENT),
    "PATCH /api/tasks/<task_id>": _all_of(P.COMMENT),
    # missed callers
    "GET /api/callbacks": _all_of(P.SEE_CALLS),
    "GET /api/callbacks/summary": _all_of(P.SEE_CALLS),
    "POST /api/callbacks/<call_id>/take": _all_of(P.COMMENT),
    "POST /api/callbacks/<call_id>/give-back": _all_of(P.COMMENT),
    "POST /api/callbacks/<call_id>/restore": _all_of(P.COMMENT),
    "POST /api/callbacks/<call_id>/dismiss": _all_of(P.COMMENT),
    # chats; whose they are say the services
    "GET /api/chats": _all_of(P.CHAT),
    "GET /api/chats/summary": _all_of(P.CHAT),
    "GET /api/chats/accounts": _all_of(P.CHAT),
    "POST /api/chats": _all_of(P.CHAT),
    "GET /api/chats/<chat_id>": _all_of(P.CHAT),
    "GET /api/chats/<chat_id>/tools": _all_of(P.CHAT),
    "GET /api/chats/<chat_id>/timeline": _all_of(P.CHAT),
    "GET /api/chats/<chat_id>/typing": _all_of(P.CHAT),
    "POST /api/chats/<chat_id>/typing": _all_of(P.CHAT),
    "POST /api/chats/<chat_id>/messages": _all_of(P.CHAT),
    "POST /api/chats/<chat_id>/messages/<message_id>/retry": _all_of(P.CHAT),
    "PUT /api/chats/<chat_id>/messages/<message_id>": _all_of(P.CHAT),
    "DELETE /api/chats/<chat_id>/messages/<message_id>": _all_of(P.CHAT),
    "DELETE /api/chats/<chat_id>/messages/<message_id>/revision": _all_of(P.CHAT),
    "POST /api/chats/<chat_id>/notes": _all_of(P.CHAT),
    "POST /api/chats/<chat_id>/files": _all_of(P.CHAT),
    "POST /api/chats/<chat_id>/take": _all_of(P.CHAT),
    "POST /api/chats/<chat_id>/hand-over": _all_of(P.CHAT),
    "POST /api/chats/<chat_id>/watch": _all_of(P.CHAT),
    "POST /api/chats/<chat_id>/leave": _all_of(P.CHAT),
    "POST /api/chats/<chat_id>/close": _all_of(P.CHAT),
    "POST /api/chats/<chat_id>/reopen": _all_of(P.CHAT),
    "POST /api/chats/<chat_id>/seen": _all_of(P.CHAT),
    "POST /api/chats/<chat_id>/tags": _all_of(P.CHAT, P.COMMENT),
    "POST /api/chats/<chat_id>/lead": _all_of(P.CHAT, P.COMMENT),
    "POST /api/chats/<chat_id>/client": _all_of(P.CHAT, P.EDIT_CLIENTS),
    # what goes on now
    "GET /api/live/board": _all_of(P.LIVE),
    "GET /api/live/day": _all_of(P.LIVE),
    "GET /api/live/mine": _all_of(P.SEE_CALLS),
    "GET /api/live/words": _USERS,
    "GET /api/live/cards/<call_id>": _all_of(P.SEE_CALLS),
    "POST /api/live/members": _all_of(P.QUEUES),  # one's own state: P.PAUSE
    "GET /api/live/members/<order>": _USERS,  # whose order it is not finds none
    # reports
    "GET /api/reports/<name>.<form>": _all_of(P.REPORTS, P.EXPORT),
    # how long things are kept, holds, erasures
    "POST /privacy/do/retention": _all_of(P.PRIVACY),
    "POST /privacy/do/hold": _all_of(P.PRIVACY),
    "POST /privacy/do/hold/lift": _all_of(P.PRIVACY),
    "POST /privacy/do/erase": _all_of(P.PRIVACY),
    # the trail
    "GET /api/audit/export.<form>": _all_of(P.AUDIT),
    # people
    "POST /people/do/invite": _all_of(P.USERS),
    "POST /people/do/<login>/rights": _all_of(P.USERS),
    "POST /people/do/<login>/reset": _all_of(P.USERS),
    "POST /people/do/<login>/lock": _all_of(P.USERS),
    "POST /people/do/<login>/unlock": _all_of(P.USERS),
    "POST /people/do/<login>/end": _all_of(P.USERS),
    "POST /people/do/<login>/token": _all_of(P.USERS),
    "POST /people/do/team/<team_id>": _all_of(P.USERS),
    "POST /people/do/team/<team_id>/remove": _all_of(P.USERS),
    # settings that change at run time
    "POST /settings/do/save": _all_of(P.SETTINGS),
    "POST /settings/do/reset": _all_of(P.SETTINGS),
}

# Callbacks by their first output; those of the browser alone ask nobody and have none.
CALLBACKS: Mapping[str, Need] = {
    "shell-content.children": _USERS,  # asks the PAGE of the address
    "report-body.parts": _all_of(P.REPORTS),
    "overview-numbers.parts": _all_of(P.SEE_CALLS),
    "overview-running.children": _all_of(P.SEE_CALLS),
    "overview-tasks.children": _all_of(P.SEE_CALLS),
}
