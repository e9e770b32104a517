"""Who saw and changed what: append-only events in a chain that shows every later change."""
