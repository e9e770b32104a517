"""Links to further pages: sealed, so that they tell nothing and work for their program only."""

from __future__ import annotations

import base64
from hashlib import sha256
from typing import Any

from cryptography.fernet import Fernet, InvalidToken

from clinic.core.json import dumps, loads
from clinic.fhir_api.errors import Refused

LIVES_SECONDS = 24 * 3600
LONGEST = 8000


class Pages:
    """Seals and opens the state of a paged answer with a key of the installation."""

    def __init__(self, secret: bytes) -> None:
        key = sha256(b"fhir-page:" + secret).digest()
        self._box = Fernet(base64.urlsafe_b64encode(key))

    def seal(self, client_id: str, state: dict[str, Any]) -> str:
        """The token of a page, for this program."""
        return self._box.encrypt(dumps([client_id, state]).encode()).decode()

    def open(self, client_id: str, token: str) -> dict[str, Any]:
        """What a token holds. Raises Refused: 400 for a false or old one, 403 for another program's."""
        if len(token) > LONGEST:
            raise Refused(400, "This page link is not one of ours.", "_page")
        try:
            owner, state = loads(self._box.decrypt(token.encode(), ttl=LIVES_SECONDS))
        except (InvalidToken, UnicodeEncodeError):
            raise Refused(400, "This page link is not one of ours or too old; search again.", "_page") from None
        if owner != client_id:
            raise Refused(403, "This page link belongs to another program.", "_page")
        found: dict[str, Any] = state
        return found
