"""Models: what they are, finding and reading them, what they say of an alert, and why."""
