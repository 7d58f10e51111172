"""Bring two stores on two hosts to the same labels, and on request the same alerts, through one pipe."""
