"""The restricted records that somebody opened with a reason: what is new, and what was looked at."""

from __future__ import annotations

from typing import Any

from flask import request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from clinic.access.guard import require_own_form, requires
from clinic.access.restricted import PAGE, openings
from clinic.core.errors import Missing
from clinic.fhir.store import Store
from clinic.management.routes import blueprint
from clinic.management.routes.paging import page_number
from clinic.registration.queries.finder import people
from clinic.registration.service import restricting
from clinic.web.respond import go, page, toast
from clinic.web.transaction import look, transact


@blueprint.get("/opened")
@requires("patients.restrict")
def opened() -> Response:
    """The list, the new ones first asked for."""
    text, show, number = request.args.get("q", "")[:100], request.args.get("show", ""), page_number()

    def load(store: Store) -> dict[str, Any]:
        rows, total = openings(store.conn, only_new=show != "all", page=number, text=text)
        return {"rows": rows, "total": total, "names": people(store, sorted({row.patient_id for row in rows}))}

    given = {name: value for name, value in (("q", text), ("show", show)) if value}
    return page("management/opened.html", q=text, show=show, number=number, size=PAGE, given=given, **look(load))


@blueprint.post("/opened")
@requires("patients.restrict")
def review_opened() -> Response:
    """Mark the ticked ones as looked at."""
    require_own_form()
    ids = request.form.getlist("id")[:PAGE]
    if not ids:
        raise Missing("Nothing was ticked.")
    many = transact(lambda store: restricting.review_openings(store, ids))
    words = ngettext("%(num)s marked as looked at", "%(num)s marked as looked at", many)
    toast(words, url_for("management.unreview_opened", ids=" ".join(ids)))
    return go(url_for("management.opened"))


@blueprint.post("/opened/undo")
@requires("patients.restrict")
def unreview_opened() -> Response:
    """Undo: they are new again."""
    require_own_form()
    ids = request.args.get("ids", "").split()[:PAGE]
    transact(lambda store: restricting.review_openings(store, ids, undo=True))
    toast(_("New again"))
    return go(url_for("management.opened"))
