"""What the survey's state should make a scanner careful of, in a few words for the status line."""

import sqlite3

from vra_tui.store.drift import drift_words


def survey_warnings(connection: sqlite3.Connection) -> list[str]:
    """Nights that brought far more than usual, and drift, as scoring left them."""
    # Brings most of scoring with it, which the screen does not need for its first list.
    from vra_tui.pipeline.inflow import inflow_words

    return [words for words in (inflow_words(connection), drift_words(connection)) if words]
