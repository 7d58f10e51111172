"""Select alerts: a list, narrowed by filter words and sorted in one of a few ways."""

import difflib
import re
import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vra_tui.domain.epochs import DETECTION
from vra_tui.domain.sky import separation
from vra_tui.lightcurve.trend import SIGNIFICANT
from vra_tui.ranking.urgency import DEFAULT_RULE, UrgencyRule
from vra_tui.store.annotation_filter import (
    number_condition,
    numbers_given,
    numbers_never_given,
    topic_condition,
)
from vra_tui.store.columns import read_arrays
from vra_tui.store.filter_words import FilterError, filter_words
from vra_tui.store.id_lists import json_ids
from vra_tui.store.listing import WITHIN_SQL, is_large, list_condition, ordered_ids, own_order
from vra_tui.store.sections import unpacked_detections

#: The order of a list when none is asked for: by rank, or the list's own.
DEFAULT_SORT = "rank"


#: Ways to sort, and what they put first.
SORTS: Mapping[str, str] = {
    "rank": "best rank first",
    "urgency": "fast track, then what nobody has reported, by what waiting costs (docs/ranking.md)",
    "newest": "latest t0 first",
    "brightest": "brightest latest magnitude first",
    "rising": "fastest rise first",
    "uncertain": "least certain whether real or galactic first",
    "nearest": "closest to its host first",
}


def _urgency_sql(rule: UrgencyRule) -> str:
    """`vra_tui.ranking.urgency.urgency` as an expression, as of the latest exposure in the store."""
    age = "max(0, (SELECT max(last_mjd) FROM alerts) - a.t0_mjd)"
    pfast = f"coalesce(s.pfast, {rule.unknown_pfast!r})"
    fast, other = (f"(1.0 + {age} / {days!r})" for days in (rule.fast_days, rule.other_days))
    share = rule.fast_days / rule.other_days
    return f"s.rank * ({pfast} / {fast} / {fast} + (1.0 - {pfast}) * {share!r} / {other} / {other})"


_ORDERS: Mapping[str, tuple[str, ...]] = {
    "rank": ("s.rank DESC",),
    "urgency": ("s.list = 'fasttrack' DESC", "s.is_tns_match", f"{_urgency_sql(DEFAULT_RULE)} DESC"),
    "newest": ("a.t0_mjd DESC", "s.rank DESC"),
    "brightest": ("a.last_mag", "s.rank DESC"),
    # What is level as far as its errors tell stands between what rises and what fades.
    "rising": (f"iif(abs(a.rise) >= {SIGNIFICANT} * a.rise_error, a.rise, 0 * a.rise) DESC", "s.rank DESC"),
    "uncertain": ("min(abs(s.preal - 0.5), abs(s.pgal - 0.5))", "s.rank DESC"),
    "nearest": ("m.separation_arcsec", "s.rank DESC"),
}
#: Orders that an index of the store has.
_IN_INDEX = ("s.rank DESC NULLS LAST", "s.rank NULLS LAST")
#: Before the name of an order: what it puts first comes last.
REVERSED = "-"


def is_order(sort: str) -> bool:
    """Tell whether a list can be sorted so: by one of `SORTS`, or by one the other way round (`-rank`)."""
    return sort.removeprefix(REVERSED) in SORTS


def _order_sql(list_name: str, sort: str) -> str:
    """SQL of an order: alerts without the number that is sorted by come last, whichever way it runs."""
    name = sort.removeprefix(REVERSED)
    if name not in _ORDERS:
        raise FilterError(f"There is no order `{sort}`; there are {', '.join(_ORDERS)}.")
    own = own_order(list_name)
    if own is not None and sort in (DEFAULT_SORT, "urgency"):
        return own
    return ", ".join(_term(term, sort.startswith(REVERSED)) for term in _ORDERS[name])


def _term(term: str, is_reversed: bool) -> str:
    falls = term.endswith(" DESC") != is_reversed
    return term.removesuffix(" DESC") + (" DESC" if falls else "") + " NULLS LAST"


#: Numbers that a filter can compare, and what they mean.
NUMBERS: Mapping[str, str] = {
    "rank": "s.rank", "mag": "a.last_mag", "day": "s.day", "visit": "s.visit", "real": "s.preal",
    "gal": "s.pgal", "xgal": "1 - s.pgal", "pfast": "s.pfast", "pfollow": "s.pfollow",
    "sep": "m.separation_arcsec", "z": "m.z",
    "photoz": "m.photoz", "mpc": "coalesce(m.direct_distance_mpc, m.distance_mpc)", "ra": "a.ra",
    "gw": "(SELECT min(p.level) FROM sky_map_places p WHERE p.alert_id = s.alert_id)",
    "dec": "a.dec", "ebv": "a.ebv_sfd", "rb": "a.real_bogus", "points": "a.n_detections", "t0": "a.t0_mjd",
}  # fmt: skip

