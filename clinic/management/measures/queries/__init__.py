"""What the measures count: each a statement over rows that the slices below keep."""
