"""Who is asking."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

ActorKind = Literal["user", "device", "client", "system", "patient"]


@dataclass(frozen=True)
class Actor:
    """The person, tablet, program or the system itself for whom a transaction runs."""

    id: str
    name: str
    kind: ActorKind = "user"
    role: str = ""
    permissions: frozenset[str] = frozenset()
    reference: str = ""
    """A FHIR reference to the person's own resource, when there is one."""
    network: str = ""
    """The address the request came from, for the audit trail."""
    barred: frozenset[str] = frozenset()
    """The restricted patients whose records are closed to this actor now; see access/restricted."""

    def may(self, permission: str) -> bool:
        """Whether the role allows it; the system may do all that it does."""
        return self.kind == "system" or permission in self.permissions


SYSTEM = Actor("system", "Clinic", kind="system", role="system")

BREAK_GLASS = "break-glass"
"""The verb of the trail for opening a restricted record; its event carries the purpose BTG and the reason."""
