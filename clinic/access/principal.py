"""Whoever a request comes from, as Flask-Login's `current_user` and as the store's actor."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from flask import has_request_context, request
from flask_login import current_user

from clinic.access.permissions import DEVICE, permissions_of
from clinic.core.actor import Actor


@dataclass(frozen=True)
class Principal:
    """A person or a paired tablet that is signed in; carries the session's state that the guard needs."""

    id: str
    name: str
    role: str
    username: str = ""
    reference: str = ""
    preferences: dict[str, Any] = field(default_factory=dict)
    locked: bool = False
    must_change: bool = False
    has_pin: bool = False
    has_totp: bool = False
    barred: frozenset[str] = frozenset()

    is_active = True
    is_anonymous = False

    @property
    def is_authenticated(self) -> bool:
        """True: an anonymous visitor has no Principal."""
        return True

    def get_id(self) -> str:
        """What Flask-Login calls this person; the session row decides, not this."""
        return self.id

    @cached_property
    def permissions(self) -> frozenset[str]:
        """The rights of the role."""
        return permissions_of(self.role)

    def may(self, permission: str) -> bool:
        """Whether the role holds this permission."""
        return permission in self.permissions

    def preference(self, name: str, default: str = "") -> str:
        """One choice of the person (theme, language, keys)."""
        return str(self.preferences.get(name, default))

    @property
    def actor(self) -> Actor:
        """The same person for the store and the audit trail."""
        return Actor(
            self.id,
            self.name,
            kind="device" if self.role == DEVICE else "user",
            role=self.role,
            permissions=self.permissions,
            reference=self.reference,
            network=network(),
            barred=self.barred,
        )


def current_principal() -> Principal | None:
    """The signed-in person or tablet of this request, or None for a visitor."""
    if not has_request_context():
        return None
    found = current_user._get_current_object()  # noqa: SLF001 the object behind Flask's proxy
    return found if isinstance(found, Principal) else None


def current_actor() -> Actor:
    """The actor of this request; a nameless one without rights for a visitor."""
    principal = current_principal()
    if principal is not None:
        return principal.actor
    return Actor("", "", network=network())


def network() -> str:
    """The address that the request came from; empty outside a request."""
    return (request.remote_addr or "") if has_request_context() else ""
