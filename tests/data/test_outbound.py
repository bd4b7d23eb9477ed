"""Requests on behalf of others: to the open internet and what the settings allow, however it is disguised."""

from __future__ import annotations

import io
import ipaddress
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from data.errors import SettingsError
from data.outbound import AddressRefused, Fetched, FetchFailed, checked_url, fetch, is_public, outbound_client
from data.settings import Outbound, Settings, read_settings

ALLOWED = Settings(outbound=Outbound(allow=["127.0.0.1/32"]))


class Elsewhere(BaseHTTPRequestHandler):
    """A site of somebody else; it notes who asked with which key."""

    asked: list[tuple[str, str | None]]

    def do_GET(self) -> None:
        type(self).asked.append((self.path, self.headers.get("authorization")))
        if self.path.startswith("/to/"):
            self._answer(302, b"", Location=self.path.removeprefix("/to/"))
        elif self.path == "/round":
            self._answer(302, b"", Location="/round")
        elif self.path == "/packed":
            self._answer(200, b"\x1f\x8b", **{"Content-Encoding": "gzip"})
        elif self.path == "/missing":
            self._answer(404, b"no")
        else:
            self._answer(200, b"sound" * 100, **{"Content-Type": "audio/ogg"})

    def _answer(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: the test's output is its own."""


@pytest.fixture
def site() -> Iterator[str]:
    Elsewhere.asked = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), Elsewhere)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "239.1.1.1",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "fe80::1",
        "fc00::1",
        "ff0e::1",
        "::ffff:127.0.0.1",
        "64:ff9b::7f00:1",
        "2002:7f00:1::",
        "2001:0:4136:e378:8000:63bf:3fff:fdd2",
    ],
)
def test_addresses_inside_networks_are_not_public_in_any_dress(address: str) -> None:
    assert not is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize("address", ["8.8.8.8", "2a02:6b8::2:242", "::ffff:8.8.8.8", "64:ff9b::808:808"])
def test_addresses_of_the_internet_are_public(address: str) -> None:
    assert is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "2130706433", "0x7f.1", "127.1", "[::1]"])
def test_no_spelling_of_this_machine_is_asked(host: str) -> None:
    with outbound_client(Settings()) as client, pytest.raises((AddressRefused, FetchFailed)) as caught:
        fetch(client, f"http://{host}:9/media", io.BytesIO(), most_bytes=10)

    assert "inside a network" in str(caught.value) or "not known" in str(caught.value)


def test_a_public_name_that_points_inside_is_refused_whatever_else_it_points_to() -> None:
    with (
        outbound_client(Settings(), resolve=lambda host, port: ["8.8.8.8", "192.168.1.1"]) as client,
        pytest.raises(AddressRefused, match=r"evil\.example is 192\.168\.1\.1"),
    ):
        fetch(client, "https://evil.example/a.jpg", io.BytesIO(), most_bytes=10)


def test_a_name_is_looked_up_once_a_connection_so_it_cannot_change_after_the_look(site: str) -> None:
    answers = iter([["127.0.0.1"], ["10.0.0.1"]])

    with outbound_client(ALLOWED, resolve=lambda host, port: next(answers)) as client:
        found = fetch(client, site.replace("127.0.0.1", "rebind.example"), io.BytesIO(), most_bytes=1000)

    assert found == Fetched(content_type="audio/ogg", size_bytes=500)
    assert next(answers) == ["10.0.0.1"], "the second answer was never asked for"


def test_what_the_settings_allow_is_fetched(site: str) -> None:
    into = io.BytesIO()

    with outbound_client(ALLOWED) as client:
        fetch(client, f"{site}/a.ogg", into, most_bytes=500)

    assert into.getvalue() == b"sound" * 100


@pytest.mark.parametrize(
    "target", ["http://10.0.0.5/admin", "http://169.254.169.254/latest/meta-data", "http://[::1]/"]
)
def test_a_redirect_inside_is_refused(site: str, target: str) -> None:
    with outbound_client(ALLOWED) as client, pytest.raises(AddressRefused):
        fetch(client, f"{site}/to/{target}", io.BytesIO(), most_bytes=500)


@pytest.mark.parametrize("target", ["file:///etc/passwd", "gopher://x/", "ftp://x/a"])
def test_a_redirect_to_another_scheme_is_refused(site: str, target: str) -> None:
    with outbound_client(ALLOWED) as client, pytest.raises((AddressRefused, FetchFailed)):
        fetch(client, f"{site}/to/{target}", io.BytesIO(), most_bytes=500)


def test_a_key_goes_to_the_host_it_is_for_and_not_to_where_that_redirects(site: str) -> None:
    other = site.replace("127.0.0.1", "other.example")

    with outbound_client(ALLOWED, resolve=lambda host, port: ["127.0.0.1"]) as client:
        fetch(client, f"{site}/to/{other}/a", io.BytesIO(), most_bytes=500, headers={"authorization": "key"})

    assert [key for _, key in Elsewhere.asked] == ["key", None]


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("/round", "redirects more than"),
        ("/packed", "packed body"),
        ("/missing", "answered 404"),
        ("/a.ogg?key=hush", "larger than 499 bytes"),
    ],
)
def test_what_does_not_come_as_it_should_is_told_without_its_key(site: str, path: str, says: str) -> None:
    with outbound_client(ALLOWED) as client, pytest.raises(FetchFailed, match=says) as caught:
        fetch(client, site + path, io.BytesIO(), most_bytes=499)

    assert "hush" not in str(caught.value)


def test_a_file_that_drips_is_given_up(site: str) -> None:
    moments = iter([0.0, 200.0])

    with outbound_client(ALLOWED) as client, pytest.raises(FetchFailed, match="too slowly"):
        fetch(client, f"{site}/a.ogg", io.BytesIO(), most_bytes=500, clock=lambda: next(moments))


def test_no_proxy_of_the_environment_stands_in_between(site: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")

    with outbound_client(ALLOWED) as client:
        assert fetch(client, f"{site}/a", io.BytesIO(), most_bytes=500).size_bytes == 500


@pytest.mark.parametrize(
    "url", ["", "//x", "file:///etc/passwd", "http://", "https://user:pass@x/", "javascript:alert(1)", "http://\x00/"]
)
def test_what_is_no_web_address_is_refused(url: str) -> None:
    with pytest.raises(AddressRefused):
        checked_url(url)


def test_a_network_that_is_none_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CALLBOARD_OUTBOUND__ALLOW", '["10.0.0.300"]')

    with pytest.raises(SettingsError, match="is no network"):
        read_settings()
