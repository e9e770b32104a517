"""What every screen shares: forms, the one commit, error pages, filters, headers, the input gate."""
