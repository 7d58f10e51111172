"""Kinds of source: parameters drawn for each alert, and its difference flux at every exposure."""
