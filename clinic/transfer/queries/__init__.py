"""Lists of imports and of their rows."""
