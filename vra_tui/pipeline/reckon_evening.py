"""Reckon what the labels of each survey buy so far, and keep it in the table `evenings`."""

from collections.abc import Callable
from datetime import datetime

import numpy as np

from vra_tui.domain.times import utc_text
from vra_tui.pipeline.stream_training import some_alerts, stream_labels
from vra_tui.scoring.model.card import DEFAULT_SURVEY
from vra_tui.scoring.training.boosters import LabelledRows
from vra_tui.scoring.training.evening import Evening, reckon
from vra_tui.scoring.training.table_labels import FEWEST_OBJECTS, shortage
from vra_tui.store import Store
from vra_tui.store.evenings import (
    KeptEvening,
    decided_by_survey,
    evenings,
    latest_evenings,
    put_evening,
)

# Labels more than at the last reckoning that are worth another: so many, and of many a share.
_WORTH_ANOTHER, _SHARE_WORTH_ANOTHER = FEWEST_OBJECTS, 0.05


def reckon_evening(store: Store, survey: str, now: datetime, *, seed: int = 1) -> str:
    """Reckon what all labels on a survey's alerts buy, keep it, and return it as a line for people."""
    labels = stream_labels(store, survey)
    if missing := shortage(labels.day1.rows, f"a model for {survey}"):
        return f"{survey}: {missing} Until then the starter ranks."
    rows = _on_screen(labels.day1.rows, labels.dayN.rows)
    found = reckon(survey, rows, some_alerts(store, survey, seed), seed=seed)
    labelled = decided_by_survey(store).get(survey, 0)
    put_evening(store, KeptEvening(survey, utc_text(now), labelled, found.as_json()))
    return found.words()


def _on_screen(entries: LabelledRows, visits: LabelledRows) -> LabelledRows:
    """One row an object: the last of its visits, else its entry."""
    both = LabelledRows.concatenate([entries, visits])
    ids = both.table.alert_id
    last = len(ids) - 1 - np.unique(ids[::-1], return_index=True)[1]
    rows = both.where(np.isin(np.arange(len(ids)), last))
    return LabelledRows(rows.table, rows.label)


def reckon_what_is_new(
    store: Store, clock: Callable[[], datetime], note: Callable[[str], None] = lambda line: None
) -> list[str]:
    """The line of each survey that is labelled, reckoned anew where enough labels came since.

    ATLAS has a model of its own features, which `vra train` judges; it stands here where it was ever trained
    on those of all surveys. ``note`` is told before what takes some seconds.
    """
    lines = []
    for survey, labels in decided_by_survey(store).items():
        known = evenings(store, survey)
        if survey == DEFAULT_SURVEY and not known:
            continue
        before = known[-1].labels if known else 0
        if known and labels < before + max(_WORTH_ANOTHER, _SHARE_WORTH_ANOTHER * before):
            lines += evening_lines([known[-1]])
        else:
            note(f"reckoning what the labels on {survey} buy")
            lines.append(reckon_evening(store, survey, clock()))
    return lines


def kept_lines(store: Store) -> list[str]:
    """The newest line of each survey, as it was kept."""
    return evening_lines(latest_evenings(store))


def evening_lines(kept: list[KeptEvening]) -> list[str]:
    """What was kept, in words; rows that another version wrote otherwise are left out."""
    lines = []
    for one in kept:
        try:
            lines.append(f"{Evening.from_json(one.figures).words()} (reckoned {one.at[:10]})")
        except (TypeError, KeyError, ValueError):
            continue
    return lines
