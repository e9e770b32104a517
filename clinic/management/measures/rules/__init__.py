"""What a number means: periods, quantiles, buckets, and the table that every measure ends in."""
