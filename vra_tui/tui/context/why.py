"""Why an alert stands where it stands, and its scores with what pushed them most."""

import numpy as np

from vra_tui.lightcurve.trend import is_significant
from vra_tui.ranking.followup import FollowUp
from vra_tui.ranking.lists import STARTER
from vra_tui.ranking.policy import Policy
from vra_tui.ranking.policy import host_distance as policy_distance
from vra_tui.store.detail import AlertDetail
from vra_tui.store.insight_table import Insight
from vra_tui.store.scores import HOST_CLASSES
from vra_tui.text import printable
from vra_tui.tui.blind_voting import has_hidden_votes, is_second_look
from vra_tui.tui.context.facts import AlertFacts
from vra_tui.tui.context.section import OneLine, Part, Row, Section
from vra_tui.tui.context.small_curve import small_curve
from vra_tui.tui.context.words import gauge, labelled, share, tns_name, tns_role
from vra_tui.tui.decided import title_of
from vra_tui.tui.list_columns import is_fast, rank_text

#: Reasons beyond these say little: they are the weaker ones.
_REASONS = 4
#: Nine in ten alerts are not fast: why one is not is told only where P(fast) is no longer small.
_SMALL = 0.3
_GAUGE = 10
#: Ranks of so many nights are told in numbers, of more in bars alone.
_NIGHTS = 4
_CURVE = 8

_FOLLOW_UP: dict[FollowUp, str] = {
    "now": "follow up now",
    "candidate": "follow-up candidate",
}


def why_section(facts: AlertFacts) -> Section:
    """What decides, then the scores; below the rules that filed it, and what is out of the ordinary."""
    lead = _lead(facts)
    # A rank by a rule must not pass for a model's.
    rule: Row = [[("by starter", "dim")]] if facts.detail.row.model == STARTER else []
    first: Row = [*([lead] if lead else []), *_scores(facts), *rule]
    return Section("why", glance=[first], rest=_rules(facts), whole=[[lead], *_rules(facts)])


def scores_section(facts: AlertFacts) -> Section:
    """Each score as a gauge with its strongest reason, where there is room; their numbers are told before."""
    row, insight = facts.detail.row, facts.detail.insight
    reasons = _reasons(insight, row.pfast)
    rows: list[Row] = []
    for name, question, value in (
        ("real", "preal", row.preal),
        ("galactic", "pgal", row.pgal),
        ("fast", "pfast", row.pfast),
        ("follow", "pfollow", row.pfollow),
    ):
        if value is None:
            continue
        part: Part = [(f"{name:<9}", "value"), *gauge(value, _GAUGE), (f" {share(value):<4}", "strong")]
        strongest = [_beside(text) for asked, text in reasons if asked == question][:1]
        rows.append(OneLine([part, *strongest]))
    return Section("scores", whole=rows)


def _beside(reason: str) -> Part:
    """A reason beside its score: a sign for what it does to that."""
    words, _, effect = reason.rpartition(": ")
    sign = {"more": "+", "less": "-"}.get(effect.partition(" ")[0], "")
    return [(f"{sign} ", "dim"), (words, "value")] if words and sign else [(reason, "value")]


def reasons_section(facts: AlertFacts) -> Section:
    """What is out of the ordinary; what pushed the scores most, the strongest first, and by which model."""
    detail, insight = facts.detail, facts.detail.insight
    rows = [] if insight is None else _insights(insight)
    if detail.teach:
        rows.append([labelled("teaches", printable(detail.teach, 120), "value")])
    all_reasons = _reasons(insight, detail.row.pfast)[:_REASONS]
    # Where there is room for gauges, the strongest of each question stands beside its own.
    strongest = {question: text for question, text in reversed(all_reasons)}
    others = [text for question, text in all_reasons if strongest[question] != text]
    model: list[Row] = [[[(f"by {printable(detail.row.model, 40)}", "dim")]]] if detail.row.model else []
    return Section(
        "because",
        rest=[*rows, *([[(text, "value")]] for _, text in all_reasons), *model],
        whole=[*rows, *([[(text, "value")]] for text in others), *model],
    )


def lead_words(facts: AlertFacts) -> list[tuple[str, str]]:
    """What decides, in a few words each with its role, the most urgent first."""
    detail = facts.detail
    row, insight, rules = detail.row, detail.insight, facts.policy
    words: list[tuple[str, str]] = []
    if is_second_look(row):
        words.append(("second look: what was said before is hidden until you decide", "news"))
    if row.decided_list is not None and not row.is_undecided and not has_hidden_votes(row):
        words.append((f"{title_of(row.decided_list)} by {printable(row.decided_by, 20)}", "strong"))
    if row.follow_up in _FOLLOW_UP:
        words.append((_FOLLOW_UP["now" if row.follow_up == "now" else "candidate"], "strong"))
    if row.is_undecided and row.lifted is not None:
        words.append((f"lifted to the fast track: {printable(row.lifted, 120)}", "strong"))
    if is_nearby(detail, rules):
        words.append((f"host within {rules.nearby_mpc:.0f} Mpc", "strong"))
    if row.is_back:
        words.append(("looked at again since it was snoozed", "value"))
    if row.is_anomaly:
        words.append(("anomaly", "news"))
    if row.is_gal_cand:
        words.append(("galactic candidate", "strong"))
    if row.rank is None and not is_second_look(row):
        stale = any(score.rank is not None for score in detail.scores)
        unscored = "no rank" if row.model is not None else "not scored yet"
        words.append(("to be scored anew" if stale else unscored, "dim"))
    is_rising = is_significant(row.rise, row.rise_error) and (row.rise or 0.0) > 0
    if is_fast(row):
        words.append(("fast riser" if is_rising else "fast", "strong"))
    elif is_rising:
        words.append(("rising", "value"))
    words.append(_reported(detail))
    if insight is not None and insight.outside:
        whose = "starter" if insight.model == STARTER else "model"
        words.append((f"out of the {whose}'s scope", "warn"))
    return words


