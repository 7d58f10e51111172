"""Make ids of decisions: unique across machines, and sorted by time."""

import hashlib
import os
from datetime import UTC, datetime, timedelta

#: So far may clocks differ: what is later than that is from the future.
FUTURE = timedelta(days=1)
# The bits of an id that are random after its version and variant.
_RANDOM = (1 << 62) - 1


def new_id(now: datetime, after: str | None = None) -> str:
    """A UUID of version 7 (RFC 9562): sorts by time, unique without asking anyone.

    With ``after``, the greatest id known, it also sorts after that one, where the clock was put back or the
    millisecond is the same: what was decided in knowledge of something else sorts behind it.
    """
    milliseconds = int(now.timestamp() * 1000)
    random = int.from_bytes(os.urandom(10), "big")
    if after is not None and (known := int(after.replace("-", ""), 16)) >> 80 >= milliseconds:
        # A random step, not one: two stores that know the same greatest id must not meet.
        milliseconds = known >> 80
        low = (known & _RANDOM) + 1 + (random & 0xFFFFFFFF)
        if low > _RANDOM:
            milliseconds, low = milliseconds + 1, random & _RANDOM
        random = (known & ~_RANDOM & ((1 << 80) - 1)) | low
    return _text(milliseconds, random)


def id_of(moment: datetime, content: bytes) -> str:
    """A UUID of version 7 that follows from a time and a content, for what comes without an id."""
    digest = hashlib.blake2b(content, digest_size=10).digest()
    return _text(max(0, int(moment.timestamp() * 1000)), int.from_bytes(digest, "big"))


def _text(milliseconds: int, random: int) -> str:
    value = (milliseconds << 80) | random
    value = (value & ~(0xF << 76)) | (0x7 << 76)
    value = (value & ~(0x3 << 62)) | (0x2 << 62)
    text = f"{value:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def id_at(moment: datetime) -> str:
    """Return what ids of a moment begin with: ids from before it are smaller, later ones greater."""
    milliseconds = f"{max(0, int(moment.timestamp() * 1000)):012x}"
    return f"{milliseconds[:8]}-{milliseconds[8:]}"


def taken_at(decision_id: str) -> datetime | None:
    """The time that an id of version 7 begins with; None where no calendar has it."""
    try:
        return datetime.fromtimestamp(int(decision_id.replace("-", "")[:12], 16) / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def timestamp(now: datetime) -> str:
    """ISO 8601 in UTC, to the millisecond."""
    return now.astimezone(UTC).isoformat(timespec="milliseconds")
