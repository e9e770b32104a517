"""The screens of intake: the desk's lists, the tablet's pages, review, paper."""

from __future__ import annotations

import base64

from flask import Blueprint

blueprint = Blueprint("intake", __name__)


@blueprint.app_template_filter("b64")
def b64(text: str) -> str:
    """Text as base64, for a picture inside a page."""
    return base64.b64encode(text.encode()).decode()


from clinic.intake.routes import (  # noqa: E402 views need the blueprint
    desk,
    leave,
    links,
    questions,
    review,
    still_right,
    tablet,
    tablets,
)

__all__ = ["blueprint", "desk", "leave", "links", "questions", "review", "still_right", "tablet", "tablets"]
