"""From input to filed alerts: ingest, score, file; for the command line and the screen's workers alike."""
