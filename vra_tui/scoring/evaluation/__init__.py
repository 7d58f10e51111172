"""Evaluation of a model on labelled rows: figures that depend on nothing but the rows, the models, a seed."""
