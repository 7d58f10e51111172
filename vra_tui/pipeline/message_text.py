"""Write the content of messages about alerts: what is sent follows from it alone."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from vra_tui.config.message_rules import MessageRule
from vra_tui.store.listing import ListRow
from vra_tui.text import counted, printable

#: The page of an alert at its survey; None where there is none.
Page = Callable[[ListRow], str | None]


def message_content(rule: MessageRule, rows: Sequence[ListRow], count: int, page: Page) -> dict[str, Any]:
    """The content of a message on ``count`` new alerts, of which ``rows`` are named."""
    return {
        "form": rule.form,
        "rule": rule.name,
        "text": f"{title(rule)}: {count:,} new",
        "alerts": [alert_content(row, page(row)) for row in rows],
        "more": count - len(rows) if rows else 0,
        "count": count,
        "again": rule.again,
    }


def beginning_content(rule: MessageRule, count: int) -> dict[str, Any]:
    """The content of a rule's first message, which says what it will not tell."""
    already = f"{counted(count, 'alert')} {'is' if count == 1 else 'are'} among them already and not told"
    return {
        "form": rule.form,
        "rule": rule.name,
        "text": f"{title(rule)}: new ones are told here from now on; {already}",
        "alerts": [],
        "more": 0,
        "count": 0,
        "again": rule.again,
    }


def test_content(rule: MessageRule) -> dict[str, Any]:
    """The content of a message by which somebody sees whether a webhook hears it."""
    return beginning_content(rule, 0) | {"text": f"{title(rule)}: this is a test"}


def title(rule: MessageRule) -> str:
    """What a rule's alerts are called in its messages."""
    return rule.title or rule.when


def subject(content: Mapping[str, Any]) -> str:
    """One line for people."""
    return printable(content["text"], 200)


def alert_content(row: ListRow, page: str | None) -> dict[str, Any]:
    """What a message tells of an alert; null where something is not known."""
    return {
        "survey": row.survey,
        "object_id": row.object_id,
        "name": _line(row.name),
        "ra": row.ra,
        "dec": row.dec,
        "rank": _rounded(row.rank, 2),
        "preal": _rounded(row.preal, 3),
        "pgal": _rounded(row.pgal, 3),
        "pfast": _rounded(row.pfast, 3),
        "list": row.list,
        "mag": _rounded(row.last_mag, 2),
        "t0_mjd": row.t0_mjd,
        "host": _line(row.host),
        "sep_arcsec": _rounded(row.sep_arcsec, 1),
        "is_tns_match": row.is_tns_match,
        "url": page,
    }


def _line(text: str | None) -> str | None:
    """What a stranger wrote, as one line without control characters: whoever reads JSON may print it."""
    return None if text is None else printable(text, 200)


def _rounded(value: float | None, digits: int) -> float | None:
    return None if value is None else round(value, digits)
