"""How fast the parts are, side by side with peers and with the limit."""
