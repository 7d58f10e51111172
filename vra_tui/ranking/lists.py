"""The lists: their names, keys, and the labels that decisions for them make (DESIGN.md 2)."""

from dataclasses import dataclass
from enum import StrEnum


class ListName(StrEnum):
    """Every list an alert can stand in, by the name used on the command line and in files."""

    FASTTRACK = "fasttrack"
    EXTRAGALACTIC = "extragalactic"
    GALACTIC = "galactic"
    POSSIBLE = "possible"
    PURGATORY = "purgatory"
    GOOD = "good"
    FOLLOWUP = "followup"
    ATTIC = "attic"
    PM = "pm"
    GARBAGE = "garbage"
    DUPLICATES = "duplicates"
    EYEBALL = "eyeball"
    ANOMALIES = "anomalies"
    CLOSING = "closing"
    TEACH = "teach"
    DOUBT = "doubt"
    SECOND = "second"
    CONFLICTS = "conflicts"
    GW = "gw"


#: Views over several lists: every undecided alert, and everything.
ALL = "all"

#: Where the policies file an undecided alert.
FILED_LISTS = (ListName.FASTTRACK, ListName.EXTRAGALACTIC, ListName.GALACTIC, ListName.PURGATORY)

#: The order in which lists are offered: what must be looked at first stands first.
LIST_ORDER = (
    ListName.EYEBALL,
    ListName.FASTTRACK,
    ListName.EXTRAGALACTIC,
    ListName.GALACTIC,
    ListName.POSSIBLE,
    ListName.PURGATORY,
    ListName.GOOD,
    ListName.FOLLOWUP,
    ListName.ATTIC,
    ListName.PM,
    ListName.GARBAGE,
    ListName.DUPLICATES,
    ListName.ANOMALIES,
    ListName.CLOSING,
    ListName.TEACH,
    ListName.DOUBT,
    ListName.SECOND,
    ListName.CONFLICTS,
    ListName.GW,
)

#: The actor whose decisions are the policies' own.
MACHINE = "vra"
#: In place of a model's name: the rule that ranks alerts of surveys without a model. No model is called so.
STARTER = "starter"


@dataclass(frozen=True)
class Decision:
    """One thing a scanner can decide: the list it files to, its key, and its encoding as a label.

    ``label`` is what it teaches a model: good, galactic, garbage or pm, "" where it teaches nothing.
    ``list_id`` is the ATLAS server's; ``preal, pgal, pfast`` is how the survey's VRA encodes the decision,
    None where it says nothing.
    """

    list: ListName
    list_id: int
    key: str
    title: str
    meaning: str
    preal: float | None
    pgal: float | None
    pfast: float | None = None
    label: str = ""


DECISIONS: dict[str, Decision] = {
    decision.list.value: decision
    for decision in (
        Decision(ListName.GARBAGE, 0, "t", "garbage", "bogus; recoverable", 0.0, None, None, "garbage"),
        Decision(
            ListName.FOLLOWUP, 1, "c", "follow-up", "good, and worth telescope time", 1.0, 0.0, 0.5, "good"
        ),
        Decision(ListName.GOOD, 2, "g", "good", "real extragalactic transient", 1.0, 0.0, None, "good"),
        Decision(ListName.POSSIBLE, 3, "p", "possible", "snoozed until the next visit", 0.5, None),
        Decision(ListName.EYEBALL, 4, "e", "eyeball", "put back in front of the scanners", None, None),
        Decision(ListName.ATTIC, 5, "a", "attic", "real, galactic", 1.0, 1.0, None, "galactic"),
        Decision(ListName.PM, 11, "s", "pm star", "bad subtraction of a moving star", 0.0, 1.0, None, "pm"),
        Decision(
            ListName.DUPLICATES,
            13,
            "d",
            "duplicate",
            "same transient as another object",
            1.0,
            0.0,
            None,
            "good",
        ),
    )
}


#: Lists to which nothing is decided. Any other list is one of decisions, also that of a survey's own label.
NOT_DECIDED = frozenset({*(name.value for name in LIST_ORDER), ALL}) - DECISIONS.keys()

#: What a model learns from the two answers that a label encodes, (preal, pgal). Bogus, the second is open.
_TAUGHT: dict[tuple[float | None, float | None], str] = {
    (1.0, 0.0): "good",
    (1.0, 1.0): "galactic",
    (0.0, 1.0): "pm",
    (0.0, 0.0): "garbage",
    (0.0, None): "garbage",
    (1.0, None): "real",
}


def label_taught(preal: float | None, pgal: float | None) -> str:
    """Return what a label with this encoding teaches a model: good, galactic, garbage, pm or real.

    None: the label says nothing of that question. Real alone, without a word on where, teaches P(real) and
    nothing else. "" for what teaches nothing.
    """
    return _TAUGHT.get((preal, pgal), "")


def label_of(list_name: str | None) -> str:
    """What a decision for one of the common lists teaches a model; "" for an undo and for any other label.

    The store knows what surveys' own labels teach: `vra_tui.store.label_names.labels_taught`.
    """
    decision = DECISIONS.get(list_name or "")
    return decision.label if decision is not None else ""


def title_of(list_name: str) -> str:
    """Return what a decision for a list is called on the screen; a survey's own label goes by its name."""
    return DECISIONS[list_name].title if list_name in DECISIONS else list_name
