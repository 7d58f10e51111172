"""The starter: ranks by a rule on a card for surveys that have no model. It is not a model.

P(real) and P(galactic) are sums of log-odds, one term for each thing that is known of an alert
(`starter_card`). What the terms added is the reason, exactly.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vra_tui.features.table import FeatureTable
from vra_tui.ranking.rank import is_galactic_candidate, rank
from vra_tui.scoring.model.explain import RANK_SIGNS, REASONS, Reason
from vra_tui.scoring.model.feature_words import DIRECTIONS
from vra_tui.scoring.model.starter_card import (
    QUESTIONS,
    Curve,
    StarterCard,
    StarterQuestion,
    SurveyScore,
    Term,
    shipped_card,
)
from vra_tui.scoring.model.trained import Scores

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

#: Effects smaller than this, log-odds, are no reason worth a line.
_LEAST_EFFECT = 0.05


@dataclass(frozen=True, eq=False)
class StarterReasons:
    """What each term of the rule added to the log-odds of n alerts, each array of shape (n, terms).

    ``value`` and ``other``: what the term, and its factor, read; NaN where there was nothing to read.
    """

    terms: dict[StarterQuestion, tuple[Term, ...]]
    effect: dict[StarterQuestion, Floats]
    value: dict[StarterQuestion, Floats]
    other: dict[StarterQuestion, Floats]
    note: str
    k: int

    def of(self, row: int) -> list[Reason]:
        """The strongest reasons for one alert in words: of P(real) first, then of P(galactic)."""
        return [reason for question in QUESTIONS for reason in self._of(question, row)]

    def _of(self, question: StarterQuestion, row: int) -> list[Reason]:
        effects, sign = self.effect[question][row].tolist(), RANK_SIGNS[question]
        rises, falls = DIRECTIONS[question]
        topics: dict[str, list[int]] = {}
        for index, term in enumerate(self.terms[question]):
            topics.setdefault(term.topic, []).append(index)
        summed = [(sum(effects[index] for index in members), members) for members in topics.values()]
        found = []
        for effect, members in sorted(summed, key=lambda one: -abs(one[0]))[: self.k]:
            if abs(effect) < _LEAST_EFFECT:
                break
            # The term with the greatest part in it speaks for the topic.
            index = max(members, key=lambda one: effects[one] * (1 if effect > 0 else -1))
            value = float(self.value[question][row, index])
            term = self.terms[question][index]
            words = term.says_one if value == 1 and term.says_one is not None else term.says
            said = words.format(value=value, other=float(self.other[question][row, index]))
            note = self.note if term.is_score else ""
            text = f"{said}{note}: {rises if effect > 0 else falls}"
            rank_effect = sign if effect > 0 else -sign
            found.append(Reason(question, term.reads[0], value, effect, rank_effect, text))
        return found


@dataclass(frozen=True, eq=False)
class StarterScope:
    """Which of n alerts the rule can rank, and which of them the policies may discard; shape (n,) each.

    There are no training rows, so ``measure`` is NaN. ``is_unread``: its score is not from 0 to 1.
    """

    measure: Floats
    lacks_score: Bools
    is_unread: Bools
    may_discard: Bools
    lacks: str

    def words(self, row: int) -> list[str]:
        """Say what one alert lacks for a rank; nothing where it has it."""
        if self.is_unread[row]:
            return ["its real/bogus score is not between 0 and 1: no P(real) and no rank"]
        return [self.lacks] if self.lacks_score[row] else []


@dataclass(frozen=True)
class Starter:
    """The rule for one survey's alerts."""

    card: StarterCard
    survey: str

    @classmethod
    def shipped(cls, survey: str) -> "Starter":
        """The rule that comes with the program. Raises ModelError where its card is missing or damaged."""
        return cls(shipped_card(), survey)

    @property
    def name(self) -> str:
        """The name under which its ranks are stored and shown."""
        return self.card.name

    @property
    def score(self) -> SurveyScore:
        """The survey's score: its name and cut; for a survey that the card does not name, what it assumes."""
        return self.card.scores.get(self.survey, self.card.any_score)

    def columns(self, stage: str) -> tuple[str, ...]:
        """The features that the rule reads, the same at every stage."""
        rules = [self.card.rule(question) for question in QUESTIONS]
        terms = [term for rule in rules for term in rule.terms]
        curves: list[Curve] = [*terms, *(term.times for term in terms if term.times is not None)]
        names = [name for curve in curves for name in curve.features]
        names += [name for rule in rules for name in rule.needs]
        return tuple(dict.fromkeys([*names, *(flag.feature for flag in self.card.flags)]))

    def scores(self, table: FeatureTable, stage: str) -> Scores:
        """Probabilities and ranks of the table's alerts; NaN where the rule has nothing to go by.

        Raises KeyError for a column that the table lacks.
        """
        preal, pgal = (self._probability(question, table) for question in QUESTIONS)
        unknown = np.full(len(table), np.nan)
        return Scores(preal, pgal, unknown, rank(preal, pgal), is_galactic_candidate(preal, pgal))

    def _probability(self, question: StarterQuestion, table: FeatureTable) -> Floats:
        rule = self.card.rule(question)
        odds = np.full(len(table), rule.base)
        for term in rule.terms:
            odds += self._term(term, table)[0]
        found: Floats = 1.0 / (1.0 + np.exp(-odds))
        if rule.needs:
            found[~self._is_readable(_first_known(rule.needs, table))] = np.nan
        return found

    def _term(self, term: Term, table: FeatureTable) -> tuple[Floats, Floats, Floats]:
        """What a term adds, what it read, and what its factor read; shape (n,) each."""
        value, effect = self._curve(term, table)
        other = np.full(len(table), np.nan)
        if term.times is not None:
            other, factor = self._curve(term.times, table)
            effect = effect * factor
        return effect, value, other

    def _curve(self, curve: Curve, table: FeatureTable) -> tuple[Floats, Floats]:
        value = _first_known(curve.reads, table)
        if curve.less is not None:
            value = value - table.column(curve.less)
        at = self._scaled(value) if curve.is_score else value
        x, y = zip(*curve.knots, strict=True)
        found = np.interp(np.nan_to_num(at), x, y)
        return value, np.where(np.isnan(value), curve.missing, found)

    def _scaled(self, score: Floats) -> Floats:
        """The score on a scale on which the survey's cut is 0.5."""
        cut = self.score.cut
        with np.errstate(invalid="ignore"):
            return np.where(score < cut, 0.5 * score / cut, 0.5 + 0.5 * (score - cut) / (1.0 - cut))

    def _is_readable(self, score: Floats) -> Bools:
        with np.errstate(invalid="ignore"):
            return np.asarray((score >= 0) & (score <= 1))

    def explain(self, table: FeatureTable, k: int = REASONS) -> StarterReasons:
        """What each term added to what `scores` gives, the ``k`` strongest of each alert in words."""
        terms: dict[StarterQuestion, tuple[Term, ...]] = {}
        effect: dict[StarterQuestion, Floats] = {}
        value: dict[StarterQuestion, Floats] = {}
        other: dict[StarterQuestion, Floats] = {}
        for question in QUESTIONS:
            terms[question] = self.card.rule(question).terms
            parts = [self._term(term, table) for term in terms[question]]
            effect[question], value[question], other[question] = (
                np.stack(columns, axis=1) for columns in zip(*parts, strict=True)
            )
        # Where there is no probability, nothing pushed it.
        effect["preal"][np.isnan(self._probability("preal", table))] = 0.0
        note = "" if self.survey in self.card.scores else " (taken as 0 bogus to 1 real)"
        return StarterReasons(terms, effect, value, other, note, k)

    def scope(self, table: FeatureTable) -> StarterScope:
        """Which alerts the rule can rank, and which bear a flag of the survey's own: only those may go."""
        score = _first_known(self.card.preal.needs, table)
        flagged = np.zeros(len(table), dtype=bool)
        with np.errstate(invalid="ignore"):
            for flag in self.card.flags:
                value = table.column(flag.feature)
                flagged |= (value >= flag.at_least) & (value <= flag.at_most)
        missing = np.isnan(score)
        unread = ~missing & ~self._is_readable(score)
        return StarterScope(np.full(len(table), np.nan), missing, unread, flagged, self.card.preal.lacks)


def _first_known(names: tuple[str, ...], table: FeatureTable) -> Floats:
    found = table.column(names[0]).copy()
    for name in names[1:]:
        found = np.where(np.isnan(found), table.column(name), found)
    return found
