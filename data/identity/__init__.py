"""Who somebody is and what he may do: users, roles, sessions, tokens (never in the analytics file)."""
