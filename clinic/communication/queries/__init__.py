"""Lists of calls, messages, and of what waits for a person."""
