"""Structured logs: one line an event on standard error, phone numbers masked."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

# Seven digits and more are a phone number; ids of calls and channels carry a dot or a dash.
_PHONE = re.compile(r"(?<![\w.\-/])\+?\d{7,15}(?![\w.\-/])")
# Channels of calls to outside bear the number: Local/89161112233@office-0000;1, SIP/trunk/79161112233.
_DIALLED = re.compile(r"(?<=/)\+?\d{7,15}(?=[@/;,\s]|$)")
_SECRET_KEYS = frozenset({"secret", "password", "token", "authorization", "cookie"})


def mask_numbers(text: str) -> str:
    """The text with the middle of every phone number replaced by asterisks."""
    for pattern in (_PHONE, _DIALLED):
        text = pattern.sub(lambda found: found[0][:4] + "***" + found[0][-2:], text)
    return text


def _mask(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    for key, value in event.items():
        if key in _SECRET_KEYS:
            event[key] = "***"
        elif isinstance(value, str) and key not in ("timestamp", "level"):
            event[key] = mask_numbers(value)
    return event


def set_up_logs(level: str, *, process: str) -> None:
    """Send the logs of this process to standard error: coloured for a terminal, else one JSON object a line."""
    tty = sys.stderr.isatty()
    render = structlog.dev.ConsoleRenderer() if tty else structlog.processors.JSONRenderer(ensure_ascii=False)
    # A terminal's renderer prints tracebacks itself; a JSON line needs them as text.
    tracebacks = [] if tty else [structlog.processors.format_exc_info]
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            *tracebacks,
            _mask,
            render,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    structlog.contextvars.bind_contextvars(process=process)
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(levelname)s %(name)s: %(message)s")
