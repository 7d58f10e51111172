"""vra-tui: a Virtual Research Assistant for people who look at transient alerts."""

__version__ = "0.2.0"
