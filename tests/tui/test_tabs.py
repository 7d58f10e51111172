"""The tabs: the same keys for the same lists at any width, the open list always among them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vra_tui.ranking.lists import ALL, LIST_ORDER
from vra_tui.tui.spans import text_of, width_of
from vra_tui.tui.tabs import LISTS, UNTOLD, WITH_KEYS, tabs_line

NIGHT = dict.fromkeys(LISTS[:-1], 0) | {
    "fasttrack": 3, "extragalactic": 96, "galactic": 14, "possible": 6, "second": 2, "purgatory": 49,
    "good": 11, "followup": 4, "attic": 92, "eyeball": 162,
}  # fmt: skip
FRESH = {"fasttrack": 1, "extragalactic": 5, "galactic": 2, "possible": 1}


def bar(counts=NIGHT, here="extragalactic", width=120, fresh=FRESH, **more):
    return tabs_line(counts, lambda name: fresh.get(name, 0), here, width, **more)


def shown_lists(made):
    return [LISTS[int(hit.action[10:-1])] for hit in made.hits if hit.action.startswith("open_list(")]


def test_lists_stand_in_the_order_of_the_nights_work_with_what_is_new():
    assert " ".join(text_of(bar().line).split()) == (
        "1 fast 3 +1 2 xgal 96 +5 3 gal 14 +2 4 poss 6 +1 5 2nd 2 6 purg 49 7 good 11 8 follow 4 9 attic 92"
        " ] more"
    )


def test_every_list_can_be_reached_and_the_first_ten_have_keys():
    assert sorted(LISTS) == sorted([*(name.value for name in LIST_ORDER), ALL])
    assert LISTS[WITH_KEYS - 1] == "eyeball"


def test_a_narrow_bar_leaves_out_empty_lists_and_the_others_keep_their_keys():
    made = bar(NIGHT | {"second": 0}, width=80)
    text = text_of(made.line)
    assert "4 poss 6" in text
    assert "5 2nd" not in text
    assert "6 purg 49" in text


def test_what_is_in_no_tab_is_behind_the_key_of_the_next_list():
    made = bar(width=80)
    x = text_of(made.line).index("more")
    assert made.action_at(x) == "step_list(1)"


@given(
    st.dictionaries(st.sampled_from(LISTS), st.integers(0, 2_000_000)),
    st.dictionaries(st.sampled_from(LISTS), st.integers(0, 99_999)),
    st.sampled_from(LISTS),
    st.integers(12, 260),
)
def test_at_any_width_the_open_list_is_there_and_each_click_opens_what_it_is_on(counts, fresh, here, width):
    made = bar(counts, here, width, fresh)
    assert width_of(made.line) == width
    assert here in shown_lists(made)
    names = shown_lists(made)
    assert names == sorted(names, key=LISTS.index)
    text = text_of(made.line)
    for hit, name in zip(made.hits, names, strict=False):
        number = LISTS.index(name) + 1
        if number <= WITH_KEYS and hit.end <= width:
            assert text[hit.first : hit.end].split()[0] == str(number % 10)
    assert all(first.end <= second.first for first, second in zip(made.hits, made.hits[1:], strict=False))


def test_lists_without_a_key_follow_where_there_is_room_and_something_in_them():
    made = bar(NIGHT | {"teach": 3, "pm": 0}, width=200)
    assert shown_lists(made)[WITH_KEYS:] == ["teach"]


def test_keys_that_were_moved_are_shown_as_they_are():
    keys = ["F1", *"234567890"]
    assert text_of(bar(keys=keys, more_key="n").line).split()[0] == "F1"


@pytest.mark.parametrize("name", sorted(UNTOLD))
def test_the_open_list_stands_out_also_where_it_has_no_key(name):
    roles = [role for text, role in bar(here=name).line if text.strip() and role.startswith("tab_here")]
    assert roles


def test_thousands_are_told_in_a_word():
    assert "6 purg 48k" in text_of(bar(NIGHT | {"purgatory": 48_213}).line)
    assert "6 purg 9999" in text_of(bar(NIGHT | {"purgatory": 9_999}).line)


def test_the_list_of_a_surveys_own_label_has_a_tab_while_it_is_open():
    open_here = tabs_line({"agn": 3}, lambda name: 0, "agn", 200)
    assert " agn 3" in text_of(open_here.line)
    assert " agn" not in text_of(tabs_line({}, lambda name: 0, "good", 200).line)
