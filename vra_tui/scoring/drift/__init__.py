"""Drift: compare recent alerts with earlier ones and with training rows. Pure functions."""
