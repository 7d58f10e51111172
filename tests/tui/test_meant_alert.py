"""Which alert a key means: never one that the scanner had not seen."""

from hypothesis import given
from hypothesis import strategies as st

from vra_tui.tui.meant_alert import MeantAlert


def test_a_key_pressed_before_the_next_alert_is_drawn_means_the_one_before():
    meant = MeantAlert()
    meant.leapt(1, 2)
    assert meant.meant(2, moment=10.0) == 1
    meant.drawn(2, now=11.0)
    assert meant.meant(2, moment=10.9) == 1
    assert meant.meant(2, moment=11.1) == 2


def test_leaps_that_were_never_drawn_count_as_one():
    meant = MeantAlert()
    meant.leapt(1, 2)
    meant.leapt(2, 3)
    assert meant.meant(3, moment=1.0) == 1


def test_a_step_of_the_scanners_own_counts_at_once():
    meant = MeantAlert()
    meant.leapt(1, 2)
    meant.stepped()
    assert meant.meant(3, moment=0.0) == 3


@given(
    st.lists(
        st.one_of(
            st.tuples(st.just("leap"), st.integers(0, 5)),
            st.tuples(st.just("draw"), st.integers(0, 0)),
            st.tuples(st.just("key"), st.integers(0, 3)),
        ),
        max_size=40,
    )
)
def test_a_key_never_means_an_alert_that_was_not_drawn_by_then(events):
    meant, current, now = MeantAlert(), 0, 0.0
    drawn_at = [(0.0, 0)]  # what stood on the screen from when on
    for event, number in events:
        now += 1.0
        if event == "leap":
            meant.leapt(current, number)
            current = number
        elif event == "draw":
            meant.drawn(current, now)
            drawn_at.append((now, current))
        else:
            moment = now - number - 0.5
            taken = meant.meant(current, moment)
            seen = {alert for since, alert in drawn_at if since <= max(moment, 0.0)}
            assert taken in seen
