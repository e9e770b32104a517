"""The one form of all screens: CSRF token, one-time key, the version it was loaded with."""

from __future__ import annotations

import hmac
from collections.abc import Iterable
from typing import Any, Self

from flask import g, request, session
from flask_babel import get_locale, gettext, lazy_gettext
from werkzeug.exceptions import BadRequest
from wtforms import Form, HiddenField
from wtforms.csrf.core import CSRF
from wtforms.fields.choices import SelectChoice
from wtforms.i18n import get_translations
from wtforms.validators import ValidationError

from clinic.core.errors import ClinicError, Detail
from clinic.core.ids import new_token
from clinic.web.gate import odd_fields

_TOKEN = "_csrf"  # noqa: S105 the name of the key, not a secret
_EXPIRED = lazy_gettext("This page was open for too long. What you typed is kept; please send it again.")

_UNSEEN = lazy_gettext("This holds a character that cannot be seen; please type it again.")


class SessionCsrf(CSRF):
    """A token kept in the server-side session; the same for all forms of a session."""

    def generate_csrf_token(self, csrf_token_field: Any) -> str:
        """The session's token, made when first asked for."""
        return csrf_token()

    def validate_csrf_token(self, form: Any, field: Any) -> None:
        """Refuse a form that does not carry the session's token."""
        expected = session.get(_TOKEN, "")
        if not expected or not hmac.compare_digest(expected.encode(), str(field.data or "").encode()):
            raise ValidationError(_EXPIRED)


def csrf_token() -> str:
    """The CSRF token of this session; for forms that are no ScreenForm."""
    token = session.get(_TOKEN)
    if not token:
        token = session[_TOKEN] = new_token()
    return str(token)


class _Translations:
    def gettext(self, text: str) -> str:
        return str(_translations().gettext(text))

    def ngettext(self, one: str, many: str, number: int) -> str:
        return str(_translations().ngettext(one, many, number))


def _translations() -> Any:
    language = str(get_locale() or "en")
    known = g.setdefault("wtforms_translations", {})
    if language not in known:
        known[language] = get_translations([language])
    return known[language]


class ScreenForm(Form):
    """A form of a screen. `once` makes a repeated send harmless; `version` makes a stale one visible."""

    class Meta:
        """CSRF by session; messages in the person's language."""

        csrf = True
        csrf_class = SessionCsrf
        csrf_field_name = "csrf_token"

        def get_translations(self, form: Any) -> _Translations:
            """WTForms' own messages in the language of the screen."""
            return _Translations()

    once = HiddenField()
    version = HiddenField()

    @classmethod
    def of_request(cls, **values: Any) -> Self:
        """The form as sent, or a fresh one holding `values` (and a new one-time key) for a GET."""
        if request.method == "POST":
            return cls(request.form, **values)
        values.setdefault("once", new_token())
        return cls(None, **values)

    def validate(self, extra_validators: Any = None) -> bool:
        """Whether everything may be kept; characters that nobody types are said beside their field.

        Raises BadRequest where no field of this form could say it.
        """
        fine: bool = super().validate(extra_validators)
        odd = odd_fields()
        if any(name not in self._fields or isinstance(self._fields[name], HiddenField) for name in odd):
            raise BadRequest
        for name in odd:
            self._fields[name].errors = [*self._fields[name].errors, _UNSEEN]
        return fine and not odd

    @property
    def loaded_version(self) -> int | None:
        """The version of the record that the form was filled from."""
        text = str(self.version.data or "")
        return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None

    def show(self, error: ClinicError) -> None:
        """Put an error beside the field it is about; one without a field stands above the form."""
        placed = [(detail.field, said(detail) or translated(error)) for detail in error.details] or [
            (error.field, translated(error))
        ]
        for name, text in placed:
            field = self._fields.get(name)
            if field is None:
                self.form_errors.append(text)
            else:
                field.errors = [*field.errors, text]


def choices(pairs: Iterable[tuple[str, Any]]) -> list[SelectChoice]:
    """The choices of a select or radio field from (value, label) pairs."""
    return [SelectChoice(value, label) for value, label in pairs]


def translated(error: ClinicError) -> str:
    """The message of an error in the language of the screen."""
    return str(gettext(error.message, **error.params) if error.params else gettext(error.message))


def said(detail: Detail) -> str:
    """A fault in the language of the screen; the label that it names too."""
    if not detail.msgid:
        return str(gettext(detail.message)) if detail.message else ""
    params = {name: gettext(value) if name == "label" else value for name, value in detail.params.items()}
    return str(gettext(detail.msgid, **params) if params else gettext(detail.msgid))
