"""Who saw and changed what."""

from __future__ import annotations

from flask import Response as FlaskResponse
from flask import request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from clinic.access.guard import requires
from clinic.audit.reader import head_text, search, verify
from clinic.core.errors import Invalid
from clinic.fhir.store import Store
from clinic.management import trail
from clinic.management.forms import AuditForm, options
from clinic.management.routes import blueprint
from clinic.management.routes.paging import page_number
from clinic.management.routes.what import what_words
from clinic.management.trail import Typed
from clinic.web.forms import ScreenForm
from clinic.web.respond import page
from clinic.web.transaction import look

SIZE = 50
VERBS = {
    "read": _l("seen"),
    "create": _l("added"),
    "update": _l("changed"),
    "delete": _l("deleted"),
    "print": _l("printed"),
    "export": _l("exported"),
    "import": _l("imported"),
    "import-undone": _l("took an import back"),
    "sign-in": _l("signed in"),
    "sign-out": _l("signed out"),
    "lock": _l("locked the desk"),
    "unlock": _l("unlocked the desk"),
    "reveal": _l("revealed a number"),
    "user-added": _l("user added"),
    "user-changed": _l("user changed"),
    "user-disabled": _l("user disabled"),
    "user-enabled": _l("user enabled"),
    "password-reset": _l("password reset"),
    "sessions-ended": _l("sessions ended"),
    "client-added": _l("program added"),
    "client-revoked": _l("program revoked"),
    "client-restored": _l("program restored"),
    "practice-changed": _l("practice changed"),
    "audit-search": _l("searched the trail"),
    "break-glass": _l("opened with a reason"),
    "record-restricted": _l("record restricted"),
    "duplicate-different": _l("said not to be the same person"),
    "duplicate-open": _l("may be the same person again"),
    "record-opened-to-all": _l("record open to everybody again"),
    "openings-reviewed": _l("looked at what was opened with a reason"),
}


@blueprint.get("/audit")
@requires("management.audit")
def audit() -> Response:
    """The trail, newest first, narrowed by patient, person, action and time."""
    form = AuditForm(request.args)
    form.verb.choices = options([("", _("any")), *((verb, str(words)) for verb, words in VERBS.items())])
    number = page_number()
    try:
        rows = look(lambda store: _find(store, form, number))
    except Invalid as error:
        form.show(error)
        return _show(form, [], number, 422)
    return _show(form, rows, number)


@blueprint.get("/audit/chain")
@requires("management.audit")
def audit_chain() -> Response:
    """Whether the chain is whole, checked now from its first event."""
    problems, head = look(lambda store: (verify(store.conn), head_text(store.conn)))
    return page("management/audit_chain.html", problems=problems, head=head)


@blueprint.get("/audit.csv")
@requires("management.audit")
def audit_file() -> Response:
    """The same search as a file; that it was taken out is an event itself."""
    form = AuditForm(request.args)
    text = look(lambda store: _file(store, form))
    headers = {"Content-Disposition": 'attachment; filename="audit.csv"'}
    return FlaskResponse("\ufeff" + text, mimetype="text/csv", headers=headers)


def _file(store: Store, form: ScreenForm) -> str:
    wanted = trail.wanted_of(store, _typed(form))
    store.did("export", "audit trail", wanted.patient_id)
    return "".join(trail.csv_lines(store, wanted))


def _find(store: Store, form: ScreenForm, number: int) -> list[trail.Shown]:
    typed = _typed(form)
    wanted = trail.wanted_of(store, typed)
    if typed != Typed():
        store.did("audit-search", "audit trail", wanted.patient_id)
    lines = search(store.conn, wanted, limit=SIZE + 1, offset=(number - 1) * SIZE)
    return trail.shown(store, lines)


def _typed(form: ScreenForm) -> Typed:
    def text(name: str) -> str:
        return str(form[name].data or "")[:200]

    return Typed(text("patient"), text("person"), text("verb"), text("since"), text("until"))


def _show(form: ScreenForm, rows: list[trail.Shown], number: int, status: int = 200) -> Response:
    given = {name: value for name, value in request.args.items() if name != "page"}
    values = {"rows": rows[:SIZE], "more": len(rows) > SIZE, "number": number, "given": given, "verbs": VERBS}
    values["what_words"] = what_words
    return page("management/audit.html", status, form=form, **values)
