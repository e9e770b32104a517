"""Measures: how long people wait, who does not come, how the time is used; with the visits behind each number."""
