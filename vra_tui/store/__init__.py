"""The SQLite store: schema and migrations, alerts, scores, decisions."""