def _lead(facts: AlertFacts) -> Part:
    part: Part = []
    for text, role in lead_words(facts):
        part += [(", ", "dim"), (text, role)] if part else [(text, role)]
    return part


def _reported(detail: AlertDetail) -> tuple[str, str]:
    if not detail.tns and not detail.row.is_tns_match:
        return "not on TNS", "strong"
    known = [one for one in detail.tns if not one.designation.startswith("unnamed ")]
    if not known:
        return "on TNS", "value"
    designation = tns_name(known[0])
    kind = printable(known[0].type, 16)
    role = tns_role("strong" if kind else "value", known[0])
    return f"{designation}{f' {kind}' if kind else ' on TNS'}", role


def _scores(facts: AlertFacts) -> Row:
    row = facts.detail.row
    named = (("real", row.preal), ("gal", row.pgal), ("fast", row.pfast), ("follow", row.pfollow))
    return [labelled(name, share(value)) for name, value in named if value is not None]


def _rules(facts: AlertFacts) -> list[Row]:
    detail, rules = facts.detail, facts.policy
    row = detail.row
    rows: list[Row] = []
    reasons: Row = []
    if row.is_tns_match:
        reasons.append([("TNS match: rank 10", "value")])
    if row.pfast is not None and row.pfast >= rules.fast_probability:
        reasons.append([(f"fast {row.pfast:.2f} ≥ {rules.fast_probability}", "value")])
    if row.rank is not None:
        sign = ">" if row.rank > rules.extragalactic_rank else "≤"
        reasons.append([(f"rank {row.rank:.1f} {sign} {rules.extragalactic_rank:.0f}", "value")])
    history = _ranks(detail)
    if history:
        reasons.append(history)
    if reasons:
        rows.append(reasons)
    return rows


def _ranks(detail: AlertDetail) -> Part:
    """The rank of each night; it says more than the rank alone from the second one on."""
    if not detail.scores:
        return [] if detail.row.rank is None else [("to be made anew: t0 or epochs changed", "dim")]
    if len(detail.scores) < 2:
        return []
    ranks = [score.rank for score in detail.scores]
    part: Part = [
        (f"since day {detail.scores[0].day} ", "dim"),
        (small_curve([(rank or 0.0) / 10 for rank in ranks], _CURVE), "spark"),
    ]
    texts = [rank_text(rank).strip() for rank in ranks[-_NIGHTS:]]
    return [*part, ("  " + "  ".join(texts[:-1]), "value"), (f"  {texts[-1]}", "strong")]


def _insights(insight: Insight) -> list[Row]:
    rows: list[Row] = []
    if insight.follow_up in _FOLLOW_UP and insight.follow_up_rule:
        words = _FOLLOW_UP["now" if insight.follow_up == "now" else "candidate"]
        rows.append([labelled(words, printable(insight.follow_up_rule, 120), "value")])
    if insight.anomaly:
        rows.append([[(printable(insight.anomaly, 200), "news")]])
    rows += [[labelled("out of scope:", printable(outside, 200), "warn")] for outside in insight.outside[:2]]
    return rows


def _reasons(insight: Insight | None, pfast: float | None) -> list[tuple[str, str]]:
    """Question and words of the features that pushed the scores most, the strongest first."""
    reasons = insight.reasons if insight is not None else []
    if pfast is None or pfast < _SMALL:
        reasons = [reason for reason in reasons if reason["question"] != "pfast"]
    strongest = sorted(reasons, key=lambda reason: -abs(reason["effect"]))
    return [(str(reason["question"]), printable(reason["text"], 120)) for reason in strongest]


def is_nearby(detail: AlertDetail, rules: Policy) -> bool:
    """Tell whether the policies take its host for near: by their own rule, as they applied it."""
    if not detail.matches:
        return False
    best = detail.matches[0]
    if best.direct_distance_mpc is None and best.distance_mpc is None and best.z is None:
        return False
    direct, distance, z = np.array(
        [[best.direct_distance_mpc], [best.distance_mpc], [best.z]], dtype=np.float64
    )  # None becomes NaN
    is_host = np.array([detail.row.context_class in HOST_CLASSES])
    return bool(policy_distance(direct, distance, z, is_host)[0] <= rules.nearby_mpc)
