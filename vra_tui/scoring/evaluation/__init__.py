"""Evaluation of a model on labelled rows: pure figures; nothing is read, written or drawn here."""
