"""What the survey's state should make a scanner careful of, in a few words for the status line."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta

from vra_tui.store import Store
from vra_tui.store.drift_verdict import drift_words
from vra_tui.store.following import source_states
from vra_tui.text import printable

#: Who watches a source that is down says so again within this time; later nobody watches it.
_TOLD_AGAIN = timedelta(minutes=20)
#: So many sources are named.
_NAMED = 2


def survey_warnings(store: Store, now: datetime) -> list[str]:
    """Sources that are down; nights that brought far more than usual, and drift, as scoring left them."""
    # Brings most of scoring with it, which the screen does not need for its first list.
    from vra_tui.pipeline.cap_inflow import inflow_words

    words = []
    for told in (lambda store: sources_down(store, now), inflow_words, drift_words):
        # What another version of the program left there may be of another make: then there is no warning.
        with suppress(ValueError, TypeError, KeyError, AttributeError):
            words.append(printable(told(store), 200))
    return [text for text in words if text]


def sources_down(store: Store, now: datetime) -> str:
    """The sources that somebody watches and that do not answer, and since when (UTC); "" where all do."""
    down = [
        one
        for one in source_states(store)
        if not one.is_up and now - datetime.fromisoformat(one.seen_at) < _TOLD_AGAIN
    ]
    named = [f"{one.source} down since {_moment(one.since, now)}" for one in down[:_NAMED]]
    return ", ".join(named) + (f" and {len(down) - _NAMED} more" if len(down) > _NAMED else "")


def _moment(iso: str, now: datetime) -> str:
    moment = datetime.fromisoformat(iso).astimezone(UTC)
    is_today = now - moment < timedelta(hours=20)
    return moment.strftime("%H:%M" if is_today else "%d %b %H:%M")
