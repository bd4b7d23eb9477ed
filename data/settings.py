"""Settings, read once from `callboard.toml` and the environment (`CALLBOARD_WEB__PORT=8051`).

`callboard.example.toml` documents every one of them; a test compares.
"""

from __future__ import annotations

import re
import tomllib
from datetime import date
from enum import StrEnum
from functools import cache
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from string import Formatter
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from data.errors import SettingsError

_FILE_PARTS = frozenset({"path", "name", "year", "month", "day", "hour"})


@cache
def _zones() -> frozenset[str]:
    """Names of the IANA list; finding them walks a whole folder, so once in a process."""
    return frozenset(available_timezones())


def _known_zone(name: str) -> str:
    if name not in _zones():
        raise ValueError("is no time zone of the IANA list; write for instance Europe/Moscow")
    return name


def _valid_pattern(pattern: str) -> str:
    try:
        re.compile(pattern)
    except re.error as error:
        raise ValueError(f"is no regular expression ({error})") from None
    return pattern


def _web_address(text: str) -> str:
    parts = urlsplit(text)
    if text and (parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment):
        raise ValueError("is no web address; write for instance https://pbx.example")
    return text


def _file_template(text: str) -> str:
    try:
        names = [
            name for _, name, spec, change in Formatter().parse(text) if name is not None and not spec and not change
        ]
        shown = text.format(**dict.fromkeys(_FILE_PARTS, "x"))
    except (ValueError, KeyError, IndexError, AttributeError):
        names, shown = [], ""
    if not {"path", "name"} & set(names) or set(names) - _FILE_PARTS or shown.startswith("/") or ".." in shown:
        raise ValueError("is no address of a file; write for instance {path} or {year}/{month}/{day}/{name}")
    return text


def _distinct_names(storages: list[RemoteRecordings]) -> list[RemoteRecordings]:
    names = [storage.name for storage in storages]
    if len(set(names)) < len(names):
        raise ValueError(f"has the name {max(names, key=names.count)!r} twice; give each storage a name of its own")
    return storages


def _open_hours(text: str) -> str:
    found = re.fullmatch(r"([01]\d|2[0-3]):([0-5][05])-([01]\d|2[0-4]):([0-5][05])", text)
    if found is None or text[6:] > "24:00" or text[:5] >= text[6:]:
        raise ValueError("is no stretch of a day; write for instance 09:00-18:00, in steps of five minutes")
    return text


def _network(text: str) -> str:
    try:
        ip_network(text)
    except ValueError:
        raise ValueError("is no network; write for instance 10.0.0.0/8 or 192.168.1.20/32") from None
    return text


def _time_of_day(text: str) -> str:
    if re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", text) is None:
        raise ValueError("is no time of day; write for instance 03:20")
    return text


OpenHours = Annotated[str, AfterValidator(_open_hours)]
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WEEKDAYS: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAY = "09:00-18:00"
Port = Annotated[int, Field(ge=0, le=65535)]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Site(_Section):
    """The office: where it is and how it writes numbers."""

    name: str = "Callboard"
    timezone: Annotated[str, AfterValidator(_known_zone)] = "Europe/Moscow"
    country: str = Field("RU", pattern="^[A-Z]{2}$")
    area_code: str = Field("495", pattern="^[0-9]*$")
    language: str = Field("ru", pattern="^(ru|en)$")
    horizon: str = Field("day", pattern="^(day|[0-9]+h|[0-9]+wh)$")
    target_seconds: float = Field(20.0, gt=0, le=3600)  # of the service level: an answer within it is in time
    hours: dict[Weekday, OpenHours] = {"mon": _DAY, "tue": _DAY, "wed": _DAY, "thu": _DAY, "fri": _DAY}
    holidays: list[date] = []
    short_days: dict[date, OpenHours] = {}

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)


class StoreSettings(_Section):
    """The process that owns the database."""

    url: str | None = None
    token: SecretStr | None = None
    host: str = "127.0.0.1"
    port: Port = 0
    memory_limit: str = "4GB"
    readers: int = Field(6, ge=1, le=64)
    query_seconds: float = Field(30.0, gt=0)
    result_rows: int = Field(2_000_000, ge=1)
    tls_certificate: Path | None = None
    tls_key: Path | None = None


class PbxRecords(_Section):
    """The PBX's own files, where this machine can read them."""

    cdr_csv: Path | None = None
    cel_csv: Path | None = None
    queue_log: Path | None = None


