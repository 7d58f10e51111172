"""The configuration: options with defaults and meanings, policies by name, and paths."""
