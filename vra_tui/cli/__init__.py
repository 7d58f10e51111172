"""The `vra` command: thin."""
