"""Clinic: the front desk of a medical practice."""

from __future__ import annotations

import importlib
from pathlib import Path

from flask import Flask, g, redirect, request, url_for
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.wrappers import Response

from clinic.audit.chain import use_key
from clinic.core import keyed
from clinic.core.clock import Clock, SystemClock
from clinic.core.hooks import Hooks
from clinic.core.practice import Practice
from clinic.db.engine import Database
from clinic.fhir.registry import Registry, registry_of
from clinic.fhir.store import Setting
from clinic.web.slice import Slice
from clinic.web.state import State
from clinic.web.templates import Templates
from config import Settings, kept_secret, read_settings

SLICES = (
    "registration",
    "insurance",
    "appointments",
    "communication",
    "billing",
    "cash",
    "intake",
    "visits",
    "management",
    "transfer",
)
LANGUAGES = ("en", "es", "nl", "ar")
ROOT = Path(__file__).resolve().parent.parent


def load_slices() -> tuple[Slice, ...]:
    """Every slice's declaration, lower ones first."""
    modules = (importlib.import_module(f"clinic.{name}") for name in SLICES)
    return tuple(module.slice_ for module in modules if hasattr(module, "slice_"))


def require_clone(root: Path) -> None:
    """End with a plain sentence when the folders that stand beside the package are not there, as in a wheel."""
    missing = [name for name in ("templates", "migrations") if not (root / name).is_dir()]
    if missing:
        raise SystemExit(
            f"Clinic runs from a clone of its repository, where {' and '.join(missing)} stand beside the package; "
            f"they are not in {root}. Clone it and type `make run` (see README.md)."
        )


def make_state(settings: Settings, *, clock: Clock | None = None, database: Database | None = None) -> State:
    """The application's objects without a web application: for the command line and the tests."""
    require_clone(ROOT)
    slices = load_slices()
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    hooks = Hooks()
    for part in slices:
        for news, listener in part.listeners.items():
            hooks.listen(news, listener)
        if part.merging is not None:
            hooks.merge_parts.append(part.merging)
    database = database or Database(settings.effective_database_url, schema=settings.schema)
    audit_key = kept_secret(settings, "audit", settings.audit_key)
    use_key(database.engine, audit_key)
    secret = kept_secret(settings, "secret", settings.secret_key)
    keyed.use_key(secret)
    return State(
        settings=settings,
        database=database,
        setting=Setting(registry_of_slices(slices), hooks, Practice()),
        clock=clock or SystemClock(),
        slices=slices,
        secret=secret,
        audit_key=audit_key,
    )


def registry_of_slices(slices: tuple[Slice, ...]) -> Registry:
    """What the slices declared about their record types, in one place."""
    writers = {type_: writer for part in slices for type_, writer in part.writers.items()}
    return registry_of(
        (param for part in slices for param in part.params),
        (model for part in slices for model in part.read_models),
        writers,
        upkeep=(part_upkeep for part in slices for part_upkeep in part.upkeep),
        witnesses={type_: witness for part in slices for type_, witness in part.witnesses.items()},
    )


def create_app(
    settings: Settings | None = None, *, clock: Clock | None = None, database: Database | None = None
) -> Flask:
    """The web application: every slice's screens and the FHIR interface, wired from one tuple."""
    settings = settings or read_settings()
    app = Flask(__name__, template_folder=str(ROOT / "templates"), static_folder="static")
    app.jinja_environment = Templates
    app.extensions["clinic"] = state = make_state(settings, clock=clock, database=database)
    app.config.update(
        SECRET_KEY=state.secret,
        TRUSTED_HOSTS=settings.trusted_hosts,
        SEND_FILE_MAX_AGE_DEFAULT=31536000,
        BABEL_DEFAULT_LOCALE="en",
        BABEL_TRANSLATION_DIRECTORIES=str(ROOT / "clinic" / "translations"),
        DEBUG=settings.debug,
    )
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops)  # type: ignore[method-assign]
    _install(app, state)
    return app


def _install(app: Flask, state: State) -> None:
    from clinic import access
    from clinic.fhir_api import install as install_fhir
    from clinic.web import context, errors, filters, gate, headers, wording

    wording.Languages(app, locale_selector=_language)
    errors.install(app)
    gate.install(app)
    headers.install(app, tls=state.settings.behind_tls)
    filters.install(app)
    context.install(app)
    wording.install(app)
    access.install(app, state)
    for part in state.slices:
        if part.blueprint is not None:
            app.register_blueprint(part.blueprint, url_prefix=f"/{part.name}")
    install_fhir(app)
    _front_door(app)


def _front_door(app: Flask) -> None:
    from clinic.access.guard import public

    @app.get("/")
    @public
    def index() -> Response:
        """The first screen is Today; who is not signed in is sent to sign in from there."""
        return redirect(url_for("visits.today"))

    @app.get("/healthz")
    @public
    def healthz() -> tuple[str, int]:
        """Whether the process answers; for supervisors."""
        return "ok\n", 200


def _language() -> str:
    from clinic.access.guard import current_principal

    if "language" in g:
        return str(g.language)
    principal = current_principal()
    wanted = principal.preference("language", "") if principal else ""
    if wanted in LANGUAGES:
        return wanted
    return request.accept_languages.best_match(("en", "es", "nl")) or "en"
