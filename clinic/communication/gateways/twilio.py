"""Texts by the message resource that Twilio made known and others speak too.

Out: `POST {url}/2010-04-01/Accounts/{account}/Messages.json`, form-encoded To, From (or MessagingServiceSid), Body and
StatusCallback, Basic sign-in. In: form-encoded posts with `X-Twilio-Signature`, the Base64 of the HMAC-SHA1 of the
full address followed by every field's name and value in the order of the names, under the account's secret.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import http.client
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from clinic.communication.gateways import Handed, Incoming, NotNow, Outgoing, Refused, Report, Unsure

_SECONDS = 20
_LARGEST = 65_536
_STATES = {
    "accepted": "handed", "scheduled": "handed", "queued": "handed", "sending": "handed", "sent": "sent",
    "delivered": "delivered", "read": "delivered", "undelivered": "failed", "failed": "failed", "canceled": "failed",
}  # fmt: skip
_OPTED_OUT = 21610


@dataclass(frozen=True)
class TwilioGateway:
    """An account at such a service."""

    url: str
    account: str
    token: str
    sender: str
    channel: str = "sms"

    def hand_over(self, message: Outgoing) -> Handed:
        """Give the text to the service. Raises NotNow, Refused, Unsure."""
        fields = {"To": message.to, "Body": message.text}
        fields["MessagingServiceSid" if self.sender.startswith("MG") else "From"] = self.sender
        if message.report_url:
            fields["StatusCallback"] = message.report_url
        status, said = self._ask("POST", "Messages.json", fields)
        if status in (200, 201) and said.get("sid"):
            state = _STATES.get(str(said.get("status")), "handed")
            if state == "failed":
                raise Refused(_why(said))
            return Handed(str(said["sid"])[:80], state)
        if status == 400:
            raise Refused(_why(said), opted_out=said.get("code") == _OPTED_OUT)
        raise NotNow(f"The text gateway answered {status}: {_why(said)}")

    def look_up(self, gateway_id: str) -> Report | None:
        """Ask what became of a text. Raises NotNow."""
        try:
            status, said = self._ask("GET", f"Messages/{quote(gateway_id, safe='')}.json", None)
        except Unsure as fault:
            raise NotNow(str(fault)) from fault
        if status != 200:
            raise NotNow(f"The text gateway answered {status}")
        state = _STATES.get(str(said.get("status")), "")
        return Report(gateway_id, state, _why(said) if state == "failed" else "") if state else None

    def is_signed(self, address: str, fields: Iterable[tuple[str, str]], signature: str) -> bool:
        """Whether a post to this address of ours comes from the service."""
        return hmac.compare_digest(self.signature(address, fields), signature.encode("utf-8", "replace"))

    def signature(self, address: str, fields: Iterable[tuple[str, str]]) -> bytes:
        """The signature that a post to this address carries."""
        whole = address + "".join(name + value for name, value in sorted(fields))
        digest = hmac.new(self.token.encode(), whole.encode("utf-8", "surrogatepass"), hashlib.sha1)
        return base64.b64encode(digest.digest())

    def _ask(self, method: str, resource: str, fields: dict[str, str] | None) -> tuple[int, dict[str, Any]]:
        parts = urlsplit(self.url)
        kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        service = kind(parts.hostname or "", parts.port, timeout=_SECONDS)
        try:
            service.connect()
        except OSError as fault:
            raise NotNow(f"The text gateway could not be reached: {type(fault).__name__}") from fault
        path = f"/2010-04-01/Accounts/{quote(self.account, safe='')}/{resource}"
        try:
            body = urlencode(fields).encode() if fields is not None else None
            service.request(method, path, body, self._headers())
            answer = service.getresponse()
            return answer.status, _read(answer.read(_LARGEST))
        except (TimeoutError, OSError, http.client.HTTPException) as fault:
            raise Unsure(f"The connection to the text gateway broke: {type(fault).__name__}") from fault
        finally:
            service.close()

    def _headers(self) -> dict[str, str]:
        known = base64.b64encode(f"{self.account}:{self.token}".encode()).decode()
        return {
            "Authorization": f"Basic {known}", "Accept": "application/json",
            "Content-Type": "application/x-www-form-urlencoded",
        }  # fmt: skip


def read_report(fields: dict[str, str]) -> Report | None:
    """What a post of the service says about a message of ours; None for a state that means nothing to us."""
    state = _STATES.get(fields.get("MessageStatus") or fields.get("SmsStatus", ""), "")
    sid = fields.get("MessageSid") or fields.get("SmsSid", "")
    if not state or not sid:
        return None
    code = fields.get("ErrorCode", "")
    return Report(sid[:80], state, f"The text gateway could not deliver it ({code[:20]})." if code else "")


def read_incoming(fields: dict[str, str]) -> Incoming | None:
    """The text in a post of the service; None without a sender or an id."""
    sid = fields.get("MessageSid") or fields.get("SmsSid", "")
    sender = fields.get("From", "")
    return Incoming(sid[:80], sender[:40], fields.get("Body", "")[:1600]) if sid and sender else None


def _read(body: bytes) -> dict[str, Any]:
    try:
        said = json.loads(body)
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}


def _why(said: dict[str, Any]) -> str:
    words = said.get("message") or said.get("error_message") or "The text gateway refused it."
    return str(words)[:200]
