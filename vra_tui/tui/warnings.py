"""What the survey's state should make a scanner careful of, in a few words for the status line."""

from contextlib import suppress

from vra_tui.store import Store
from vra_tui.store.drift_verdict import drift_words
from vra_tui.text import printable


def survey_warnings(store: Store) -> list[str]:
    """Nights that brought far more than usual, and drift, as scoring left them."""
    # Brings most of scoring with it, which the screen does not need for its first list.
    from vra_tui.pipeline.cap_inflow import inflow_words

    words = []
    for told in (inflow_words, drift_words):
        # What another version of the program left there may be of another make: then there is no warning.
        with suppress(ValueError, TypeError, KeyError, AttributeError):
            words.append(printable(told(store), 200))
    return [text for text in words if text]
