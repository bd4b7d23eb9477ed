"""The office as rows of the directory: employees, extensions, queues, lines, acquisition channels."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import pyarrow as pa

from ingest.simulator.arrow import INSTANT
from ingest.simulator.office import IVR, RING_GROUP, TRUNK, Office


def directory_tables(office: Office, employee_ids: Sequence[str], *, pbx: str, since: datetime) -> dict[str, pa.Table]:
    """Rows of every directory table; extensions are owned from `since` on."""
    people = office.employees
    extensions = [
        *(
            {"extension": person.extension, "employee_id": key, "kind": "phone", "device": person.device}
            for person, key in zip(people, employee_ids, strict=True)
        ),
        *({"extension": queue.extension, "kind": "queue"} for queue in office.queues),
        {"extension": RING_GROUP, "kind": "ring_group"},
        {"extension": IVR, "kind": "ivr"},
    ]
    return {
        "employee": pa.table(
            {
                "employee_id": list(employee_ids),
                "name": [person.name for person in people],
                "department": [person.department for person in people],
                "email": [f"{person.login}@office.example" for person in people],
            }
        ),
        "extension": pa.table(
            {
                "extension": [row["extension"] for row in extensions],
                "pbx": [pbx] * len(extensions),
                "employee_id": pa.array([row.get("employee_id") for row in extensions], pa.string()),
                "kind": [row["kind"] for row in extensions],
                "device": pa.array([row.get("device") for row in extensions], pa.string()),
                "from_at": pa.array([since] * len(extensions), INSTANT),
            }
        ),
        "queue": pa.table(
            {
                "queue": [queue.name for queue in office.queues],
                "pbx": [pbx] * len(office.queues),
                "extension": [queue.extension for queue in office.queues],
                "title": [queue.title for queue in office.queues],
            }
        ),
        "ring_group": pa.table({"ring_group": [RING_GROUP], "pbx": [pbx], "title": ["Приёмная"]}),
        "line": pa.table({"line": [TRUNK], "pbx": [pbx], "title": ["Городская линия"]}),
        "acquisition_channel": pa.table(
            {"did": [did.number for did in office.dids], "title": [did.title for did in office.dids]}
        ),
    }
