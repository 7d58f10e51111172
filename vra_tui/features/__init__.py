"""Features: the numbers that models take from an alert, computed for many alerts at once."""
