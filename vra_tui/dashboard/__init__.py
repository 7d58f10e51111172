"""What `datasette vra.db` needs to show light curves, stamps and labels to people who read in a browser."""
