"""The seconds that an alert was looked at."""

from vra_tui.tui.viewing_time import LONGEST, ViewingTimes


def test_looks_at_an_alert_add_up_until_it_is_decided():
    looks = ViewingTimes()
    looks.drawn(1, 0.0)
    looks.drawn(2, 3.0)
    looks.drawn(1, 5.0)
    looks.drawn(1, 6.0)
    assert looks.seconds(1, 6.5) == 4.5
    assert looks.seconds(2, 6.5) == 2.0
    looks.decided(1, 6.5)
    assert looks.seconds(1, 7.0) == 0.5


def test_what_was_never_on_the_screen_has_no_seconds():
    assert ViewingTimes().seconds(1, 5.0) is None


def test_a_key_pressed_before_the_frame_was_out_counts_no_time():
    looks = ViewingTimes()
    looks.drawn(1, 5.0)
    assert looks.seconds(1, 4.9) == 0.0


def test_a_night_away_is_no_look():
    looks = ViewingTimes()
    looks.drawn(1, 0.0)
    looks.drawn(2, 30_000.0)
    assert looks.seconds(1, 30_000.0) == LONGEST
