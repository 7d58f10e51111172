"""Kinds of source: what is drawn for each alert of a kind, and its difference flux at every exposure."""
