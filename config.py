"""Settings: one frozen value, read once from CLINIC_* variables.

An unknown CLINIC_ name stops the start, because a misspelt setting is a setting that silently is not made.
"""

from __future__ import annotations

import ipaddress
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from urllib.parse import urlsplit

_TRUE = {"1", "true", "yes", "on"}
_FALSE = {"0", "false", "no", "off", ""}
WEAK_SECRETS = {"secret", "changeme", "dev", "development", "test", "clinic"}


class BadSetting(SystemExit):
    """A setting that is unknown, unreadable or unsafe; ends the start with one line."""

    def __init__(self, message: str) -> None:
        super().__init__(f"clinic: {message}")


@dataclass(frozen=True)
class Settings:
    """Everything that may differ between two installations. Each field is CLINIC_<NAME> in the environment."""

    data_dir: Path = Path("data")
    """Where the database, keys and backups of this installation lie."""
    database_url: str = ""
    """Empty for the SQLite file in the data directory; or postgresql+psycopg://..."""
    schema: str = ""
    """The PostgreSQL schema of this practice; empty for the default one."""
    host: str = "127.0.0.1"
    """Address to serve on."""
    port: int = 8000
    """Port to serve on."""
    hosts: str = ""
    """Comma-separated host names that requests may name; empty for loopback names and CLINIC_HOST."""
    secret_key: str = ""
    """Key for links and hashes; empty for a random one kept in the data directory."""
    audit_key: str = ""
    """Key of the audit chain; empty for a random one kept in the data directory."""
    demo: bool = True
    """Load the demo practice into an empty database and show its sign-ins."""
    debug: bool = False
    """Show tracebacks; refused on a public address."""
    behind_tls: bool = False
    """True when a proxy in front speaks https; cookies become Secure and HSTS is sent."""
    trusted_proxies: int = 0
    """How many proxies in front may set X-Forwarded-For and -Proto."""
    idle_minutes: int = 15
    """Minutes without a keystroke after which a person is signed out."""
    session_hours: int = 12
    """Hours after which everybody signs in again."""
    threads: int = 8
    """Threads that answer requests."""
    worker: bool = True
    """Run background work inside `clinic serve`; False when `clinic work` runs beside it."""
    log_level: str = "INFO"
    """DEBUG, INFO, WARNING or ERROR."""
    public_url: str = ""
    """The address under which patients reach this installation, such as https://desk.example; for links in messages."""
    smtp_host: str = ""
    """Mail server that takes messages to patients; empty for none."""
    smtp_port: int = 587
    """Its port."""
    smtp_tls: str = "starttls"
    """starttls, tls (from the first byte) or off."""
    smtp_user: str = ""
    """Name to sign in at the mail server; empty for no sign-in."""
    smtp_password: str = ""
    """Password to sign in at the mail server."""
    smtp_from: str = ""
    """Sender of mail, such as desk@clinic.example."""
    text_gateway: str = ""
    """How text messages leave: twilio, page (shown on a page, not sent), or empty for not at all."""
    text_url: str = ""
    """Base address of the text gateway."""
    text_account: str = ""
    """Account at the text gateway."""
    text_token: str = ""
    """Secret of that account; it also signs what the gateway sends to us."""
    text_from: str = ""
    """Number or service that text messages come from."""
    backup_key: str = ""
    """Passphrase for encrypted backups; empty for the key kept in the data directory."""

    @property
    def effective_database_url(self) -> str:
        """The URL in use."""
        return self.database_url or f"sqlite:///{self.data_dir.resolve() / 'clinic.sqlite3'}"

    @property
    def trusted_hosts(self) -> list[str]:
        """Host names a request may carry."""
        named = [host.strip() for host in self.hosts.split(",") if host.strip()]
        return named or ["127.0.0.1", "localhost", "[::1]", self.host]

    @property
    def is_public(self) -> bool:
        """Whether other machines can reach the address."""
        try:
            return not ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return self.host != "localhost"


def read_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """Settings from the environment. Raises BadSetting for unknown, unreadable or unsafe ones."""
    given = os.environ if environment is None else environment
    known = {f"CLINIC_{field.name.upper()}": field for field in fields(Settings)}
    unknown = sorted(name for name in given if name.startswith("CLINIC_") and name not in known)
    if unknown:
        raise BadSetting(f"unknown setting {', '.join(unknown)}; README.md lists them all")
    values = {field.name: _read(name, given[name], str(field.type)) for name, field in known.items() if name in given}
    return _safe(Settings(**values))  # type: ignore[arg-type]


def _read(name: str, text: str, kind: str) -> object:
    if kind == "bool":
        if text.lower() not in _TRUE | _FALSE:
            raise BadSetting(f"{name} must be 1 or 0, not {text!r}")
        return text.lower() in _TRUE
    if kind == "int":
        if not text.isascii() or not text.isdigit():
            raise BadSetting(f"{name} must be a whole number, not {text!r}")
        return int(text)
    return Path(text) if kind == "Path" else text


def _safe(settings: Settings) -> Settings:
    if not 1 <= settings.port <= 65535:
        raise BadSetting("CLINIC_PORT must lie between 1 and 65535")
    if settings.secret_key and (len(settings.secret_key) < 32 or settings.secret_key.lower() in WEAK_SECRETS):
        raise BadSetting("CLINIC_SECRET_KEY is too weak: give 32 random characters, or none for a made one")
    _require_gateways(settings)
    if settings.is_public:
        if settings.debug:
            raise BadSetting("CLINIC_DEBUG may not be on where other machines reach the address")
        if not settings.behind_tls:
            raise BadSetting(
                "CLINIC_HOST is reachable from other machines without https; put a TLS proxy in front and set "
                "CLINIC_BEHIND_TLS=1, or serve on 127.0.0.1"
            )
        if settings.demo:
            raise BadSetting("the demo practice has known passwords; set CLINIC_DEMO=0 on a public address")
    return settings


def _require_gateways(settings: Settings) -> None:
    """Refuse a gateway that could not send, or that would send secrets in the clear."""
    if settings.smtp_tls not in ("starttls", "tls", "off"):
        raise BadSetting("CLINIC_SMTP_TLS must be starttls, tls or off")
    if settings.smtp_host and "@" not in settings.smtp_from:
        raise BadSetting("CLINIC_SMTP_FROM must be the address that mail comes from")
    if settings.text_gateway not in ("", "page", "twilio"):
        raise BadSetting("CLINIC_TEXT_GATEWAY must be twilio, page or empty")
    if settings.text_gateway == "twilio":
        for name in ("text_url", "text_account", "text_token", "text_from"):
            if not getattr(settings, name):
                raise BadSetting(f"CLINIC_TEXT_GATEWAY=twilio needs CLINIC_{name.upper()}")
    for name in ("public_url", "text_url"):
        if getattr(settings, name) and not _is_safe_address(getattr(settings, name)):
            raise BadSetting(f"CLINIC_{name.upper()} must be an https address without a path, or one of this machine")


def _is_safe_address(url: str) -> bool:
    parts = urlsplit(url)
    if parts.path not in ("", "/") or parts.query or parts.fragment or not parts.hostname:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in ("127.0.0.1", "localhost", "::1"))


def kept_secret(settings: Settings, name: str, given: str) -> bytes:
    """The given secret, or the random one in `data_dir/NAME.key` (mode 0600), made at the first start."""
    if given:
        return given.encode()
    path = settings.data_dir / f"{name}.key"
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_bytes().strip()
    with os.fdopen(handle, "wb") as file:
        value = secrets.token_hex(32).encode()
        file.write(value)
    return value
