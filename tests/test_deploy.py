"""What `deploy/` and docs/operations.md promise: units and proxies that fit the product, tests that exist."""

from __future__ import annotations

import configparser
import re
import shutil
import subprocess
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
    for header in ("X-Forwarded-For $remote_addr", "X-Forwarded-Proto https", "Host $http_host"):
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


@pytest.mark.parametrize("page", ["docs/operations.md", "SECURITY.md"])
def test_every_fault_and_every_danger_names_tests_that_exist(page: str) -> None:
    lines = (ROOT / page).read_text("utf-8").splitlines()
    rows = [line for line in lines if line.startswith("| ") and "tests/" in line]
    named = [found for row in rows for found in re.findall(r"`(tests/\S+\.py)::(\w+)`", row)]

    assert len(rows) >= 18
    assert all((ROOT / file).is_file() for row in rows for file in re.findall(r"tests/[\w/]+\.py", row))
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
