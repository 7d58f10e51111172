"""The configuration: options with their defaults and meanings, policies by name, and where things lie."""
