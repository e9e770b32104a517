"""Engine, column types, and the few differences between the databases."""
