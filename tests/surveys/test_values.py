"""Values of packets: several columns at once are what each is by itself."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from vra_tui.domain.alert import Refused
from vra_tui.surveys.values import column, columns

KEYS = ("a", "b", "c")
VALUES = st.one_of(
    st.none(), st.floats(), st.integers(), st.just(10**400), st.booleans(), st.just("1.5"), st.just([1])
)
ROWS = st.lists(st.dictionaries(st.sampled_from(KEYS), VALUES), max_size=6)


def told(made):
    """What comes of it: the columns, or why they are refused."""
    try:
        return np.array(made()), None
    except Refused as refused:
        return None, str(refused)


@given(ROWS)
def test_several_columns_at_once_are_what_each_is_by_itself(section):
    together, why = told(lambda: columns(section, KEYS, "rows"))
    apart, why_apart = told(lambda: [column(section, key, "rows") for key in KEYS])
    assert why == why_apart
    if together is not None:
        np.testing.assert_array_equal(together, apart)
