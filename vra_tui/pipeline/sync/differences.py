"""Find which keys of a set two places do not share, by comparing fingerprints of ranges of keys.

One side asks and the other answers, so that neither needs to know how far away the other is. Ranges in which
both hold the same are told by one number each; only those that differ are cut into smaller ones. This is
range-based set reconciliation (A. Meyer, "Range-Based Set Reconciliation", SRDS 2023).
"""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

#: Bytes of a key.
WIDTH = 16
#: Below and above every key: the bounds of the range of all.
LOWEST, BEYOND = b"", b"\xff" * (WIDTH + 1)
#: A range with fewer keys is told key by key.
_FEW = 256
#: So many parts a differing range is cut into.
_PARTS = 16
#: A range of which the other side holds nothing is told key by key up to so many.
_MANY = 100_000
#: Ranges asked about in one question, and questions after which the answers are no longer believed.
_AT_ONCE = 512
_MOST_QUESTIONS = 10_000


@dataclass(frozen=True)
class Span:
    """Keys from ``low`` on and below ``high``: how many, and their fingerprint."""

    low: bytes
    high: bytes
    count: int
    fingerprint: int


@dataclass(frozen=True)
class Told:
    """An answer about a range: its ``keys``, or the ``parts`` that it was cut into. Neither: it is alike."""

    keys: Sequence[bytes] | None = None
    parts: Sequence[Span] = ()


class KeySet:
    """Keys of one place in order. ``keys``: of `WIDTH` bytes each, in any order, none twice."""

    def __init__(self, keys: Iterable[bytes]) -> None:
        self._keys = sorted(keys)
        mixed = _mixed(np.frombuffer(b"".join(self._keys), dtype="<u8").reshape(-1, 2))
        self._sums = np.concatenate([[np.uint64(0)], np.bitwise_xor.accumulate(mixed)])

    def __len__(self) -> int:
        """Count the keys."""
        return len(self._keys)

    def all(self) -> Span:
        """The range of all keys there may be."""
        return self.span(LOWEST, BEYOND)

    def span(self, low: bytes, high: bytes) -> Span:
        """What is held of a range."""
        first, last = self._places(low, high)
        return Span(low, high, last - first, int(self._sums[last] ^ self._sums[first]))

    def keys(self, low: bytes, high: bytes) -> list[bytes]:
        """The keys of a range in order."""
        first, last = self._places(low, high)
        return self._keys[first:last]

    def tell(self, theirs: Span) -> Told:
        """Answer a question about a range, of which the other side says what it holds."""
        ours = self.span(theirs.low, theirs.high)
        if (ours.count, ours.fingerprint) == (theirs.count, theirs.fingerprint):
            return Told()
        if ours.count <= _FEW or (not theirs.count and ours.count <= _MANY):
            return Told(self.keys(ours.low, ours.high))
        first, last = self._places(ours.low, ours.high)
        cuts = [self._keys[first + (last - first) * part // _PARTS] for part in range(1, _PARTS)]
        bounds = [ours.low, *cuts, ours.high]
        return Told(parts=[self.span(*pair) for pair in pairwise(bounds)])

    def _places(self, low: bytes, high: bytes) -> tuple[int, int]:
        first = bisect_left(self._keys, low)
        return first, max(first, bisect_left(self._keys, high))


def _mixed(words: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """A number for each key in which every bit hangs on all of the key's: ids of one second are alike.

    The finisher of MurmurHash3 (A. Appleby, public domain), over both halves.
    """
    mixed = words[:, 0].astype(np.uint64)
    for half in (words[:, 1], np.uint64(0x9E3779B97F4A7C15)):
        mixed = mixed ^ half
        mixed ^= mixed >> np.uint64(33)
        mixed *= np.uint64(0xFF51AFD7ED558CCD)
        mixed ^= mixed >> np.uint64(33)
        mixed *= np.uint64(0xC4CEB9FE1A85EC53)
        mixed ^= mixed >> np.uint64(33)
    return mixed


#: Asks the other side about ranges; answers come in the same order.
Ask = Callable[[Sequence[Span]], Sequence[Told]]


def compare(ours: KeySet, ask: Ask) -> tuple[list[bytes], list[bytes]]:
    """The keys that only the other side has, and those that only this side has, each in order.

    Raises ValueError where the answers cannot be true: parts that do not lie within what was asked.
    """
    only_theirs: list[bytes] = []
    only_ours: list[bytes] = []
    open_spans, questions = [ours.all()], 0
    while open_spans:
        questions += 1
        if questions > _MOST_QUESTIONS:
            raise ValueError("the other side's answers come to no end")
        asked, open_spans = open_spans[:_AT_ONCE], open_spans[_AT_ONCE:]
        for span, told in zip(asked, ask(asked), strict=True):
            if told.keys is not None:
                mine, theirs = set(ours.keys(span.low, span.high)), set(told.keys)
                only_theirs += theirs - mine
                only_ours += mine - theirs
            for part in told.parts:
                if not span.low <= part.low < part.high <= span.high or part.high == part.low:
                    raise ValueError("the other side's answer makes no sense")
                own = ours.span(part.low, part.high)
                if (own.count, own.fingerprint) == (part.count, part.fingerprint):
                    continue
                if not part.count:
                    only_ours += ours.keys(part.low, part.high)
                elif (own.low, own.high) == (span.low, span.high):
                    raise ValueError("the other side's answer makes no sense")
                else:
                    open_spans.append(own)
    return sorted(only_theirs), sorted(only_ours)
