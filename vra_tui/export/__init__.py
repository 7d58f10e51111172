"""Labels and reports in the formats that others read."""
