"""What arrives: the input's models, readers, and the survey simulator."""
