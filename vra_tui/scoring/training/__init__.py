"""Training: from labelled rows to the stages of a model, and what to label next."""
