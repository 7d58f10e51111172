"""Tell other screens which alert this one shows, without ever waiting for the store."""

import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from vra_tui.errors import VraError
from vra_tui.store import Store, StoreFault
from vra_tui.store.decisions import Author
from vra_tui.store.viewing import STALE, open_for_viewing, stop_viewing, tell_viewing

#: How often a screen says that it still shows the same.
_BEAT = STALE / 3
_NEVER = datetime.min.replace(tzinfo=UTC)


class Presence:
    """Called about once a second with the alert under the cursor, from one thread and no other.

    An alert counts as looked at once the cursor rests on it from one call to the next. A store that cannot be
    written is left alone for a while.
    """

    def __init__(self, path: Path, author: Author, clock: Callable[[], datetime]) -> None:
        self.id = uuid.uuid4().hex
        self.clock = clock
        self._path = path
        self._author = author
        self._connection: Store | None = None
        self._silent_until = _NEVER
        self._last: int | None = None
        self._told: tuple[int | None, datetime] = (None, _NEVER)

    def tell(self, current: int | None) -> None:
        """Say which alert is under the cursor, when it has come to rest there or was last told long ago."""
        rests, self._last = current == self._last, current
        now = self.clock()
        told, at = self._told
        is_due = current != told or (told is not None and abs(now - at) >= _BEAT)
        if not rests or not is_due or now < self._silent_until:
            return
        try:
            if current is None:
                stop_viewing(self._store(), self.id, now)
            else:
                tell_viewing(self._store(), self.id, self._author, current, now)
            self._told = (current, now)
        except (StoreFault, VraError) as error:
            is_locked = getattr(error, "sqlite_errorname", "").startswith(("SQLITE_BUSY", "SQLITE_LOCKED"))
            self._silent_until = now if is_locked else now + STALE

    def leave(self) -> None:
        """Take the word back and close."""
        if self._connection is None:
            return
        try:
            stop_viewing(self._connection, self.id, self.clock())
        except StoreFault:
            pass  # it grows stale by itself
        finally:
            self._connection.close()

    def _store(self) -> Store:
        if self._connection is None:
            self._connection = open_for_viewing(self._path)
        return self._connection
