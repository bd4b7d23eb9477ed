"""Chat services that are none: servers on this machine that behave like the real ones, for the demo and tests."""
