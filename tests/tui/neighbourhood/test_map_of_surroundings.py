"""The map shows what stands around where it stands: north up, east left, nothing over anything else."""

import itertools
import math
import random
import re

import numpy as np
import pytest

from vra_tui.tui.neighbourhood.frame import RADII, Frame, angle_words, radius_of
from vra_tui.tui.neighbourhood.map import draw_map, sign_of
from vra_tui.tui.neighbourhood.things import Ellipse, Kind, Thing
from vra_tui.tui.palette import ROLES
from vra_tui.tui.spans import text_of, width_of

WIDTH, HEIGHT = 30, 16


def at(east, north, kind=Kind.STAR, **more):
    more = {"catalogue": "PS1", "arcsec": math.hypot(east, north), "mag": 18.0, **more}
    return Thing(kind=kind, east=east, north=north, **more)


def texts(things, width=WIDTH, height=HEIGHT, **more):
    return [text_of(line) for line in draw_map(things, width, height, **more)]


def cells_of(lines, sign):
    return [(x, y) for y, line in enumerate(lines) for x, char in enumerate(line) if char == sign]


def dots_of(lines):
    """Places of braille dots, in dots from the left and from the top."""
    found = []
    for y, line in enumerate(lines):
        for x, char in enumerate(line):
            bits = ord(char) - 0x2800 if 0x2800 <= ord(char) < 0x2900 else 0
            order = ((0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2), (0, 3), (1, 3))
            found += [(2 * x + dx, 4 * y + dy) for bit, (dx, dy) in enumerate(order) if bits >> bit & 1]
    return np.array(found, dtype=float).reshape(-1, 2)


