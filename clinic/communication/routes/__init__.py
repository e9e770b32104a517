"""The screens of communication, under /communication."""

from clinic.communication.routes import gateway, messages
from clinic.communication.routes.calls import blueprint, log_of

__all__ = ["blueprint", "gateway", "log_of", "messages"]
