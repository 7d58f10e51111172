"""Rank geometry, lists and policies: pure functions of numbers."""
