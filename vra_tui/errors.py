"""The base of every error that is meant for the user rather than for a programmer."""


class VraError(Exception):
    """Something the user can understand and mend; the command line prints its message and no traceback.

    The message says what happened, where, what was kept, and what to do about it. ``exit_code`` is what
    the process ends with: 1 part of the input was refused, 2 wrong usage or nothing could be done.
    ``choices``: what was meant may be one of these, a line each.
    """

    exit_code = 2
    choices: tuple[str, ...] = ()
