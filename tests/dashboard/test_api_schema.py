"""Whatever fits the description of /api, or does not fit it, gets an answer that the description knows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.specs.openapi.checks import positive_data_acceptance

from dashboard.auth import Identity
from tests.builders import inbound
from tests.dashboard.desk import Desk, open_desk

OPERATIONS = {
    "GET /api/phonebook",
    "GET /api/accounts",
    "POST /api/accounts",
    "GET /api/accounts/{account_id}",
    "PATCH /api/accounts/{account_id}",
    "GET /api/contacts",
    "POST /api/contacts",
    "GET /api/contacts/{contact_id}",
    "PATCH /api/contacts/{contact_id}",
    "GET /api/tasks",
    "POST /api/tasks",
    "GET /api/tasks/summary",
    "PATCH /api/tasks/{task_id}",
    "GET /api/leads",
    "POST /api/leads",
    "PATCH /api/leads/{key}",
}
# What fits the description may still be no telephone number, or be taken: 400 and 409 are fair answers.
EXCLUDED = [positive_data_acceptance]
EXAMPLES = 4  # of each kind for each operation; the same ones every time


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with open_desk(tmp_path_factory.mktemp("schema"), web={"api_requests_per_minute": 1_000_000}) as desk:
        desk.office.add(inbound("2026-11-20 10:00", "+79123456789", talked="201", call_id="pbx-1.1"))
        desk.office.client("Ромашка", "+79123456789")
        yield desk


@pytest.fixture(scope="module")
def headers(desk: Desk) -> dict[str, str]:
    token = Identity.open(desk.settings).tokens.issue("supervisor", "проверка")
    return {"Authorization": f"Bearer {token}", "Accept-Encoding": "identity"}


@pytest.fixture(scope="module")
def schema(desk: Desk, headers: dict[str, str]) -> Any:
    return schemathesis.openapi.from_wsgi("/api/openapi.json", desk.server, headers=headers)


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
@pytest.mark.parametrize("name", sorted(OPERATIONS))
def test_answers_are_those_of_the_description(
    schema: Any, headers: dict[str, str], name: str, mode: GenerationMode
) -> None:
    (operation,) = [found.ok() for found in schema.get_all_operations() if found.ok().label == name]
    seen: list[int] = []

    @settings(
        max_examples=EXAMPLES,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def ask(case: Any) -> None:
        response = case.call(headers=headers)
        seen.append(response.status_code)
        case.validate_response(response, excluded_checks=EXCLUDED, headers=headers)

    ask()

    assert set(seen) - {401, 429}, "nothing but refusals: the token or the limit is wrong"


def test_every_operation_is_asked(schema: Any) -> None:
    assert {found.ok().label for found in schema.get_all_operations()} == OPERATIONS
