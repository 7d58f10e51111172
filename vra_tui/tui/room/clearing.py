"""The key that takes back, step by step, what stands between the scanner and the plain list."""

from dataclasses import replace

from vra_tui.text import counted
from vra_tui.tui.room.deciding import DecidingKeys
from vra_tui.tui.room.layout import View
from vra_tui.tui.room.listing import ListingKeys


class ClearingKeys(DecidingKeys, ListingKeys):
    """One press takes one thing back, the nearest first, and says what; no decision is touched."""

    async def action_clear(self) -> None:
        """Take back a second opinion asked for, what fills the screen, a failure told, marks, the filter."""
        session = self.session
        if self._asks:
            self._asks = False
            self.say("No second opinion is asked for.")
        elif self.view not in (View.SCAN, View.EMPTY):
            self.show_view(View.SCAN)
            self.say(self._next_step("Back to the list."))
        elif any(role == "failure" for _, role in self._message):
            self.say(self._next_step("The message is taken off."))
        elif session.marked:
            marks = set(session.marked)
            session.marked.clear()
            self._last_mark = None
            self.redraw(marks)
            self.say(self._next_step(f"{counted(len(marks), 'mark')} taken off: no alert is marked."))
        elif session.query.words:
            words = session.query.words
            await self.open_query(replace(session.query, words=""), stay=True)
            if not session.query.words:
                self.say(f"The filter is taken off: {words} ({self.key('filter')} and Up bring it back).")
        else:
            self.say(f"There is nothing to take back here; {self.key('undo')} takes back a decision.")

    def _next_step(self, done: str) -> str:
        """What was taken back, and what the next press takes back."""
        session = self.session
        left = "the marks" if session.marked else "the filter" if session.query.words else ""
        return f"{done} {self.key('unmark')} again: {left}." if left else done
