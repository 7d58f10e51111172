"""Train the stages of a model from labelled rows, and choose alerts to label next."""
