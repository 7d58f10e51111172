"""`vra.open`: an open store for notebooks and scripts, with what `vra` does as methods."""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from vra_tui.api.faults import in_words
from vra_tui.api.frames import frame, frame_of_rows
from vra_tui.api.names import numbers_of
from vra_tui.api.packets import PathLike, surveys_with, warn, warn_of
from vra_tui.api.tables import StoreTables, now
from vra_tui.store import Store
from vra_tui.store.connection import open_store
from vra_tui.store.listing import list_rows
from vra_tui.store.objects import names_of

if TYPE_CHECKING:
    import pandas as pd

    from vra_tui.api.names import AlertNames
    from vra_tui.domain.refusal import Refusal
    from vra_tui.pipeline.score_store import ScoredStore
    from vra_tui.scoring.model.card import ModelCard
    from vra_tui.scoring.stages import Stage
    from vra_tui.scoring.training.boosters import Balance
    from vra_tui.store.decisions import Author
    from vra_tui.store.intake import Intake
    from vra_tui.surveys.base import Survey


def open(
    path: str | os.PathLike[str] | None = None, *, create: bool = False, scanner: str | None = None
) -> "OpenStore":
    """Open the store at ``path``; without one VRA_DB's, else the user's own, as the command line does.

    ``create``: make an empty one where there is none. ``scanner``: who decides; else VRA_SCANNER, else the
    login name. Raises VraError where there is no store, it cannot be opened, or is of a newer version.

    >>> with vra.open(path) as store:
    ...     print(len(store.alerts()))
    8
    """
    from vra_tui.pipeline.defaults import store_path

    return OpenStore(store_path(None if path is None else Path(path)), create=create, scanner=scanner)


