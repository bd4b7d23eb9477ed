"""Clients from a file: read (files, sheets), understood (columns, rows), checked (planning), taken (taking, keeping)."""
