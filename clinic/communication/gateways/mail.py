"""Mail by SMTP. What the server takes counts as sent: it answers for it from then on."""

from __future__ import annotations

import smtplib
import ssl
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import formataddr

from clinic.communication.gateways import Handed, NotNow, Outgoing, Refused, Report, Unsure

_SECONDS = 20


@dataclass(frozen=True)
class MailGateway:
    """A mail server and who signs in there."""

    host: str
    port: int
    sender: str
    tls: str = "starttls"
    user: str = ""
    password: str = ""
    channel: str = "email"

    def hand_over(self, message: Outgoing) -> Handed:
        """Give the mail to the server. Raises NotNow, Refused, Unsure."""
        mail = self._mail(message)
        try:
            server = self._signed_in()
        except (OSError, smtplib.SMTPException) as fault:
            raise NotNow(f"The mail server did not let us in: {_said(fault)}") from fault
        try:
            self._send(server, mail)
        except smtplib.SMTPRecipientsRefused as fault:
            code, words = next(iter(fault.recipients.values()))
            kind = Refused if code >= 500 else NotNow
            raise kind(f"The mail server refused the address: {_text(words)}") from fault
        except smtplib.SMTPSenderRefused as fault:
            raise NotNow(f"The mail server refused the sender: {_text(fault.smtp_error)}") from fault
        except smtplib.SMTPDataError as fault:
            kind = Refused if fault.smtp_code >= 500 else NotNow
            raise kind(f"The mail server refused the message: {_text(fault.smtp_error)}") from fault
        except (OSError, smtplib.SMTPException) as fault:
            raise Unsure(f"The connection to the mail server broke: {_said(fault)}") from fault
        finally:
            server.close()
        return Handed(str(mail["Message-ID"]).strip("<>"), "sent")

    def _send(self, server: smtplib.SMTP, mail: EmailMessage) -> None:
        server.send_message(mail)
        _leave(server)

    def look_up(self, gateway_id: str) -> Report | None:
        """Mail servers cannot be asked."""
        return None

    def _mail(self, message: Outgoing) -> EmailMessage:
        mail = EmailMessage()
        try:
            mail["To"] = message.to
            mail["From"] = formataddr((" ".join(message.sender_name.split()), self.sender))
            mail["Subject"] = " ".join(message.subject.split()) or " ".join(message.sender_name.split())
        except (ValueError, IndexError) as fault:
            raise Refused("This is no mail address.") from fault
        if mail["To"].defects or len(mail["To"].addresses) != 1:
            raise Refused("This is no mail address.")
        mail["Message-ID"] = f"<{message.id}@{self.sender.rpartition('@')[2]}>"
        mail["Auto-Submitted"] = "auto-generated"
        mail["Content-Language"] = message.language
        mail.set_content(message.text, charset="utf-8", cte="quoted-printable")
        return mail

    def _signed_in(self) -> smtplib.SMTP:
        trusted = ssl.create_default_context()
        if self.tls == "tls":
            server: smtplib.SMTP = smtplib.SMTP_SSL(self.host, self.port, timeout=_SECONDS, context=trusted)
        else:
            server = smtplib.SMTP(self.host, self.port, timeout=_SECONDS)
        try:
            if self.tls == "starttls":
                server.starttls(context=trusted)
            if self.user:
                server.login(self.user, self.password)
        except (OSError, smtplib.SMTPException):
            server.close()
            raise
        return server


def _leave(server: smtplib.SMTP) -> None:
    """It has the mail; how it says goodbye changes nothing."""
    try:
        server.quit()
    except (OSError, smtplib.SMTPException):
        return


def _said(fault: Exception) -> str:
    if isinstance(fault, smtplib.SMTPResponseException):
        return f"{fault.smtp_code} {_text(fault.smtp_error)}"
    return type(fault).__name__


def _text(words: bytes | str) -> str:
    return (words.decode("utf-8", "replace") if isinstance(words, bytes) else words)[:200]
