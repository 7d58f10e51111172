"""Surveys with a known truth, through the same road into the store as real ones."""
