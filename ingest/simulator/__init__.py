"""A pretend office: years of invented history and a manager server whose calls arrive live."""
