"""What `deploy/` and docs/operations.md promise: units, proxies and images that fit the product, tests that exist."""

from __future__ import annotations

import configparser
import re
import shutil
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
DEPLOY = ROOT / "deploy"
UNITS = sorted((DEPLOY / "systemd").glob("*.service"))
_HARDENED = {
    "NoNewPrivileges": "yes",
    "ProtectSystem": "strict",
    "ProtectHome": "yes",
    "PrivateTmp": "yes",
    "User": "callboard",
    "CapabilityBoundingSet": "",
}


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.stem)
def test_a_service_runs_a_command_that_exists_as_nobody_special(unit: Path) -> None:
    service = _read(unit)["Service"]

    assert {key: service.get(key) for key in _HARDENED} == _HARDENED
    command = re.search(r"app\.py (\S+) --data (\S+) --settings", service["ExecStart"])
    assert command is not None
    assert command[1] in _commands()
    assert command[2] == service["ReadWritePaths"]


@pytest.mark.parametrize("unit", sorted((DEPLOY / "systemd").iterdir()), ids=lambda unit: unit.name)
def test_systemd_understands_the_unit(unit: Path, tmp_path: Path) -> None:
    verify = shutil.which("systemd-analyze")
    if verify is None:
        pytest.skip("there is no systemd-analyze here; the structure is checked by the other tests")
    for one in (DEPLOY / "systemd").iterdir():
        # The programs of the installation are not on this machine.
        plain = re.sub(r"^(ExecStart\w*)=.*$", r"\1=/bin/true", one.read_text("utf-8"), flags=re.MULTILINE)
        (tmp_path / one.name).write_text(plain, "utf-8")

    said = subprocess.run(
        [verify, "verify", "--man=no", tmp_path / unit.name], capture_output=True, text=True, check=False
    )

    mine = [line for line in said.stderr.splitlines() if str(tmp_path) in line or unit.name in line]
    assert mine == []


def test_the_proxies_pass_events_unbuffered_and_hide_the_numbers_of_operation() -> None:
    nginx, caddy = ((DEPLOY / name).read_text("utf-8") for name in ("nginx.conf", "Caddyfile"))

    assert nginx.count("{") == nginx.count("}")
    assert re.search(r"location = /events \{[^}]*proxy_buffering off;", nginx)
    assert re.search(r"location = /metrics \{[^}]*return 404;", nginx)
    for header in ("X-Forwarded-For $remote_addr", "X-Forwarded-Proto https", "Host $host"):
        assert f"proxy_set_header {header};" in nginx
    assert "flush_interval -1" in caddy
    assert "respond @machines 404" in caddy
    assert caddy.count("{") == caddy.count("}")


def test_nginx_and_caddy_understand_their_samples(tmp_path: Path) -> None:
    nginx, caddy = shutil.which("nginx") or shutil.which("/usr/sbin/nginx"), shutil.which("caddy")
    if nginx is None and caddy is None:
        pytest.skip("there is neither nginx nor caddy here; the structure is checked by the other tests")
    if nginx is not None:
        _run("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=x", "-keyout", tmp_path / "key",
             "-out", tmp_path / "chain")  # fmt: skip
        site = (DEPLOY / "nginx.conf").read_text("utf-8")
        for directive, file in (("ssl_certificate", "chain"), ("ssl_certificate_key", "key")):
            site = re.sub(rf"{directive} [^;]+;", f"{directive} {tmp_path / file};", site)
        places = "".join(
            f"{kind}_temp_path {tmp_path};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        whole = f"pid {tmp_path}/pid; error_log stderr; events {{}} http {{ access_log off; {places}\n{site}\n}}"
        (tmp_path / "nginx.conf").write_text(whole, "utf-8")
        _run(nginx, "-t", "-p", tmp_path, "-c", tmp_path / "nginx.conf")
    if caddy is not None:
        _run(caddy, "validate", "--adapter", "caddyfile", "--config", DEPLOY / "Caddyfile")


def test_what_the_image_copies_is_enough_to_run_its_command(tmp_path: Path) -> None:
    lines = (DEPLOY / "Containerfile").read_text("utf-8").splitlines()
    for name in (line.split()[1] for line in lines if line.startswith("COPY ")):
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        (tmp_path / "opt" / name).parent.mkdir(parents=True, exist_ok=True)
        copy(ROOT / name, tmp_path / "opt" / name)
    words = {
        line.split(" ", 1)[0]: re.findall(r'"([^"]*)"', line)
        for line in lines
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

    text = (DEPLOY / "Containerfile").read_text("utf-8")
    (line,) = [line for line in text.splitlines() if line.startswith("HEALTHCHECK")]
    with HTTPServer(("127.0.0.1", 0), Ready) as server:
        threading.Thread(target=server.handle_request, daemon=True).start()
        asked = re.findall(r'"([^"]*)"', line)[2].replace(":8050", f":{server.server_port}")
        done = subprocess.run([sys.executable, "-c", asked], capture_output=True, check=False)

    assert (done.returncode == 0) is is_well


def test_the_image_is_built_of_what_exists_and_runs_a_command_that_exists() -> None:
    lines = (DEPLOY / "Containerfile").read_text("utf-8").splitlines()

    copied = [line.split()[1] for line in lines if line.startswith("COPY ")]
    assert all((ROOT / name).exists() for name in copied)
    assert {"app.py", "commands", "data", "ingest", "dashboard"} <= set(copied)
    assert any(line.startswith("USER ") and line != "USER 0" for line in lines)
    (command,) = [line for line in lines if line.startswith("CMD ")]
    assert re.findall(r'"(\w+)"', command)[0] in _commands()


def test_every_fault_of_the_table_names_a_test_that_exists() -> None:
    named = re.findall(r"`(tests/\S+\.py)::(\w+)`", (ROOT / "docs" / "operations.md").read_text("utf-8"))

    assert len(named) >= 12
    astray = [f"{path}::{test}" for path, test in named if f"def {test}(" not in (ROOT / path).read_text("utf-8")]
    assert astray == []


def test_every_number_of_operation_is_described() -> None:
    code = (ROOT / "dashboard" / "vitals.py").read_text("utf-8")
    text = (ROOT / "docs" / "operations.md").read_text("utf-8")

    names = set(re.findall(r'"(callboard_\w+)"', code))
    assert names
    assert [name for name in sorted(names) if f"`{name}" not in text] == []


def _run(*words: object) -> None:
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def _read(unit: Path) -> configparser.ConfigParser:
    parser = configparser.ConfigParser(strict=False, interpolation=None, delimiters=("=",))
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read(unit, "utf-8")
    return parser


def _commands() -> set[str]:
    text = "".join(file.read_text("utf-8") for file in (ROOT / "commands").glob("*.py"))
    return set(re.findall(r'add\("(\w[\w-]*)", ', text))
