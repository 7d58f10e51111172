"""What to call a decision: the common ones by their titles, a survey's own label by its name."""

from vra_tui.ranking.lists import DECISIONS
from vra_tui.text import printable


def title_of(list_name: str | None) -> str:
    """What to call a decision in a message."""
    decision = DECISIONS.get(list_name or "")
    return decision.title if decision is not None else printable(list_name, 40) or "decided"
