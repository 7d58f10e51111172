"""Enter the labels that surveys bring of their own into the store."""

from collections.abc import Iterator

from vra_tui.domain.refusal import Refusal
from vra_tui.ranking.lists import DECISIONS
from vra_tui.store import Store
from vra_tui.store.label_names import OwnLabel, enter_own, fault_of_label, surveys_met
from vra_tui.surveys import Surveys
from vra_tui.surveys.base import Label


def own_labels_of(store: Store, surveys: Surveys) -> Iterator[tuple[str, Label]]:
    """The labels of all surveys that a store has heard of, each with its survey.

    A survey that came as tables and has no module of its own has the labels of that of tables.
    """
    known = set(surveys)
    for survey in surveys_met(store):
        for label in surveys[survey if survey in known else "table"].labels:
            yield survey, label


def enter_own_labels(store: Store, surveys: Surveys) -> list[Refusal]:
    """Let the store know of the labels of all surveys that it holds alerts of, and of what they teach.

    Returns those that a survey's module may not add: names that are no plain words, or are lists or common
    labels. All surveys are asked at once: what a name teaches that two of them use follows from both.
    """
    labels, refused = [], []
    for survey, label in own_labels_of(store, surveys):
        reason = fault_of(label)
        if reason is None:
            labels.append(OwnLabel(label.name, survey, label.preal, label.pgal, label.pfast))
        else:
            refused.append(Refusal(f"survey {survey}", f"label {label.name}", reason))
    enter_own(store, labels)
    return refused


def fault_of(label: Label) -> str | None:
    """Why a survey's module may not add a label; None where it may."""
    return "it is one of the common labels" if label.name in DECISIONS else fault_of_label(label.name)
