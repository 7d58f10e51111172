"""Studies: the figures that the documentation quotes, each made by one command."""
