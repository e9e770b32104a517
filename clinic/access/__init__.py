"""Who may do what: users, roles, permissions, sessions, sign-in, the guard and API clients."""
