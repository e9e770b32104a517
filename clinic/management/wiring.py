"""What management gives to the application."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from clinic.management.measures import routes as measures
from clinic.management.routes import blueprint
from clinic.web.slice import Nav, Slice

slice_ = Slice(
    name="management",
    blueprint=blueprint,
    nav=(Nav("management.home", _l("Manage"), "manage", "m", 90, "management.setup"),),
    actions=(
        (_l("Users"), "management.users", "people", "management.users"),
        (_l("Add a user"), "management.new_user", "plus", "management.users"),
        (_l("Audit trail"), "management.audit", "shield", "management.audit"),
        (_l("Measures: waits, missed visits, use of time"), "management.measures", "chart", "management.measures"),
        (_l("Roles and permissions"), "management.roles", "lock", "management.setup"),
        (_l("Practice settings"), "management.practice", "settings", "management.setup"),
        (_l("Own fields of the registration form"), "management.own_fields", "list", "management.setup"),
        (_l("Forms: add and retire"), "management.forms", "form", "management.setup"),
    ),
)

__all__ = ["measures", "slice_"]
