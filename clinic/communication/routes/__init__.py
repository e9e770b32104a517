"""The screens of communication, under /communication."""

from clinic.communication.routes import decisions, gateway, messages, replies, words
from clinic.communication.routes.calls import blueprint, log_of

__all__ = ["blueprint", "decisions", "gateway", "log_of", "messages", "replies", "words"]
