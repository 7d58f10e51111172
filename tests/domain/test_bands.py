"""Bands are known by the names that strangers write, and never mistaken for one another."""

import dataclasses
import math
import subprocess
import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vra_tui.domain.bands import BANDS, Band, band, colour_pairs

SPELLINGS = {
    "c": "c cyan Cyan CYAN ATLAS-c atlasc atlas::cyan Misc/Atlas.cyan",
    "o": "o orange ORANGE atlas_o o-ATLAS",
    "u": "u lsstu LSST_u sdssu u-band",
    "g": "g ztfg ZTF_g ZTF_G ztf-g g-ZTF lsstg sdssg ps1::g PS1.g g' g′ zg desg HSC-G SLOAN/SDSS.g",
    "r": "r Palomar/ZTF.r ztfr zr sdssr r' lsstr lsstcam_r",
    "i": "i ztfi zi PAN-STARRS/PS1.i",
    "z": "z ps1z sdssz",
    "y": "y Y lssty ps1::y",
    "w": "w ps1w PS1::w atlas-w",
    "U": "U bessellu Johnson_U",
    "B": "B bessellb B-Johnson",
    "V": "V bessell-v V_band johnsonV",
    "R": "R cousinsr R_Cousins landolt::R",
    "I": "I bessell_i",
    "G": "G gaia_G gaia::g GAIA/GAIA3.G",
    "BP": "BP gaia_bp G_BP gaia::gbp",
    "RP": "RP GRP gaia-RP GAIA/GAIA3.Grp",
    "J": "J 2MASS_J 2mass::j",
    "H": "H 2massh",
    "Ks": "Ks K K_s 2MASS/2MASS.Ks",
}
PAIRS = [(expected, spelling) for expected, line in SPELLINGS.items() for spelling in line.split()]


@pytest.mark.parametrize(("expected", "spelling"), PAIRS)
def test_a_band_is_known_by_the_names_that_surveys_write(expected: str, spelling: str):
    assert band(spelling) is BANDS[expected]
    assert band(f" {spelling} ") is BANDS[expected]


@pytest.mark.parametrize("spelling", ["Pan-STARRS g", "ZTF g", "filter g", "g band", "Sloan g"])
def test_blanks_separate_too(spelling: str):
    assert band(spelling) is BANDS["g"]


@pytest.mark.parametrize("name", BANDS)
def test_every_band_goes_by_its_own_name(name: str):
    assert band(name).name == name


def test_case_matters():
    for lower, upper in ("uU", "rR", "iI"):
        assert band(lower) is not band(upper)
        assert band(lower).wavelength_nm != band(upper).wavelength_nm
    assert band("g") is not band("G")
    assert not band("v").is_known
    assert not band("O").is_known


UNKNOWN = ["", "/", "'", *"clear unfiltered rp bp x ztfy atlasg ztf band gr none 7".split()]


@pytest.mark.parametrize("name", UNKNOWN)
def test_an_unknown_name_is_kept_and_nothing_is_guessed(name: str):
    found = band(name)
    # As tuples: since Python 3.13 objects that hold a NaN do not equal each other.
    assert dataclasses.astuple(found) == dataclasses.astuple(Band(name))
    assert not found.is_known
    assert math.isnan(found.extinction)
    assert found.sign == "+"


@pytest.mark.parametrize("name", [None, float("nan")])
def test_what_is_not_there_has_no_name(name: object):
    assert band(name).name == ""


def test_numbers_are_names_of_no_band():
    # ZTF's fid 1 is g: that is for ZTF's module to say.
    assert band(1).name == "1"
    assert not band(1).is_known


@given(st.text(max_size=60))
def test_no_name_reaches_a_terminal_as_it_came(name: str):
    found = band(name)
    assert len(found.name) <= 24
    unwanted = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
    assert not unwanted & {unicodedata.category(letter) for letter in found.name}
    # A name once cleaned stays what it is.
    assert band(found.name).name == found.name


def test_an_escape_sequence_in_a_name_is_taken_out():
    assert band("\x1b[31mq\x07").name == "q"
    assert band("\x1b[31mg") is BANDS["g"]


def test_a_survey_overrules_a_band_and_brings_its_own():
    mine = {"g": dataclasses.replace(BANDS["g"], extinction=3.3), "q": Band("q", 580.0, 2.5, "sloan")}
    assert band("g", mine).extinction == 3.3
    assert band("sdss_g", mine).extinction == 3.3
    assert band("q", mine).is_known
    assert band("r", mine) is BANDS["r"]
    assert band("g").extinction == BANDS["g"].extinction


def test_a_band_cannot_be_changed():
    with pytest.raises(dataclasses.FrozenInstanceError):
        band("g").extinction = 1.0  # type: ignore[misc]
    with pytest.raises(TypeError):
        BANDS["g"] = band("r")  # type: ignore[index]


def named(pairs: list[tuple[Band, Band]]) -> list[str]:
    return [f"{blue.name}-{red.name}" for blue, red in pairs]


def test_colours_are_of_neighbours_the_bluer_first():
    assert sorted(named(colour_pairs("yzirguoc"))) == sorted("u-g g-r r-i i-z z-y c-o".split())
    assert named(colour_pairs(["g", "i"])) == ["g-i"]
    assert named(colour_pairs(["RP", "BP"])) == ["BP-RP"]


@given(st.permutations([*BANDS, "clear", "cyan", "ZTF_g"]))
def test_colours_do_not_depend_on_the_order_nor_on_repeats(names: list[str]):
    assert colour_pairs(names) == colour_pairs(BANDS)


def test_bands_of_two_families_and_unknown_ones_have_no_colour():
    assert colour_pairs(["g", "o", "w", "clear", "R"]) == []
    assert colour_pairs([]) == []


def test_every_band_has_a_sign_of_one_cell_of_its_own():
    signs = [one.sign for one in BANDS.values()]
    assert len(set(signs)) == len(signs)
    assert "+" not in signs
    # One letter each, and none that takes two cells in every locale.
    assert all(len(sign) == 1 and unicodedata.east_asian_width(sign) not in "WF" for sign in signs)


def test_colours_are_those_that_were_chosen_for_dark_and_light():
    chosen = "u▼63/54 g●42/29 r■166/124 i▲218/126 z◆229/58 y★250/240 c○39/33 o◇214/136 w□255/16"
    assert chosen == " ".join(f"{one.name}{one.sign}{one.dark}/{one.light}" for one in map(band, "ugrizycow"))
    assert all(16 <= value <= 255 for one in BANDS.values() for value in (one.dark, one.light))


def test_every_number_names_its_source():
    assert all(one.source and one.extinction > 0 and one.wavelength_nm > 300 for one in BANDS.values())


def test_the_domain_imports_nothing_heavy():
    code = (
        "import sys; from vra_tui.domain import bands, distance, extinction, sky;"
        "print([name for name in ('astropy', 'scipy', 'pandas', 'textual') if name in sys.modules])"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"
