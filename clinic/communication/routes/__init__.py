"""The screens of communication, under /communication."""

from clinic.communication.routes.calls import blueprint, log_of

__all__ = ["blueprint", "log_of"]