class OpenStore(StoreTables):
    """One open store. Tables come back as pandas DataFrames, with ``attrs["units"]`` from column to unit.

    It is a context manager, and may stay open beside screens and other processes: each call reads what is in
    the file then. Use it in the thread that opened it; open one for each thread.
    """

    @in_words
    def ingest(
        self,
        *paths: PathLike,
        survey: str | None = None,
        format: str | None = None,
        columns: Mapping[str, str] | None = None,
        name: str | None = None,
        at: tuple[float, float] | None = None,
        positions: PathLike | None = None,
        surveys: Iterable["Survey"] = (),
        on_refusal: Callable[["Refusal"], None] = warn_of,
    ) -> "Intake":
        """Take in files, folders and archives, as `vra ingest` does; the counts of what became of them.

        The same again, or in another order, changes nothing. Options as for `vra.read`. What is broken is
        refused piece by piece, told to ``on_refusal`` (by itself a `vra.VraWarning`) and remembered; the rest
        goes in.

        >>> store.ingest(packets).unchanged
        2
        """
        from vra_tui.pipeline.ingest import ingest_paths
        from vra_tui.pipeline.input_options import reading_of

        at_hand = surveys_with(surveys)
        reading = reading_of(
            at_hand,
            format=format,
            columns=columns,
            name=name,
            at=at,
            survey=survey,
            positions=positions,
        )
        with self._for_long_work() as store:
            return ingest_paths(
                store,
                [Path(path) for path in paths],
                reading,
                clock=now,
                surveys=at_hand,
                survey=reading.survey,
                on_refusal=on_refusal,
            )

    @in_words
    def score(
        self, *, model: str | None = None, everything: bool = False, at_mjd: float | None = None
    ) -> "ScoredStore":
        """Score what is new and file it by the policies of the configuration, as `vra score` does.

        ``model``: a name or folder, else the one in use. ``everything``: look at all alerts. ``at_mjd``: only
        data up to then count. What the user should know stands in ``report.warnings`` of what it returns.
        """
        from vra_tui.config.reading import load_config
        from vra_tui.pipeline.score_store import StoreScorer

        scorer = StoreScorer.configured(load_config(), clock=now, model=model, note=warn)
        with self._for_long_work() as store:
            scorer.check_asked_for(store)
            return scorer.run(store, everything=everything, at_mjd=at_mjd)

    @in_words
    def decide(
        self, alerts: "AlertNames", list: str, *, note: str | None = None, tags: Iterable[str] = ()
    ) -> Sequence[str]:
        """File one alert or many, as the keys of the screen do; the ids of the decisions, one an alert.

        ``alerts``: one name, several, or a table with survey and object_id. They are one batch, which one
        `undo` takes back, and on the disk when this returns. Raises VraError, and files none, for an alert
        that is not there, a list that takes no decisions, or a tag that is not one word.

        >>> decisions = store.decide("1100000000000000001", "garbage", note="on a spike", tags=["spike"])
        >>> store.undo()["list"].tolist() == ["garbage"]
        False
        """
        from vra_tui.pipeline.deciding import decide_alerts

        numbers, by = numbers_of(self._open, alerts), self._author()
        return decide_alerts(self._open, numbers, list, by, now(), note=note, tags=tags)

    @in_words
    def undo(self, decision_id: str | None = None, *, batch: str | None = None) -> "pd.DataFrame":
        """Take back your latest call's or key's decisions here; or those that are named.

        ``decision_id``: one decision. ``batch``: all of a call, a key, a command or an import. What stood
        before stands again. The decisions taken back, columns ``vra.TABLES["undone"]``. Raises VraError where
        there is nothing to take back.
        """
        from vra_tui.pipeline.deciding import undo_decisions

        undone, _ = undo_decisions(self._open, self._author(), now(), decision=decision_id, batch=batch)
        ids, numbers = zip(*undone, strict=True)
        named = names_of(self._open, numbers)
        standing = {row.alert_id: row.list for row in list_rows(self._open, numbers)}
        return frame(
            "undone",
            {
                "decision_id": ids,
                "survey": [named[number][0] for number in numbers],
                "object_id": [named[number][1] for number in numbers],
                "list": [standing.get(number) for number in numbers],
            },
        )

    @in_words
    def train(
        self,
        name: str,
        *,
        survey: str | None = None,
        stage: "Stage | None" = None,
        since: str | None = None,
        scanners: Iterable[str] = (),
        balance: "Balance" = "even",
        base: str | None = None,
        into: PathLike | None = None,
        caveats: Iterable[str] = (),
        seed: int = 1,
        repeats: int | None = None,
        force: bool = False,
    ) -> "ModelCard":
        """Train a model on the labels of the store, as `vra train` does, and save it; its card.

        It is not put in use. ``survey``: on whose alerts, ATLAS for None; for any other on the features of
        all surveys, both stages at once, and ``balance`` even: neither may be named. ``stage``: day1 alone;
        both by default. ``into``: a folder of models, else your own. ``base``: the model to compare with,
        else the one in use. ``repeats`` of cross-validation: None for as many as are worth it. The same rows
        and ``seed`` give the same model. Remarks come as `vra.VraWarning`. Raises VraError where there are
        too few labels, and then writes nothing.
        """
        from vra_tui.errors import VraError
        from vra_tui.pipeline.label_training import train_from_labels
        from vra_tui.pipeline.stream_training import train_stream_model
        from vra_tui.pipeline.train_model import (
            label_choice,
            label_training_task,
            new_model,
            stream_training_task,
            today,
        )
        from vra_tui.scoring.model.card import DEFAULT_SURVEY

        model = new_model(
            name,
            date=today(now()),
            into=None if into is None else Path(into),
            caveats=caveats,
            seed=seed,
            repeats=repeats,
            force=force,
        )
        labels = label_choice(since, scanners)
        if survey not in (None, DEFAULT_SURVEY):
            if stage is not None or balance != "even":
                raise VraError(
                    f"A model for {survey} serves both stages, of labels that count alike: leave stage and "
                    "balance out. Nothing was trained."
                )
            stream = stream_training_task(model, labels, survey, base=base)
            return train_stream_model(self._open, stream, note=warn)
        task = label_training_task(model, labels, stage=stage, balance=balance, base=base)
        return train_from_labels(self._open, task, note=warn)

    @in_words
    def evaluate(
        self,
        model: str | os.PathLike[str] | None = None,
        *,
        against: str | os.PathLike[str] | None = None,
        stage: "Stage | None" = None,
        cross_validate: bool = False,
        balance: "Balance" = "even",
        seed: int = 1,
        resamples: int = 500,
        shuffles: int = 5,
    ) -> "pd.DataFrame":
        """Measure a model on the labels of the store, as `vra evaluate` does: one figure a row.

        Columns ``vra.TABLES["evaluation"]``. Beside it stand the survey's score, a simple alternative and the
        model ``against`` (by default the one in use). ``cross_validate``: its recipe is grown anew and asked
        only about objects that it did not see. ``resamples`` of the objects give the intervals. What limits
        the figures stands in ``attrs["notes"]``. Raises VraError where the labels give no recall.
        """
        from vra_tui.pipeline.evaluate_model import EvaluationRequest, evaluate_on_store
        from vra_tui.scoring.evaluation.report import EvaluationOptions
        from vra_tui.scoring.evaluation.tidy import tidy

        notes: list[str] = []
        request = EvaluationRequest(
            model=None if model is None else os.fspath(model),
            against=None if against is None else os.fspath(against),
            stage=stage,
            cross_validate=cross_validate,
            balance=balance,
            effort=EvaluationOptions(seed, resamples, shuffles),
        )
        reports = evaluate_on_store(self._open, request, note=notes.append)
        made = frame_of_rows("evaluation", (row for report in reports for row in tidy(report)))
        for report in reports:
            notes += [f"{report.stage}: {sentence}" for sentence in (*report.warnings, *report.notes)]
        made.attrs["notes"] = notes
        return made

    def _author(self) -> "Author":
        from vra_tui.pipeline.defaults import author

        return author(self._scanner, "scanner=")

    @contextmanager
    def _for_long_work(self) -> Iterator[Store]:
        """A handle of its own for what can be done again: it does not wait for the disk at each commit."""
        self._open  # noqa: B018  (raises where this one is closed)
        with closing(open_store(self._path, create=False, durable=False)) as store:
            yield store
