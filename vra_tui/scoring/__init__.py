"""Reading, training, judging and using the models."""
