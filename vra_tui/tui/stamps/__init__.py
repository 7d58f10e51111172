"""Stamps on the screen: pictures in half blocks or by the kitty protocol, their captions, and their pane."""
