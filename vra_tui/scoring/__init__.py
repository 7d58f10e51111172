"""Read, train, evaluate and use the models."""
