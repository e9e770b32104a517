"""What people do with calls and messages, and what is done by itself.

Others send by `messages.send`; what lies below announces by the news `message_wanted` (core/hooks).
"""

from clinic.communication.service.calls import call_returned, log_call, reopen
from clinic.communication.service.messages import send

__all__ = ["call_returned", "log_call", "reopen", "send"]