#: Words that hold or do not; a minus before one turns it round.
FLAGS: Mapping[str, str] = {
    "tns": "coalesce(s.is_tns_match, 0)",
    "galactic": "coalesce(s.is_gal_cand, 0)",
    "fast": "(s.list = 'fasttrack' OR coalesce(s.pfast, 0) > 0.5)",
    "back": "s.is_back",
    "undecided": "s.is_undecided",
    "note": "EXISTS (SELECT 1 FROM notes n WHERE n.alert_id = a.alert_id)",
    "host": "m.catalogue_object_id IS NOT NULL",
    "rising": f"coalesce(a.rise >= {SIGNIFICANT} * a.rise_error, 0)",
    "fading": f"coalesce(-a.rise >= {SIGNIFICANT} * a.rise_error, 0)",
    "second": "coalesce(s.opinion, '') IN ('wanted', 'disagree')",
    "conflict": "s.is_in_conflict",
    "gw": f"s.alert_id IN ({WITHIN_SQL})",
    "lifted": "s.lifted IS NOT NULL",
}

#: Words that ask where an alert stands or what was decided: no rule that says where it stands may use them.
_OF_ITS_PLACE = frozenset("fast back undecided second conflict lifted list by voted".split())

#: Texts that a filter can look into: ``host:NGC`` finds it anywhere, in either case.
TEXTS: Mapping[str, str] = {
    "host": "coalesce(m.catalogue_object_id, '')",
    "class": "coalesce(a.context_class, '')",
    "name": "coalesce(a.name, '') || ' ' || coalesce(a.other_name, '')",
    "list": "coalesce(s.list, '')",
    "by": "coalesce(s.decided_by, '')",
    "voted": """coalesce(
        (SELECT group_concat(v.scanner, ' ') FROM decisions v WHERE v.alert_id = s.alert_id), '')""",
    "model": "coalesce(s.model, '')",
    "comment": "coalesce(a.comments, '')",
    "survey": "(SELECT o.survey FROM objects o WHERE o.alert_id = s.alert_id)",
}

#: Texts that are looked for elsewhere, as `TEXTS` are.
OTHER_TEXTS = ("gw", "note", "unit")

_COMPARISON = re.compile(
    r"(?P<field>[a-z0-9]+)(?P<operator><=|>=|<|>|=)(?P<value>[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?)", re.ASCII
)


@dataclass(frozen=True)
class ListQuery:
    """A list, how it is sorted, and the words that narrow it."""

    list_name: str
    sort: str = DEFAULT_SORT
    words: str = ""


def query_ids(
    connection: sqlite3.Connection,
    query: ListQuery,
    among: Iterable[int] | None = None,
    limit: int | None = None,
) -> NDArray[np.int64]:
    """Ids of the alerts that a query selects, in its order; equals in the order of their ids.

    ``among``: only of these. ``limit``: so many at most. Raises UnknownList and FilterError.
    """
    condition, values = list_condition(connection, query.list_name)
    narrowed, more = parse_filter(query.words, is_narrow=among is not None)
    if among is not None:
        narrowed += " AND s.alert_id IN (SELECT value FROM json_each(?))"
        more = (*more, json_ids(among))
    order = _order_sql(query.list_name, query.sort)
    standing, joins, join = "standing s", "", "JOIN"
    if among is None and not narrowed and order not in _IN_INDEX and is_large(connection, query.list_name):
        # Row after row as the store holds them. An index leads to each of them by a search of its own, also
        # where SQLite takes it only because it holds all columns that decide.
        standing, join = "standing s NOT INDEXED", "CROSS JOIN"
    if " a." in f" {narrowed} {order}".replace("(", " "):
        joins += f" {join} alerts a USING (alert_id)"
    if "m." in narrowed + order:
        joins += " LEFT JOIN matches m ON m.alert_id = s.alert_id AND m.position = 1"
    if "vra_seen_by" in narrowed:
        connection.create_function("vra_seen_by", 2, _seen_by, deterministic=True)
        joins += " JOIN lightcurves l ON l.alert_id = s.alert_id"
    source = f"{standing}{joins} WHERE ({condition}){narrowed}"
    return ordered_ids(connection, source, order, (*values, *more), limit)


def parse_filter(words: str, is_narrow: bool = False) -> tuple[str, tuple[object, ...]]:
    """SQL conditions (each beginning with AND) and their values for ``rank>7 mag<18 host:NGC -tns fast``.

    ``is_narrow``: they will be asked of few alerts.
    `vra_tui.store.filter_words` says how the words may be written. Raises FilterError for a word that is none
    of these, with its place.
    """
    conditions: list[str] = []
    values: list[object] = []
    for word in filter_words(words):
        try:
            sql, more = _condition(word.text, is_narrow)
        except FilterError as error:
            raise FilterError(str(error), (word.start, word.end)) from None
        conditions.append(f" AND {sql}")
        values += more
    return "".join(conditions), tuple(values)


