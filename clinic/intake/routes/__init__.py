"""The screens of intake: the desk's lists, the tablet's pages, review, paper."""

from __future__ import annotations

import base64

from flask import Blueprint

blueprint = Blueprint("intake", __name__)


@blueprint.app_template_filter("b64")
def b64(text: str) -> str:
    """Text as base64, for a picture inside a page."""
    return base64.b64encode(text.encode()).decode()


from clinic.intake.routes import leave, links, questions, still_right, tablet  # noqa: E402 views need the blueprint

__all__ = ["blueprint", "leave", "links", "questions", "still_right", "tablet"]
