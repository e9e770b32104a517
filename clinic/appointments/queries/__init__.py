"""Reading: every function is one statement into frozen rows."""
