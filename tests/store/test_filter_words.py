"""Filter words may be written as people write them, and a wrong one is pointed at."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vra_tui.store.filter_words import LONGEST, FilterError, filter_words
from vra_tui.store.query import check_rule, parse_filter


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("rank>7 mag<18", ["rank>7", "mag<18"]),
        ("rank > 7  mag <18", ["rank>7", "mag<18"]),
        ("rank> 7, mag< 18;".rstrip(";"), ["rank>7", "mag<18"]),
        ("rank \u2265 7 mag =< 18 day = > 2", ["rank>=7", "mag<=18", "day>=2"]),
        ("rank > = 7", ["rank>=7"]),
        ("rank == 7", ["rank=7"]),
        ("dec > - 30 dec<-5 dec<\u22125", ["dec>-30", "dec<-5", "dec<-5"]),
        ("note : NEEDLE", ["note:NEEDLE"]),
        ("- tns -fast", ["-tns", "-fast"]),
        ("tns rank > 7 fast", ["tns", "rank>7", "fast"]),
        ("rank>7 and tns & fast", ["rank>7", "tns", "fast"]),
        ("needle.SLSN-I > 0.5", ["needle.SLSN-I>0.5"]),
        ('host : "NGC 4993" tns', ["host:NGC 4993", "tns"]),
        ("gw:S231129ac", ["gw:S231129ac"]),
        ("rank>7\tmag<18\nfast", ["rank>7", "mag<18", "fast"]),
        ("", []),
        (" , ", []),
    ],
)
def test_blanks_commas_and_other_signs_do_not_matter(text, words):
    assert [word.text for word in filter_words(text)] == words


@given(st.lists(st.sampled_from(["rank>7", "mag<=18", "tns", "-fast", "note:NEEDLE", "x.y>0.5", "dec>-5"])),
       st.sampled_from([" ", "  "]), st.sampled_from(["", " ", "  "]))  # fmt: skip
def test_blanks_anywhere_between_the_parts_mean_the_same(words, between, around):
    spaced = between.join(
        word.replace(">", f"{around}>{around}").replace(":", f"{around}:{around}") for word in words
    )
    assert [word.text for word in filter_words(spaced)] == words
    assert parse_filter(spaced) == parse_filter(" ".join(words))


@pytest.mark.parametrize(
    ("text", "wrong", "says"),
    [
        ("rank > 7  magg < 18 tns", "magg < 18", "did you mean `mag`"),
        ("rank>7 hots:NGC", "hots:NGC", "did you mean `host`"),
        ("rank>7 tnss", "tnss", "did you mean `tns`"),
        ("rank > tns", "rank > tns", "wants a number"),
        ("mag", "mag", "wants a number"),
        ("tns host:", "host:", "lacks the text"),
        ("tns host fast by", "by", "wants a text"),
        ("> 7", ">", "no filter word"),
    ],
)
def test_an_error_says_which_word_and_where_it_stands(text, wrong, says):
    with pytest.raises(FilterError, match=says) as raised:
        parse_filter(text)
    start, end = raised.value.place
    assert text[start:end] == wrong


def test_a_rule_that_cannot_be_one_points_at_its_word():
    with pytest.raises(FilterError) as raised:
        check_rule("rank > 7  list : good")
    assert raised.value.place == (10, 21)


def test_a_text_that_is_too_long_is_refused_before_it_is_read():
    with pytest.raises(FilterError, match="at most 2,000"):
        parse_filter("a" * (LONGEST + 1))


@given(st.text(max_size=80) | st.text('rank><=: -.,"7\x00\x1b', max_size=40))
def test_no_text_breaks_it(text):
    for word in filter_words(text):
        assert 0 <= word.start < word.end <= len(text)
    with suppress(FilterError):
        parse_filter(text)
