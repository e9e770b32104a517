"""The forms of signing in and of one's own account: shape and spelling only."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, PasswordField, SelectChoice, SelectField, StringField
from wtforms.validators import InputRequired, Length

from clinic.web.forms import ScreenForm

_NEEDED = InputRequired(_l("Please fill this in."))
_WORD = Length(max=200, message=_l("This is too long."))


class SignInForm(ScreenForm):
    """Name and password."""

    username = StringField(_l("Sign-in name"), [_NEEDED, _WORD])
    password = PasswordField(_l("Password"), [_NEEDED, _WORD])
    next = HiddenField()


class CodeForm(ScreenForm):
    """The code of an authenticator app."""

    code = StringField(_l("Six-digit code"), [_NEEDED, Length(max=12, message=_l("A code has six digits."))])
    next = HiddenField()


class UnlockForm(ScreenForm):
    """Opening a locked desk: the same person, or somebody else."""

    username = StringField(_l("Sign-in name"), [_NEEDED, _WORD])
    secret = PasswordField(_l("PIN or password"), [_NEEDED, _WORD])
    next = HiddenField()


class PasswordForm(ScreenForm):
    """A new password, proved by the present one."""

    present = PasswordField(_l("Present password"), [_NEEDED, _WORD])
    password = PasswordField(
        _l("New password"), [_NEEDED, _WORD], description=_l("At least 10 characters; a few words are best.")
    )
    again = PasswordField(_l("New password again"), [_NEEDED, _WORD])


class PinForm(ScreenForm):
    """A PIN for unlocking; empty takes it away."""

    present = PasswordField(_l("Present password"), [_NEEDED, _WORD])
    pin = PasswordField(
        _l("New PIN"),
        [Length(max=8, message=_l("A PIN is 4 to 8 digits."))],
        description=_l("4 to 8 digits. Leave it empty to use the password instead."),
    )


class SetUpForm(ScreenForm):
    """The first visit: practice, first site, administrator."""

    code = StringField(_l("One-time code"), [_NEEDED, _WORD], description=_l("Printed where Clinic was started."))
    practice = StringField(_l("Practice"), [_NEEDED, Length(max=120, message=_l("This is too long."))])
    site = StringField(_l("First site"), [_NEEDED, Length(max=120, message=_l("This is too long."))])
    region = SelectField(
        _l("Country rules"),
        choices=[
            SelectChoice("us", _l("United States")),
            SelectChoice("nl", _l("Netherlands")),
            SelectChoice("generic", _l("Other")),
        ],
    )
    zone = StringField(_l("Time zone"), [_NEEDED, _WORD], description=_l("For example America/New_York."))
    name = StringField(_l("Your name"), [_NEEDED, Length(max=120, message=_l("This is too long."))])
    username = StringField(_l("Sign-in name"), [_NEEDED, Length(max=64, message=_l("This is too long."))])
    password = PasswordField(
        _l("Password"), [_NEEDED, _WORD], description=_l("At least 10 characters; a few words are best.")
    )
