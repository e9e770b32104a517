"""Pure decisions about time: working hours, the day's grid, free times, lanes and legal status steps."""
