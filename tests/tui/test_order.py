"""The order of a list: whatever arrives, the cursor and the lines in view stay with their alerts."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from vra_tui.tui.order import ListOrder, arrivals

universe = st.permutations(range(40))


some = st.sets(st.integers(0, 39))


def those_not_in(fresh, known):
    return np.array([i for i in fresh if i not in known], dtype=np.int64)


@given(fresh=universe, known=some, cursor=st.integers(0, 39), top=st.integers(0, 39))
def test_arrivals_never_move_what_is_looked_at(fresh, known, cursor, top):
    base = np.array([i for i in fresh if i in known], dtype=np.int64)
    order = ListOrder(base)
    order.move_to(cursor)
    first, last = min(top, max(0, len(base) - 1)), min(top + 7, len(base) - 1)
    current, view = order.current, base[first : last + 1].tolist()
    plan = arrivals(base, np.array(fresh, dtype=np.int64), those_not_in(fresh, known))
    above = order.admit(plan, first, last) if plan else 0
    assert sorted(order.ids.tolist()) == list(range(40))
    if len(base):
        assert order.current == current
        assert order.ids[first + above : last + above + 1].tolist() == view


@given(fresh=universe, known=some)
def test_out_of_view_arrivals_stand_where_they_belong(fresh, known):
    base = np.array([i for i in fresh if i in known], dtype=np.int64)
    order = ListOrder(base)
    plan = arrivals(base, np.array(fresh, dtype=np.int64), those_not_in(fresh, known))
    if plan:
        order.admit(plan, 0, 0)
    assert order.ids.tolist() == list(fresh)


@given(fresh=universe, known=some, told=some)
def test_what_is_told_of_arrivals_may_fall_short(fresh, known, told):
    base = np.array([i for i in fresh if i in known], dtype=np.int64)
    new = those_not_in(fresh, known)
    plan = arrivals(base, np.array(fresh, dtype=np.int64), new[[i in told for i in new.tolist()]])
    if plan:
        order = ListOrder(base)
        order.admit(plan, 0, 0)
        arrived = order.ids.tolist()
        assert len(set(arrived)) == len(arrived)
        assert arrived == [i for i in fresh if i in arrived]


def test_arrivals_for_other_ids_than_those_shown_wait():
    order = ListOrder(np.array([1, 2]))
    plan = arrivals(order.ids, np.array([3, 1, 2]), np.array([3]))
    order.put_back(9)
    assert order.admit(plan, 0, 1) == 0
    assert order.ids.tolist() == [9, 1, 2]


def test_the_next_unsettled_is_below_or_else_from_the_top():
    order = ListOrder(np.array([1, 2, 3, 4]), cursor=2, settled={3, 4})
    assert order.next_unsettled() == 0
    order.settled.update({1, 2})
    assert order.next_unsettled() is None


def test_the_next_unsettled_is_one_that_nobody_else_looks_at_while_there_is_one():
    order = ListOrder(np.array([1, 2, 3]), cursor=0, settled={1})
    assert order.next_unsettled(taken={2}) == 2
    assert order.next_unsettled(taken={2, 3}) == 1
    order.settled.update({2, 3})
    assert order.next_unsettled(taken={2}) is None


def test_replacing_keeps_the_cursor_on_its_alert_or_on_its_line():
    order = ListOrder(np.array([1, 2, 3, 4]), cursor=2)
    order.replace(np.array([9, 3, 1]))
    assert order.current == 3
    order.replace(np.array([7, 8]))
    assert order.current == 8


def test_an_alert_put_back_stands_under_the_cursor():
    order = ListOrder(np.array([1, 2, 3]), cursor=1, settled={3, 7})
    order.put_back(3)
    assert (order.current, order.settled) == (3, {7})
    order.put_back(7)
    assert order.current == 7
    assert order.ids.tolist() == [1, 2, 7, 3]
