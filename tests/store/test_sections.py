"""Sections of light curves in the store: what is written is read back, and damage is told."""

import numpy as np
import pytest

from vra_tui.domain.epochs import DETECTION, FORCED, NONDETECTION
from vra_tui.store.sections import packed, unpacked

DTYPES = (DETECTION, NONDETECTION, FORCED)


def records(rng, count):
    """Bytes of any content, as records of each section; the day grows as in a light curve."""
    sections = []
    for dtype in DTYPES:
        found = np.frombuffer(rng.bytes(count * dtype.itemsize), dtype).copy()
        found["day"] = np.arange(count) // 4
        found["instrument"] = found["band"] = 7
        sections.append(found.tobytes())
    return tuple(sections)


@pytest.mark.parametrize("count", [0, 1, 2, 3, 17, 400, 5_000])
def test_what_is_written_is_read_back(count):
    rng = np.random.default_rng(count)
    for _ in range(20):
        sections = records(rng, count)
        assert unpacked(packed(sections)) == sections


def test_a_light_curve_takes_less_room_than_its_records():
    sections = records(np.random.default_rng(1), 400)
    assert all(
        len(small) < 0.95 * len(whole) for small, whole in zip(packed(sections), sections, strict=True)
    )


def test_records_that_cannot_be_made_smaller_take_one_byte_more():
    noise = tuple(np.random.default_rng(2).bytes(dtype.itemsize) for dtype in DTYPES)
    assert [len(section) for section in packed(noise)] == [dtype.itemsize + 1 for dtype in DTYPES]


def test_the_same_records_are_written_the_same():
    sections = records(np.random.default_rng(3), 100)
    assert packed(sections) == packed(tuple(bytes(bytearray(section)) for section in sections))


@pytest.mark.parametrize("which", [0, 1, 2])
def test_a_section_that_was_cut_or_claims_too_much_is_refused(which):
    whole = packed(records(np.random.default_rng(4), 400))
    section = whole[which]
    huge = (1 << 31).to_bytes(4, "little")
    for damaged in (
        section[: len(section) // 2],
        section[:3],
        section[1:],
        b"\x01",
        b"\x07" + section[1:],
        section[:1] + huge + section[5:],
        section[:1] + (DTYPES[which].itemsize * 401).to_bytes(4, "little") + section[5:],
    ):
        sections = [b"", b"", b""]
        sections[which] = damaged
        with pytest.raises(ValueError, match="light curve"):
            unpacked(sections)


def test_damage_anywhere_is_refused_or_gives_whole_records():
    rng = np.random.default_rng(5)
    section = bytearray(packed(records(rng, 50))[1])
    for _ in range(2_000):
        damaged = bytearray(section)
        damaged[rng.integers(len(section))] ^= 1 << rng.integers(8)
        try:
            _, found, _ = unpacked((b"", bytes(damaged), b""))
        except ValueError:
            continue
        if damaged[0] == 1:
            assert len(found) % NONDETECTION.itemsize == 0
