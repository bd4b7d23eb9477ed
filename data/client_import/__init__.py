"""Clients from a file: read (files.py, sheets.py), understood (columns.py, rows.py), checked and taken (taking.py)."""