MIDDLE = (WIDTH // 2, (HEIGHT - 1) // 2)


@pytest.mark.parametrize(
    ("east", "north", "dx", "dy"),
    [(0, 10, 0, -1), (0, -10, 0, 1), (10, 0, -1, 0), (-10, 0, 1, 0), (7, 7, -1, -1), (-7, -7, 1, 1)],
)
def test_north_is_up_and_east_is_left(east, north, dx, dy):
    ((x, y),) = cells_of(texts([at(east, north)]), "*")
    assert (np.sign(x - MIDDLE[0]), np.sign(y - MIDDLE[1])) == (dx, dy)


def test_the_alert_stands_in_the_middle_whatever_is_around():
    for things in ([], [at(0.0, 0.0)], [at(3, 4), at(-9, 2)]):
        assert cells_of(texts(things), "+") == [MIDDLE]
        spans = draw_map(things, WIDTH, HEIGHT)[MIDDLE[1]]
        assert [role for text, role in spans if "+" in text] == ["sky_accent"]


def test_the_same_angle_takes_the_same_length_up_and_sideways():
    ((x, _),) = cells_of(texts([at(-9, 0)]), "*")
    ((_, y),) = cells_of(texts([at(0, 9)]), "*")
    assert abs((x - MIDDLE[0]) - 2 * (MIDDLE[1] - y)) <= 2


def test_compass_and_scale_are_there():
    lines = texts([at(5, 5)])
    assert lines[0][MIDDLE[0]] == "N"
    assert lines[MIDDLE[1]][0] == "E"
    assert re.search(r"├─+┤ \d+[″′]$", lines[-1])


@pytest.mark.parametrize("radius", RADII)
@pytest.mark.parametrize("size", [(30, 15), (100, 55), (24, 9), (12, 30)])
def test_the_bar_is_as_long_as_it_says(radius, size):
    frame = Frame.around(radius, *size)
    length, cells = frame.bar()
    assert cells == pytest.approx(length / (2 * frame.dot), abs=0.51) or cells == 2
    assert cells <= max(4, size[0] / 3) + 1


def angle_of(dots):
    """Direction of the longest extent of dots, degrees from north through east, 0 to 180."""
    x, y = (dots - dots.mean(axis=0)).T
    # East is left: minus x; north is up: minus y.
    return math.degrees(0.5 * math.atan2(2 * np.mean(x * y), np.mean(y * y) - np.mean(x * x))) % 180.0


@pytest.mark.parametrize("angle", [0, 30, 45, 60, 90, 120, 135, 150])
def test_an_ellipse_turns_from_north_through_east(angle):
    host = at(0, 0, Kind.HOST, arcsec=0.0, mag=None, ellipse=Ellipse(20.0, 0.3, float(angle)))
    found = angle_of(dots_of(texts([host], 60, 31)))
    assert min(abs(found - angle), 180 - abs(found - angle)) < 4


def test_an_ellipse_is_as_large_as_its_axes_and_stands_around_its_galaxy():
    host = at(6, -3, Kind.HOST, mag=None, ellipse=Ellipse(20.0, 0.5, 0.0))
    frame = Frame.around(radius_of([host]), 80, 40)
    dots = dots_of(texts([host], 80, 41))
    assert dots.mean(axis=0) == pytest.approx(frame.dots(6, -3), abs=1.5)
    wide, high = np.ptp(dots, axis=0) * frame.dot
    assert (wide, high) == (pytest.approx(20.0, abs=2.0), pytest.approx(40.0, abs=2.0))


def test_a_size_without_a_shape_has_fewer_dots_than_an_ellipse():
    known = at(0, 0, Kind.HOST, arcsec=0.0, ellipse=Ellipse(20.0, 0.9, 0.0))
    vague = at(0, 0, Kind.HOST, arcsec=0.0, ellipse=Ellipse(20.0))
    assert len(dots_of(texts([vague]))) < 0.7 * len(dots_of(texts([known])))


def test_what_tells_no_direction_is_a_ring_of_its_separation():
    near = Thing(Kind.SOURCE, "PS1", arcsec=8.0, mag=20.5)
    dots = dots_of(texts([near], 60, 31))
    frame = Frame.around(radius_of([near]), 60, 30)
    away = np.hypot(*(dots + 0.5 - frame.dots(0, 0)).T) * frame.dot
    assert away.min() > 8.0 - 2 * frame.dot
    assert away.max() < 8.0 + 2 * frame.dot
    assert any("·20.5" in line for line in texts([near], 60, 31))


def test_what_is_at_the_alerts_place_stands_beside_its_cross():
    for here in (at(0.1, 0.1, mag=14.9), Thing(Kind.STAR, "Gaia", arcsec=0.2, mag=14.9),
                 Thing(Kind.STAR, "Gaia", is_here=True, mag=14.9)):  # fmt: skip
        assert "+*14.9" in texts([here])[MIDDLE[1]]


def test_a_ring_too_small_to_be_seen_is_written_beside_the_cross():
    lines = texts([Thing(Kind.HOST, "sherlock", arcsec=2.0, z=0.04)])
    assert "+○z 0.040" in lines[MIDDLE[1]]
    assert not len(dots_of(lines))


def test_a_host_outside_of_the_field_is_pointed_at():
    things = [at(2, 2), at(0, 900, Kind.HOST)]
    lines = texts(things)
    assert any("↑" in line for line in lines[:3])
    assert any("host 15′" in line for line in lines)
    assert any(">" in line for line in texts([at(-900, 0, Kind.HOST)], is_ascii=True))


def test_an_alert_has_the_letter_of_its_survey():
    other = at(5, 5, Kind.ALERT, letter="L")
    assert cells_of(texts([other]), "L")
    assert sign_of(other) == "L"


def test_a_star_that_moves_has_an_arrow_the_way_it_moves():
    # East is left.
    for motion, arrow in (((0, 50), "↑"), ((50, 0), "←"), ((-50, 0), "→"), ((-50, -50), "↘")):
        assert any(f"18.0{arrow}" in line for line in texts([at(5, 5, motion=motion)]))
    assert not any("18.0↑" in line for line in texts([at(5, 5, motion=(0, 2))]))


@pytest.mark.parametrize(
    ("apart", "radius"),
    [((), 30), ((2,), 15), ((13.5,), 15), ((14,), 30), ((50,), 60), ((3, 100), 15), ((100,), 120)],
)
def test_the_field_is_the_least_that_holds_what_is_near(apart, radius):
    assert radius_of([at(0, arcsec) for arcsec in apart]) == radius


def test_the_field_holds_the_whole_host_but_for_one_that_is_larger_than_any_field():
    assert radius_of([at(0, 5, Kind.HOST, ellipse=Ellipse(40.0))]) == 60
    assert radius_of([at(0, 5, Kind.HOST, ellipse=Ellipse(4_000.0))]) == 15


def crowd(seed, n=25, size=40.0):
    rng = random.Random(seed)
    kinds = [Kind.HOST, *rng.choices(list(Kind)[1:], k=n - 1)]
    return [
        at(rng.gauss(0, size), rng.gauss(0, size), kind, letter="Z", mag=round(rng.uniform(12, 22), 1),
           z=0.05 if kind is Kind.HOST else None, name=str(number))
        for number, kind in enumerate(kinds)
    ]  # fmt: skip


@pytest.mark.parametrize("seed", range(8))
def test_no_label_is_cut_by_another_nor_by_a_sign(seed):
    things = crowd(seed)
    known = {f"{one.mag:.1f}" for one in things} | {"0.050"}
    for line in texts(things)[:-1]:
        for number in re.findall(r"[\d.]*\d[\d.]*", line):
            # The sign of a source is a dot in its own right: `·`.
            assert number in known, line


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("is_ascii", [False, True])
def test_the_order_of_things_does_not_matter(seed, is_ascii):
    things = crowd(seed)
    first = draw_map(things, WIDTH, HEIGHT, is_ascii=is_ascii)
    random.Random(seed).shuffle(things)
    assert draw_map(things, WIDTH, HEIGHT, is_ascii=is_ascii) == first
    assert draw_map(things[::-1], WIDTH, HEIGHT, is_ascii=is_ascii) == first


@pytest.mark.parametrize(
    ("width", "height"), itertools.product((0, 1, 8, 9, 24, 30, 31, 120), (0, 1, 3, 4, 9, 16, 56))
)
def test_every_size_is_filled_and_none_is_left(width, height):
    things = [*crowd(1), Thing(Kind.STAR, "Gaia", arcsec=20.0, mag=12.0), at(0, 900, Kind.HOST)]
    lines = draw_map(things, width, height)
    assert len(lines) == height
    for line in lines:
        assert width_of(line) in (0, width)
        assert {role for _, role in line} <= set(ROLES)


def test_in_plain_letters_there_is_nothing_else():
    things = [*crowd(2), Thing(Kind.SOLAR, "solar system", arcsec=20.0, mag=12.0)]
    things.append(at(0, 0, Kind.HOST, arcsec=0.0, ellipse=Ellipse(30.0, 0.4, 20.0)))
    assert all(line.isascii() for line in texts(things, is_ascii=True))


def test_neighbours_of_one_role_are_one_span():
    for line in draw_map(crowd(3), WIDTH, HEIGHT):
        assert all(one[1] != other[1] for one, other in itertools.pairwise(line))


def test_angles_are_written_in_few_characters():
    assert [angle_words(a) for a in (5, 30, 60, 90, 120, 2.5)] == ["5″", "30″", "1′", "90″", "2′", "2.5″"]
    assert angle_words(120, is_ascii=True) == "2'"
