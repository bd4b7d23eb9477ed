"""Lets callers in by their token, and lets errors out as what they are."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar

import pyarrow.flight as flight
import structlog

from data.errors import CallboardError, NotAllowed, QueryRejected
from data.store.tokens import Grant, TokenKind, Tokens
from data.store.wire import pack_error

log = structlog.get_logger()

S = TypeVar("S")
P = ParamSpec("P")
R = TypeVar("R")


class Granted(flight.ServerMiddleware):  # type: ignore[misc]
    """Carries what the token allows to the handler."""

    def __init__(self, grant: Grant) -> None:
        self.grant = grant


class Gate(flight.ServerMiddlewareFactory):  # type: ignore[misc]
    """Turns the token of each call into a grant, and lets nobody in without."""

    def __init__(self, tokens: Tokens) -> None:
        self._tokens = tokens

    def start_call(self, info: flight.CallInfo, headers: dict[str, list[str]]) -> Granted:
        values = headers.get("authorization") or [""]
        grant = self._tokens.grant(values[0].removeprefix("Bearer "))
        if grant is None:
            error = NotAllowed("The store does not know this token. Ask for a new one; it may have been taken back.")
            raise flight.FlightUnauthenticatedError("unknown token", extra_info=pack_error(error))
        return Granted(grant)


def grant_of(context: flight.ServerCallContext) -> Grant:
    granted: Granted = context.get_middleware("grant")
    return granted.grant


def require(grant: Grant, *kinds: TokenKind) -> None:
    if grant.kind not in kinds:
        names = " or ".join(kind.value for kind in kinds)
        raise NotAllowed(f"A token of kind {grant.kind.value!r} may not do that; it takes {names}.")


def answering(
    method: Callable[Concatenate[S, flight.ServerCallContext, P], R],
) -> Callable[Concatenate[S, flight.ServerCallContext, P], R]:
    """Lets errors travel as what they are; what nobody foresaw is logged with its traceback."""

    @wraps(method)
    def answer(self: S, context: flight.ServerCallContext, /, *args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return method(self, context, *args, **kwargs)
        except CallboardError as error:
            raise flight.FlightServerError(type(error).__name__, extra_info=pack_error(error)) from None
        except (KeyError, ValueError, TypeError, AttributeError) as error:
            log.warning("a message to the store was broken", exc_info=True)
            broken = QueryRejected(f"The message to the store is broken: {error!r}.")
            raise flight.FlightServerError("broken message", extra_info=pack_error(broken)) from None
        except Exception as error:
            log.exception("the store failed")
            raise flight.FlightServerError("the store failed", extra_info=pack_error(error)) from None

    return answer
