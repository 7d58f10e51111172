"""Replays: a stream with truth, filed night by night by a policy and a model, truth acting as the scanner."""
