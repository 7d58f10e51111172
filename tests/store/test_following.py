"""What the store keeps of its sources: positions, states, calls, refused packets."""

from vra_tui.store import Store
from vra_tui.store.connection import transaction
from vra_tui.store.following import (
    KEPT_PACKETS,
    calls_of,
    keep_positions,
    keep_rejected,
    note_call,
    note_state,
    positions_of,
    rejected_packets,
    source_states,
)

AT = "2026-11-28T03:00:00+00:00"
LATER = "2026-11-28T03:05:00+00:00"


def test_the_latest_position_of_each_part_stands(store: Store):
    with transaction(store):
        keep_positions(store, "lasair", {"0": "17", "1": "4"}, AT)
        keep_positions(store, "lasair", {"1": "5"}, LATER)
        keep_positions(store, "atlas", {"8": "60000.5"}, LATER)
    assert positions_of(store, "lasair") == {"0": "17", "1": "5"}
    assert positions_of(store, "atlas") == {"8": "60000.5"}


def test_a_source_is_down_since_it_went_down(store: Store):
    with transaction(store):
        note_state(store, "lasair", "lasair", True, "answers", "2026-11-28T02:00:00+00:00", packets=3)
        note_state(store, "lasair", "lasair", False, "no connection", AT)
        note_state(store, "lasair", "lasair", False, "no connection", LATER, refused=1)
    (state,) = source_states(store)
    assert (state.is_up, state.since, state.seen_at) == (False, AT, LATER)
    assert (state.packets, state.refused) == (3, 1)


def test_calls_of_an_hour_ago_are_forgotten_and_other_accounts_keep_theirs(store: Store):
    for at in (0.0, 10.0, 3700.0):
        note_call(store, "lasair", at)
    note_call(store, "atlas", 5.0)
    assert list(calls_of(store, "lasair", 3700.0)) == [3700.0]
    assert list(calls_of(store, "atlas", 3000.0)) == [5.0]
    assert store.execute("SELECT count(*) FROM calls").fetchone()[0] == 2


def test_refused_packets_are_kept_the_newest_of_them(store: Store):
    with transaction(store):
        keep_rejected(store, [("a", f"{n:05d}", b"x") for n in range(KEPT_PACKETS)], AT)
        keep_rejected(store, [("b", "1", b"y"), ("b", "1", b"z")], LATER)
    kept = rejected_packets(store)
    assert len(kept) == KEPT_PACKETS
    assert rejected_packets(store, "b") == [("b", "1", b"z")]
