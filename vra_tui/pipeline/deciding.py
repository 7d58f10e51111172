"""Decisions without the screen, each command or call one batch: taken, and taken back."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from vra_tui.errors import VraError
from vra_tui.pipeline.own_labels import enter_own_labels
from vra_tui.ranking.lists import DECISIONS
from vra_tui.store import Store, batches, decisions
from vra_tui.store.connection import transaction
from vra_tui.store.decisions import Author
from vra_tui.store.log import find_decision
from vra_tui.surveys import installed_surveys


def decide_alerts(
    store: Store,
    alert_ids: Sequence[int],
    list_name: str,
    author: Author,
    now: datetime,
    *,
    note: str | None = None,
    tags: Iterable[str] = (),
) -> list[str]:
    """File alerts, all or none, as one batch that one undo takes back; the ids of the decisions.

    Raises DecisionError as `vra_tui.store.decisions.decide` does.
    """
    words = tuple(tags)
    made: list[str] = []
    if list_name not in DECISIONS:
        # A store that was filled before its survey's module had labels of its own.
        enter_own_labels(store, installed_surveys())
    with transaction(store):
        for alert_id in dict.fromkeys(alert_ids):
            batch_id = made[0] if made else None
            made.append(
                decisions.decide(
                    store, alert_id, list_name, author, now, note=note, tags=words, batch_id=batch_id
                )
            )
    return made


def undo_decisions(
    store: Store,
    author: Author,
    now: datetime,
    *,
    decision: str | None = None,
    batch: str | None = None,
    count: int = 1,
) -> tuple[list[tuple[str, int]], int]:
    """Take back one decision, a batch or an import, or the ``count`` latest batches of the author here.

    ``decision`` and ``batch``: an id or the end of one. Returns the decisions with their alerts, and how many
    of the author's batches these were. Raises VraError where there is nothing to take back.
    """
    if decision is not None and batch is not None:
        raise VraError("A decision and a batch each say what to undo: name one of them. Nothing was undone.")
    undone: list[tuple[str, int]] = []
    done = 0

    def take_back(ids: list[str]) -> None:
        undone.extend(zip(ids, decisions.undo_all(store, ids, author, now).values(), strict=True))

    with transaction(store):
        if decision is not None:
            take_back([find_decision(store, decision)])
        elif batch is not None:
            take_back([one.decision_id for one in batches.batch(store, batch)])
        else:
            while done < count and (latest := batches.latest_batch(store, author)):
                take_back([one.decision_id for one in latest])
                done += 1
        if not undone:
            raise VraError(
                f"{author.scanner} has decided nothing here that stands. Nothing was undone; imported labels "
                "are taken back by their batch (`vra undo --batch`)."
            )
    return undone, done
