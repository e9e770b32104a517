"""The one policy: every view says which permission it asks for, and what says nothing is refused."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from typing import Any, Final, TypeVar
from urllib.parse import urlsplit

from flask import Flask, Response, current_app, has_request_context, redirect, request, session, url_for
from werkzeug.exceptions import HTTPException, Unauthorized
from werkzeug.wrappers import Response as AnyResponse

from clinic.access.permissions import PERMISSIONS
from clinic.access.principal import Principal, current_actor, current_principal
from clinic.access.sessions import CSRF_KEY
from clinic.core.errors import N_, Forbidden, Restricted

__all__ = [
    "CSRF_KEY",
    "PUBLIC",
    "TOKEN",
    "asks_why",
    "by_token",
    "came_from",
    "can",
    "current_actor",
    "current_principal",
    "install",
    "public",
    "require_own_form",
    "requires",
    "safe_path",
]

View = TypeVar("View", bound=Callable[..., Any])

PUBLIC: Final = "public"
TOKEN: Final = "token"  # noqa: S105 a mark, not a secret
_OPEN: Final = frozenset({PUBLIC, TOKEN})
_WHILE_LOCKED: Final = frozenset({"access.unlock", "access.check_unlock", "access.lock", "access.sign_out"})
_BEFORE_CHANGE: Final = frozenset({"access.account", "access.change_password", "access.sign_out", "access.lock"})

_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})

"""Where the session keeps the token that every form carries."""

REFUSED: Final = N_("Your role does not allow this.")
NOT_OURS: Final = N_("This page was open for too long. What you typed is kept; please send it again.")


def requires(permission: str) -> Callable[[View], View]:
    """Mark a view with the permission it asks for; the guard checks it before the view runs.

    Raises KeyError at import time for a permission that the table does not list.
    """
    PERMISSIONS[permission]

    def mark(view: View) -> View:
        view.permission = permission  # type: ignore[attr-defined]
        return view

    return mark


def public(view: View) -> View:
    """Mark one of the few views that anybody may open (sign-in, health, capability statement)."""
    view.permission = PUBLIC  # type: ignore[attr-defined]
    return view


def asks_why(view: View) -> View:
    """Mark one of the few views that a closed record is opened by."""
    view.asks_why = True  # type: ignore[attr-defined]
    return view


def by_token(view: View) -> View:
    """Mark a view that checks a bearer token of its own (the FHIR interface) instead of a session."""
    view.permission = TOKEN  # type: ignore[attr-defined]
    return view


def can(permission: str) -> bool:
    """Whether the person of this request holds the permission; for templates and menus."""
    principal = current_principal()
    return principal is not None and not principal.locked and principal.may(permission)


def install(app: Flask) -> None:
    """Check every request of the application; deny whatever is not marked."""
    if "static" in app.view_functions:
        public(app.view_functions["static"])
    app.before_request(check)
    app.jinja_env.globals["can"] = can


def check() -> AnyResponse | None:
    """Let the request pass (None), or say where to go instead.

    Raises Forbidden for a role without the right, Unauthorized for a program without a session.
    """
    if request.endpoint is None:
        return None
    view = current_app.view_functions[request.endpoint]
    permission = getattr(view, "permission", None)
    if permission in _OPEN:
        return None
    principal = current_principal()
    if permission is None:
        raise Forbidden(REFUSED)
    if principal is None:
        return sign_in_first()
    detour = _detour(principal)
    if detour is None and not principal.may(str(permission)):
        raise Forbidden(REFUSED)
    if detour is None and not getattr(view, "asks_why", False):
        _require_open(principal)
    return detour


def _require_open(principal: Principal) -> None:
    """Refuse an address that names a closed record before its view runs; the store refuses everything else of it."""
    for named in (request.view_args or {}).values():
        if named in principal.barred:
            raise Restricted(str(named))


def _detour(principal: Principal) -> AnyResponse | None:
    if principal.locked and request.endpoint not in _WHILE_LOCKED:
        return _to("access.unlock")
    if principal.must_change and request.endpoint not in _BEFORE_CHANGE:
        return _to("access.account")
    return None


def sign_in_first() -> AnyResponse:
    """Send a visitor to the sign-in page and back to where they were.

    A page of ours is redirected, a fragment is told by HX-Redirect, a background call or a program gets 401.
    """
    return _to("access.sign_in")


def _to(endpoint: str) -> AnyResponse:
    if wants_fragment():
        return Response(status=401, headers={"HX-Redirect": url_for(endpoint, next=came_from())})
    accepted = request.accept_mimetypes
    if is_background() or (accepted and not accepted.accept_html):
        raise Unauthorized
    return redirect(url_for(endpoint, next=safe_path(_page_of_request())), 303)


def _page_of_request() -> str:
    """The page to come back to: this one, or the page of the form that was sent to the same address."""
    if request.method == "GET":
        return request.full_path.rstrip("?")
    try:
        current_app.url_map.bind(request.host).match(request.path, method="GET")
    except HTTPException:
        return came_from()
    return request.path


def require_own_form() -> None:
    """Refuse a change that does not carry this session's token, in the form or in X-CSRF-Token.

    Called where a transaction begins, so that no view can forget it. Raises Forbidden.
    """
    if not has_request_context() or request.method in _SAFE or request.endpoint is None:
        return
    if getattr(current_app.view_functions[request.endpoint], "permission", None) == TOKEN:
        return
    given = request.headers.get("X-CSRF-Token") or request.form.get("csrf_token", "")
    kept = str(session.get(CSRF_KEY, ""))
    if not kept or not hmac.compare_digest(kept.encode(), given.encode("utf-8", "replace")):
        raise Forbidden(NOT_OURS)


def wants_fragment() -> bool:
    """Whether htmx asks for a part of a page."""
    return request.headers.get("HX-Request") == "true"


def is_background() -> bool:
    """Whether a script asks by itself, so that nobody is known to sit there."""
    return "X-Background" in request.headers


def came_from() -> str:
    """The path of our own page that this request was sent from; `/` when it is not known."""
    page = urlsplit(request.headers.get("HX-Current-URL") or request.referrer or "")
    if page.netloc != request.host:
        return "/"
    return safe_path(f"{page.path}?{page.query}" if page.query else page.path)


def safe_path(target: str) -> str:
    """A path inside this application, or `/`: never another site, whatever a link says.

    Browsers read `//host`, `/\\host` and control characters in front as another site, so all are refused.
    """
    if not target.startswith("/") or target.startswith(("//", "/\\")):
        return "/"
    if any(ord(char) < 33 or ord(char) == 127 for char in target) or "\\" in target:
        return "/"
    parts = urlsplit(target)
    return target if not parts.scheme and not parts.netloc else "/"
