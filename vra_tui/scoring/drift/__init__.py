"""Drift: are recent alerts still what earlier ones, and the training rows, were? Pure functions."""
