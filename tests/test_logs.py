"""Logs: phone numbers are masked, ids and secrets treated as they must be."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from data.logs import mask_numbers

ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("caller 79161112208 waits", "caller 7916***08 waits"),
        ("+79161112208", "+791***08"),
        ("extension 201", "extension 201"),
        ("call pbx-1795371083.29", "call pbx-1795371083.29"),
        ("uniqueid 1795371083.29", "uniqueid 1795371083.29"),
        ("at 2026-11-22", "at 2026-11-22"),
        ("Local/89161112208@office-0000002a;1 ended", "Local/8916***08@office-0000002a;1 ended"),
        ("SIP/trunk/79161112208", "SIP/trunk/7916***08"),
        ("recordings/2026/11/22/1795371083.29.wav", "recordings/2026/11/22/1795371083.29.wav"),
    ],
)
def test_phone_numbers_are_masked_and_ids_are_not(text: str, masked: str) -> None:
    assert mask_numbers(text) == masked


def test_a_log_line_is_one_json_object_without_secrets() -> None:
    program = (
        "from data.logs import set_up_logs\nimport structlog\nset_up_logs('info', process='web')\n"
        "structlog.get_logger().warning('login refused', secret='hush', number='79161112208')\n"
    )

    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)

    line = json.loads(done.stderr)
    assert (line["event"], line["process"], line["level"]) == ("login refused", "web", "warning")
    assert (line["secret"], line["number"]) == ("***", "7916***08")


def test_a_traceback_in_the_log_masks_numbers_too() -> None:
    program = (
        "from data.logs import set_up_logs\nimport structlog\nset_up_logs('info', process='ingest')\n"
        "try:\n    raise ValueError('no such caller 79161112208')\n"
        "except ValueError:\n    structlog.get_logger().exception('it failed')\n"
    )

    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)

    assert "no such caller 7916***08" in json.loads(done.stderr)["exception"]
    assert "79161112208" not in done.stderr
