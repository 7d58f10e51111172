"""Features: what the models see of an alert, computed for many alerts at once."""
