"""The public Python interface: what `import vra_tui as vra` offers, one module a concern."""
