"""Clients from a file: read (files, sheets), understood (columns, rows), checked (planning), kept (keeping)."""
