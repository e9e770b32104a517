"""Pure values: errors, money, days, clock, ids, names. Standard library only."""
