"""What a rule finds in a draft: how much it holds up, what is the case, and what to do."""

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How much a finding holds up."""

    BLOCK = "block"
    WARN = "warn"
    NOTE = "note"


@dataclass(frozen=True)
class Finding:
    """What a rule found: what is the case, what to do, and which fields of the form it is about."""

    rule: str
    level: Level
    what: str
    remedy: str
    fields: tuple[str, ...] = ()