class PbxDatabase(_Section):
    """The database into which a FreePBX writes its records; there is none without host or socket."""

    host: str = ""
    port: Port = 3306
    socket: Path | None = None
    user: str = "callboard"
    password: SecretStr = SecretStr("")
    name: str = "asteriskcdrdb"
    cdr_table: str = Field("cdr", pattern="^[A-Za-z0-9_]{1,64}$")
    cel_table: str = Field("cel", pattern="^[A-Za-z0-9_]{1,64}$")
    connect_seconds: float = Field(10.0, gt=0)

    @property
    def is_set(self) -> bool:
        return bool(self.host or self.socket)


class DialForm(StrEnum):
    """How the dialplan of the office wants an outside number."""

    DIGITS = "digits"  # 79031234567
    PLUS = "plus"  # +79031234567
    NATIONAL = "national"  # 89031234567


class PbxOriginate(_Section):
    """Calls that the PBX starts for a user, his own phone first. Needs the right `originate` in manager.conf."""

    enabled: bool = False
    channel: str = Field("PJSIP/{extension}", pattern=r"^[A-Za-z0-9/@_.{}-]{1,80}$")
    context: str = Field("from-internal", pattern=r"^[A-Za-z0-9_-]{1,80}$")
    form: DialForm = DialForm.DIGITS
    prefix: str = Field("", pattern=r"^[0-9*#]{0,6}$")
    ring_seconds: float = Field(30.0, ge=5, le=120)
    denied: list[Annotated[str, AfterValidator(_valid_pattern)]] = []


class PbxQueues(_Section):
    """Pausing and logging in to queues from the screen. Needs the right `agent` to write in manager.conf."""

    enabled: bool = False
    dynamic: list[Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]{1,80}$")]] = []
    member: str = Field("Local/{extension}@from-queue/n", pattern=r"^[A-Za-z0-9/@_.{}-]{1,80}$")
    state: str = Field("PJSIP/{extension}", pattern=r"^[A-Za-z0-9/@_.:{}-]{1,80}$")


class Pbx(_Section):
    """One PBX whose manager interface we read."""

    name: str = Field("pbx", pattern="^[a-z0-9_]{1,32}$")
    host: str = "127.0.0.1"
    port: Port = 5038
    user: str = "callboard"
    secret: SecretStr = SecretStr("")
    trunks: list[str] = []
    extensions: Annotated[str, AfterValidator(_valid_pattern)] = r"\d{2,5}"
    ping_seconds: float = Field(10.0, gt=0)
    connect_seconds: float = Field(10.0, gt=0)
    clock_tolerance_seconds: float = Field(5.0, gt=0)
    timezone: Annotated[str, AfterValidator(_known_zone)] | None = None
    records: PbxRecords = PbxRecords()
    database: PbxDatabase = PbxDatabase()
    rest_url: Annotated[str, AfterValidator(_web_address)] = ""
    rest_key: SecretStr = SecretStr("")
    rest_seconds: float = Field(20.0, gt=0)
    rest_verify: bool = True
    rest_minutes: float = Field(5.0, gt=0)
    originate: PbxOriginate = PbxOriginate()
    queues: PbxQueues = PbxQueues()


class JournalSettings(_Section):
    """The raw stream on disk."""

    retention_days: int = Field(90, ge=1)
    fsync_seconds: float = Field(1.0, ge=0)
    event_retention_days: int = Field(90, ge=1)


class RemoteRecordings(_Section):
    """A web server where recordings lie: asked with user and password (basic) or a token (bearer)."""

    name: str = Field("storage", pattern="^[a-z0-9_]{1,32}$")
    url: Annotated[str, AfterValidator(_web_address)] = Field(min_length=1)
    below: str = Field("/", pattern="^/")
    files: Annotated[str, AfterValidator(_file_template)] = "{path}"
    user: str = ""
    password: SecretStr = SecretStr("")
    token: SecretStr = SecretStr("")
    verify: bool = True
    timeout_seconds: float = Field(10.0, gt=0)
    fetch_seconds: float = Field(120.0, gt=0)
    most_mb: float = Field(500.0, gt=0)


class RecordingSettings(_Section):
    """Where recordings lie on this machine."""

    roots: list[Path] = []
    moved: dict[str, Path] = {}
    patience_minutes: float = Field(60.0, gt=0)
    cache_mb: float = Field(2_000.0, ge=0)
    remote: Annotated[list[RemoteRecordings], AfterValidator(_distinct_names)] = []


