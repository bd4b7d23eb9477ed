"""What containers promise: an image that is linted and runs its commands, and a composition that gives nothing away."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[1]
DEPLOY = ROOT / "deploy"
LINES = (DEPLOY / "Containerfile").read_text("utf-8").splitlines()


def test_nothing_is_found_wrong_in_the_container_file(tmp_path: Path) -> None:
    careless = tmp_path / "Containerfile"
    careless.write_text("FROM python\nRUN cd /opt && apt-get install curl\n", "utf-8")

    assert _lint(DEPLOY / "Containerfile") == ""
    assert "DL3006" in _lint(careless), "the tool looks"


def test_nothing_but_the_program_is_sent_to_the_builder() -> None:
    rules = [line for line in (ROOT / ".dockerignore").read_text("utf-8").splitlines() if not line.startswith("#")]
    let_in = [rule[1:] for rule in rules if rule.startswith("!")]

    assert rules[0] == "*"
    assert sorted(let_in) == sorted(_copied())
    assert "**/__pycache__" in rules[len(let_in) :], "a later rule wins"


def test_the_composition_says_only_what_it_may_and_fits_the_image() -> None:
    composed = yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))
    ((name, service),) = composed["services"].items()

    assert name == "callboard"
    assert (ROOT / "deploy" / service["build"]["context"]).resolve() == ROOT
    assert (ROOT / service["build"]["dockerfile"]).is_file()
    _is_locked_in(service)
    # From outside it is reached through a proxy on this machine only.
    assert [port.rpartition(":")[0] for port in service["ports"]] == ["127.0.0.1:8050"]
    assert service["ports"][0].rpartition(":")[2] in [line.split()[1] for line in LINES if line.startswith("EXPOSE ")]
    _keeps_what_the_image_writes(service, composed["volumes"])
    # An image of the OCI's form has no health check of its own.
    asked = re.findall(r'"([^"]*)"', next(line for line in LINES if line.startswith("HEALTHCHECK")))
    assert service["healthcheck"]["test"] == ["CMD", *asked]
    assert {"interval", "timeout", "start_period"} <= set(service["healthcheck"])


def _is_locked_in(service: dict[str, Any]) -> None:
    locked = {"read_only": True, "cap_drop": ["ALL"], "security_opt": ["no-new-privileges:true"]}
    assert {key: service.get(key) for key in locked} == locked
    assert not {"privileged", "network_mode", "pid", "cap_add", "user"} & set(service)


def _keeps_what_the_image_writes(service: dict[str, Any], volumes: dict[str, Any]) -> None:
    places = dict(volume.split(":", 1)[::-1] for volume in service["volumes"])
    command = re.findall(r'"([^"]*)"', next(line for line in LINES if line.startswith("CMD ")))
    given = dict(zip(command[1::2], command[2::2], strict=True))

    assert places[given["--data"]] in volumes
    assert places[given["--settings"] + ":ro"] == "./callboard.toml"
    assert f"VOLUME {given['--data']}" in LINES


def test_what_the_image_copies_is_enough_to_run_its_command(tmp_path: Path) -> None:
    for name in _copied():
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        (tmp_path / "opt" / name).parent.mkdir(parents=True, exist_ok=True)
        copy(ROOT / name, tmp_path / "opt" / name)
    words = {
        line.split(" ", 1)[0]: re.findall(r'"([^"]*)"', line)
        for line in LINES
        if line.startswith(("CMD", "ENTRYPOINT"))
    }
    places = {"/var/lib/callboard": str(tmp_path / "var"), "/etc/callboard/callboard.toml": str(tmp_path / "own.toml")}
    (tmp_path / "own.toml").write_text('[site]\nname = "Office"\n', "utf-8")  # without a PBX nothing is begun
    given = [places.get(word, word) for word in words["CMD"]]

    program = [sys.executable, *words["ENTRYPOINT"][1:], *given]
    done = subprocess.run(program, cwd=tmp_path / "opt", capture_output=True, text=True, check=False)

    assert (done.returncode, "No PBX is configured" in done.stderr) == (2, True), done.stderr


@pytest.mark.parametrize(("status", "is_well"), [(200, True), (503, False)])
def test_the_image_is_well_as_long_as_the_store_answers(status: int, is_well: bool) -> None:
    class Ready(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status if self.path == "/readyz" else 404)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    (line,) = [line for line in LINES if line.startswith("HEALTHCHECK")]
    with HTTPServer(("127.0.0.1", 0), Ready) as server:
        threading.Thread(target=server.handle_request, daemon=True).start()
        asked = re.findall(r'"([^"]*)"', line)[2].replace(":8050", f":{server.server_port}")
        done = subprocess.run([sys.executable, "-c", asked], capture_output=True, check=False)

    assert (done.returncode == 0) is is_well


def test_the_image_is_built_of_what_exists_and_runs_a_command_that_exists() -> None:

    copied = _copied()
    assert all((ROOT / name).exists() for name in copied)
    assert {"app.py", "commands", "data", "ingest", "dashboard"} <= set(copied)
    assert any(line.startswith("USER ") and line != "USER 0" for line in LINES)
    (command,) = [line for line in LINES if line.startswith("CMD ")]
    assert re.findall(r'"(\w+)"', command)[0] in _commands()


def _copied() -> list[str]:
    return [line.split()[1] for line in LINES if line.startswith("COPY ")]


def _lint(file: Path) -> str:
    program = Path(sys.executable).with_name("hadolint")  # of requirements/dev.txt
    return subprocess.run([program, "--no-color", file], capture_output=True, text=True, check=False).stdout


def _commands() -> set[str]:
    text = "".join(file.read_text("utf-8") for file in (ROOT / "commands").glob("*.py"))
    return set(re.findall(r'add\("(\w[\w-]*)", ', text))
