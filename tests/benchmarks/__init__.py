"""`make bench`: each figure beside a baseline of the same run, never a timed assertion in a test."""
