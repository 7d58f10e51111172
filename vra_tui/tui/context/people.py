"""What people said of an alert: second opinions, decisions, notes."""

from vra_tui.store.decisions import DecisionRow
from vra_tui.text import printable
from vra_tui.tui.blind_voting import has_hidden_votes
from vra_tui.tui.context.facts import AlertFacts
from vra_tui.tui.context.section import Part, Row, Section
from vra_tui.tui.decided import title_of
from vra_tui.tui.times import ago, mjd_of_text


def votes_section(facts: AlertFacts) -> Section:
    """A second opinion asked for, and decisions, the latest first."""
    rows = [row for row in (_opinion(facts), *map(_in_row, _decisions(facts))) if row]
    return Section(
        "votes", glance=[[part for row in rows[:2] for part in row]], rest=rows[2:], whole=rows, is_right=True
    )


def _in_row(part: Part) -> Row:
    return [part] if part else []


def _opinion(facts: AlertFacts) -> Row:
    asked = facts.asked
    if asked is None:
        return []
    who = printable(asked.asked_by, 40)
    if has_hidden_votes(facts.detail.row):
        return [[(f"{who} asks for your vote; what others said is hidden until you gave it", "news")]]
    # Who voted for what stands below, among the decisions.
    role = {"wanted": "news", "disagree": "warn", "agree": "value"}[asked.state]
    state = {"wanted": f"{who} asks for another", "disagree": "they differ", "agree": "they agree"}[
        asked.state
    ]
    if asked.resolved_by is not None:
        state = f"resolved by {printable(asked.resolved_by, 40)}"
    return [[(state, role)]]


def _decisions(facts: AlertFacts) -> list[Part]:
    return [_decision(facts, one) for one in reversed(facts.detail.decisions)]


def _decision(facts: AlertFacts, decision: DecisionRow) -> Part:
    who, when = printable(decision.scanner, 40), _when(facts, decision.timestamp)
    if decision.list is None:
        return [(f"undone by {who}", "dim"), (f" {when}", "dim")]
    note = f": {printable(decision.note, 200)}" if decision.note else ""
    role = "dim" if decision.is_reverted else "strong"
    return [
        (title_of(decision.list), role),
        (f" by {who}", "dim" if decision.is_reverted else "value"),
        (f" {when}{note}", "dim" if decision.is_reverted else "value"),
    ]


def notes_section(facts: AlertFacts) -> Section:
    """Notes, the latest first; then what the survey's own people wrote."""
    rows: list[Row] = [
        [[
            (f"{printable(note.scanner, 40)} {_when(facts, note.timestamp)} ", "dim"),
            (printable(note.note), "value"),
        ]]
        for note in reversed(facts.detail.notes)
    ]  # fmt: skip
    return Section("notes", glance=rows[:1], rest=rows[1:], is_right=True)


def _when(facts: AlertFacts, timestamp: str) -> str:
    """So long ago by the clock, or the date where nobody says what time it is."""
    mjd = mjd_of_text(timestamp)
    if mjd is None or facts.clock_mjd is None:
        return printable(timestamp[:16].replace("T", " "), 16)
    return ago(mjd, facts.clock_mjd)
