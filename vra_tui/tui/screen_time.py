"""By which time the screen tells ages: the clock's, or that of a stream that ended long ago."""

from math import isnan

#: A stream that has not seen anything for longer is a record of other nights, not of this one, days.
_ENDED = 30.0


def screen_time(clock_mjd: float, stream_mjd: float) -> float:
    """The time, MJD, that ages are counted to.

    ``stream_mjd``: the latest exposure in the store, NaN without one. Of a stream that goes on it is the
    clock's. What lies in an archive, or was made for practice, was young when its last exposure was taken: to
    say of all of it that it is two years old would help nobody.
    """
    if isnan(stream_mjd) or clock_mjd - stream_mjd < _ENDED:
        return clock_mjd
    return stream_mjd
