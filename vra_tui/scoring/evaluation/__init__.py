"""Evaluate a model on labelled rows. Figures depend only on the rows, the models and a seed."""
