"""History of a PBX from its own records: files and databases become the same facts as live events."""
