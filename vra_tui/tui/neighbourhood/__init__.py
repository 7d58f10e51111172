"""What stands around an alert, as a small map and as a table."""