class Callbacks(_Section):
    """The list of missed callers who wait to be called back."""

    minutes: int = Field(60, ge=1, le=100_000)
    days: int = Field(14, ge=1, le=365)


class Disk(_Section):
    """When a disk that fills up is told, and when writes that can wait stop (data/disk.py)."""

    warn_free_percent: float = Field(10.0, ge=0, le=90)
    stop_free_percent: float = Field(5.0, ge=0, le=90)

    @model_validator(mode="after")
    def _warns_first(self) -> Disk:
        if self.warn_free_percent < self.stop_free_percent:
            raise ValueError("warn_free_percent must not be below stop_free_percent: the warning comes first")
        return self


class Backups(_Section):
    """Copies of the database, which the store makes by itself."""

    at: Annotated[str, AfterValidator(_time_of_day)] = "03:20"
    every_days: int = Field(1, ge=0, le=31)
    keep: int = Field(14, ge=1, le=365)


class Mail(_Section):
    """The server that takes our letters; there is none without host. Its password is a secret: `mail.password`."""

    host: str = Field("", pattern=r"^[A-Za-z0-9_.:\[\]-]{0,255}$")
    port: Port = 587
    security: Literal["starttls", "tls", "none"] = "starttls"
    user: str = ""
    sender: str = Field("", max_length=320)
    seconds: float = Field(20.0, gt=0, le=600)


class Web(_Section):
    """The pages."""

    host: str = "127.0.0.1"
    port: Port = 8050
    session_hours: float = Field(12.0, gt=0)
    api_requests_per_minute: int = Field(1200, ge=1)
    public_url: str | None = None


class Outbound(_Section):
    """Addresses that others choose and we ask: media of chats, web hooks."""

    allow: list[Annotated[str, AfterValidator(_network)]] = []

    @property
    def networks(self) -> tuple[IPv4Network | IPv6Network, ...]:
        return tuple(ip_network(one) for one in self.allow)


class Settings(BaseSettings):
    """Everything that can be set."""

    model_config = SettingsConfigDict(env_prefix="CALLBOARD_", env_nested_delimiter="__", extra="forbid", frozen=True)

    data: Path = Path("var")
    site: Site = Site()
    store: StoreSettings = StoreSettings()
    pbx: list[Pbx] = []
    journal: JournalSettings = JournalSettings()
    recordings: RecordingSettings = RecordingSettings()
    callbacks: Callbacks = Callbacks()
    disk: Disk = Disk()
    backup: Backups = Backups()
    mail: Mail = Mail()
    web: Web = Web()
    outbound: Outbound = Outbound()
    secrets_key: Path | None = None
    log_level: str = Field("info", pattern="^(debug|info|warning|error)$")

    @property
    def recording_roots(self) -> tuple[Path, ...]:
        """Folders that recordings may lie in: those of the settings, and our own."""
        return (*self.recordings.roots, self.data / "recordings")

    @property
    def secret_key_file(self) -> Path:
        """The key of the secrets that users enter: where the settings say, else in the data folder."""
        return self.secrets_key or self.data / "secrets.key"

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        # The environment wins over the file, which arrives as keyword arguments.
        return env_settings, init_settings


def read_settings(file: Path | None = None, **overrides: Any) -> Settings:
    """The settings of `file` (default callboard.toml, where it exists) under the environment.

    Raises SettingsError that names the value and the remedy.
    """
    path = file or Path("callboard.toml")
    values: dict[str, Any] = {}
    if file is not None or path.exists():
        try:
            values = tomllib.loads(path.read_text("utf-8"))
        except FileNotFoundError:
            raise SettingsError(f"{path}: no such settings file. Copy callboard.example.toml to it.") from None
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise SettingsError(f"{path} is no valid TOML: {error}. Correct that line.") from None
    try:
        return Settings(**(values | {key: value for key, value in overrides.items() if value is not None}))
    except ValidationError as error:
        raise SettingsError(_in_words(error, path)) from None


def _in_words(error: ValidationError, path: Path) -> str:
    first = error.errors()[0]
    name = ".".join(str(part) for part in first["loc"])
    return (
        f"Setting {name} = {first['input']!r}: {first['msg']}. "
        f"Correct it in {path} or in the environment; callboard.example.toml tells what is allowed."
    )
