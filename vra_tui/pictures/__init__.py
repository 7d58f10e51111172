"""Pictures of alerts: from a stamp's bytes to grey levels with north up. Knows no screen and no store."""
