"""What people can do with appointments; nothing here commits, sends or reads the clock."""
