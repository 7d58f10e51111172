"""The SQLite store: schema and migrations, alerts, scores, decisions."""

from vra_tui.store.handle import Store, StoreFault

__all__ = ["Store", "StoreFault"]
