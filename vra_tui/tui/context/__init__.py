"""The context of an alert: what is known of it, in sections of a fixed order, as lines for a pane."""
