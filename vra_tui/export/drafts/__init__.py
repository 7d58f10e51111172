"""Drafts of what leaves: reports to the Transient Name Server, and AstroNotes."""
