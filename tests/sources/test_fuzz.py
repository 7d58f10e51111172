"""Files changed at random are read or refused; none ends the program."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.sources.made import every_format, read

pytestmark = pytest.mark.slow

FORMATS = every_format()
#: How often a file is changed: fewer times where reading it takes long.
MUTATIONS, FEWER = 1_000, 250
TAKE_LONG = ("parquet", "forced", "csv", "tar", "gzip")


def mutated(data: bytes, chance: random.Random) -> bytes:
    """With bytes changed, lost, doubled or put in; or cut off."""
    changed = bytearray(data)
    for _ in range(chance.choice((1, 1, 2, 5))):
        at = chance.randrange(len(changed) + 1)
        kind = chance.randrange(6)
        if kind == 0:
            changed[at : at + 1] = bytes([chance.randrange(256)])
        elif kind == 1:
            del changed[at : at + chance.choice((1, 3, 60))]
        elif kind == 2:
            changed[at:at] = chance.randbytes(chance.choice((1, 8, 100)))
        elif kind == 3:
            changed[at:at] = changed[at : at + 64]
        elif kind == 4:
            changed[at : at + 4] = chance.choice((b"\xff\xff\xff\x7f", bytes(4), b"\x80\x80\x80\x80"))
        elif chance.random() < 0.3:
            del changed[at:]
    return bytes(changed)


@pytest.mark.parametrize("name", FORMATS)
def test_a_file_changed_at_random_is_read_or_refused(name):
    chance = random.Random(7)
    refused = 0
    for _ in range(FEWER if any(word in name for word in TAKE_LONG) else MUTATIONS):
        packets, refusals = read(mutated(FORMATS[name], chance))
        refused += bool(refusals)
        assert packets or refusals
        assert all(0 < len(refusal.reason) < 400 and refusal.reason.isprintable() for refusal in refusals)
    assert refused


@given(st.binary(max_size=300) | st.text(alphabet='{}[]",:0123456789abc\\u\n ;\t#').map(str.encode))
def test_any_bytes_are_read_or_refused(data):
    packets, refusals = read(data)
    assert packets or refusals or not data.strip(b" \t\r\n\x00[],")
