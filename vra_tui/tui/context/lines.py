"""The context of an alert as lines for a pane of a size: sections, three lines, or five facts."""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from itertools import chain

from vra_tui.domain.light_curve import LightCurve
from vra_tui.domain.observability import Nights
from vra_tui.ranking.policy import Policy
from vra_tui.store.detail import AlertDetail
from vra_tui.store.second_opinions import Opinion
from vra_tui.store.surroundings import Surroundings
from vra_tui.store.viewing import Viewer
from vra_tui.tui.codebook import CodeBook
from vra_tui.tui.context.around import also_section, around_section, events_section
from vra_tui.tui.context.ascii import ascii_line, ascii_sections
from vra_tui.tui.context.curve import curve_section, quality_section
from vra_tui.tui.context.facts import AlertFacts
from vra_tui.tui.context.host import host_section
from vra_tui.tui.context.nights import nights_section
from vra_tui.tui.context.others import others_section, sherlock_section
from vra_tui.tui.context.people import notes_section, votes_section
from vra_tui.tui.context.records import position_section, requests_section, survey_section, tns_section
from vra_tui.tui.context.section import Section, arranged
from vra_tui.tui.context.why import reasons_section, scores_section, why_section
from vra_tui.tui.spans import Line

#: The height of a pane that shows all.
_ALL = 1_000


#: What is known of an alert, in the order in which a scanner asks for it: first what may decide.
_FIRST: tuple[Callable[[AlertFacts], Section], ...] = (
    why_section,
    scores_section,
    events_section,
    host_section,
    curve_section,
    around_section,
    others_section,
    votes_section,
    notes_section,
    nights_section,
)
_LATER: tuple[Callable[[AlertFacts], Section], ...] = (
    reasons_section,
    quality_section,
    position_section,
    also_section,
    tns_section,
    survey_section,
    requests_section,
    sherlock_section,
)


def alert_lines(
    facts: AlertFacts,
    width: int,
    height: int,
    *,
    is_ascii: bool = False,
    told: Collection[str] = frozenset(),
) -> Iterator[Line]:
    """All lines for a pane of this size, made as they are asked for.

    ``told``: labels of sections whose first glance was told before: they come last.
    """
    first, later = (_made(facts, makers, is_ascii) for makers in (_FIRST, _LATER))
    held: list[Section] = []
    lines = arranged(_without(first, told, held), chain(later, held), width, height)
    # Where something had to be cut stands a sign for it.
    return map(ascii_line, lines) if is_ascii else lines


def _without(sections: Iterable[Section], told: Collection[str], held: list[Section]) -> Iterator[Section]:
    """Sections but those with such labels, which are held back."""
    for one in sections:
        if one.label in told:
            held.append(one.later())
        else:
            yield one


def _made(
    facts: AlertFacts, makers: Iterable[Callable[[AlertFacts], Section]], is_ascii: bool
) -> Iterator[Section]:
    sections = (make(facts) for make in makers)
    return ascii_sections(sections) if is_ascii else sections


def context_lines(
    detail: AlertDetail,
    curve: LightCurve,
    width: int,
    codes: CodeBook | None = None,
    around: Surroundings | None = None,
    nights: Nights | None = None,
    viewers: Sequence[Viewer] = (),
    asked: Opinion | None = None,
    policy: Policy | None = None,
    now_mjd: float | None = None,
    height: int = _ALL,
) -> list[Line]:
    """All that is known of an alert, see `AlertFacts`, for a pane of this size; the pane scrolls."""
    facts = AlertFacts(
        detail,
        curve,
        codes or CodeBook(),
        around or Surroundings(),
        nights,
        viewers,
        asked,
        policy or Policy(),
        now_mjd,
        now_mjd,
    )
    return [*alert_lines(facts, width, height)]