def _condition(word: str, is_narrow: bool) -> tuple[str, list[object]]:
    negated = word.startswith("-")
    bare = word.removeprefix("-")
    turn = "NOT " if negated else ""
    lower = bare.lower()
    if lower in FLAGS:
        return f"{turn}{FLAGS[lower]}", []
    annotated = number_condition(bare, is_narrow)
    if annotated is not None:
        return f"{turn}{annotated[0]}", annotated[1]
    comparison = _COMPARISON.fullmatch(lower)
    if comparison:
        field = comparison["field"]
        if field in NUMBERS:
            return f"{turn}({NUMBERS[field]} {comparison['operator']} ?)", [float(comparison["value"])]
        close = _nearest(field, NUMBERS)
        raise FilterError(f"`{word}`: there is no number `{field}`{close} There are {', '.join(NUMBERS)}.")
    field, colon, text = bare.partition(":")
    if colon and not text:
        raise FilterError(f"`{word}` lacks the text to look for: {field}:TEXT.")
    if colon and field.lower() == "unit":
        return (
            f"{turn}vra_seen_by(l.detections, (SELECT min(code) FROM instruments WHERE name LIKE ?))",
            [f"{text}%"],
        )
    if colon and field.lower() == "gw":
        return f"{turn}s.alert_id IN ({WITHIN_SQL} AND lower(event) = ?)", [text.lower()]
    if colon and field.lower() == "note":
        sql, values = topic_condition(text)
        return f"{turn}{sql}", values
    if colon and field.lower() in TEXTS:
        return f"{turn}instr(lower({TEXTS[field.lower()]}), ?)", [text.lower()]
    if colon:
        known = [*TEXTS, *OTHER_TEXTS]
        raise FilterError(
            f"`{word}`: there is no text `{field}`{_nearest(field, known)} There are {', '.join(known)}."
        )
    begun = re.split(r"[<>=]", lower)[0]
    if begun in NUMBERS:
        raise FilterError(f"`{word}`: `{begun}` wants a number to compare with: {begun}>1.")
    if begun in (*TEXTS, *OTHER_TEXTS):
        raise FilterError(f"`{word}`: `{begun}` wants a text to look for: {begun}:TEXT.")
    close = _nearest(lower, [*FLAGS, *NUMBERS, *TEXTS])
    raise FilterError(
        f"`{word}` is no filter word{close} There are {', '.join(FLAGS)}, comparisons like rank>7 and texts "
        "like host:NGC."
    )


def _nearest(name: str, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(name, list(known), 1)
    return f"; did you mean `{close[0]}`?" if close else "."


def explain_empty(connection: sqlite3.Connection, words: str) -> None:
    """Raise FilterError where words that select nothing ask for a number that no classifier ever gave."""
    for name, place in numbers_never_given(connection, words):
        there = ", ".join(numbers_given(connection)) or "none"
        raise FilterError(f"`{name}`: no classifier gave such a number; there are {there}.", place)


def check_rule(words: str) -> None:
    """Raise FilterError where filter words cannot be a rule by which alerts are filed.

    None at all would select everything, and a rule that asks where an alert stands would contradict itself.
    """
    parse_filter(words)
    found = filter_words(words)
    if not found:
        raise FilterError("a rule without words would select every alert.")
    for word in found:
        if re.split(r"[:<>=]", word.text.lower().removeprefix("-"))[0] in _OF_ITS_PLACE:
            raise FilterError(
                f"`{word.text}` asks where an alert stands, which a rule for that cannot ask.",
                (word.start, word.end),
            )


def _seen_by(detections: bytes, code: int | None) -> bool:
    """Whether a telescope unit took one of the packed detections."""
    return code is not None and bool(
        (np.frombuffer(unpacked_detections(detections), DETECTION)["instrument"] == code).any()
    )


def left_over(connection: sqlite3.Connection, rank: float) -> int:
    """How many undecided alerts rank above ``rank``."""
    query = "SELECT count(*) FROM standing s WHERE s.is_undecided AND s.rank > ?"
    return int(connection.execute(query, (rank,)).fetchone()[0])


def near(connection: sqlite3.Connection, ra: float, dec: float, radius_arcsec: float) -> list[int]:
    """Ids of the alerts within a radius of a position (degrees), the nearest first."""
    radius = radius_arcsec / 3600
    ids, ras, decs = read_arrays(
        connection,
        "SELECT alert_id, ra, dec FROM alerts WHERE dec BETWEEN ? AND ?",
        (dec - radius, dec + radius),
        types="iff",
    )
    apart = separation(ras, decs, ra, dec)
    order = np.argsort(apart, kind="stable")
    found: list[int] = ids[order[apart[order] <= radius_arcsec]].tolist()
    return found
