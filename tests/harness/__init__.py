"""Harnesses: the program in a pseudo-terminal, made stores, hostile input; for tests, benchmarks, studies."""
