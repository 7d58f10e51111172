"""Figures: how fast, how small. `make bench` prints them all; each module prints its own."""
