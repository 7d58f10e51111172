"""The lines around the alerts: tabs, headings, messages, the last decisions, status and keys."""

from vra_tui.tui.actions import actions_of
from vra_tui.tui.bars import foot_lines, key_line
from vra_tui.tui.keymap import footer_keys, key_of_action
from vra_tui.tui.list_columns import heading, title_line
from vra_tui.tui.room.layout import foot_lines as lines_of_foot
from vra_tui.tui.room.placing import Placing
from vra_tui.tui.spans import Line
from vra_tui.tui.tabs import LIST_TITLES, WITH_KEYS, Bar, tabs_line

#: A list narrower than this is told of in few words.
_NARROW = 40
#: A foot of so many lines has one for messages alone.
_ROOMY_FOOT = 3
#: A message that shares its line with something else is shown so long, seconds.
_TOLD_FOR = 6.0


class Telling(Placing):
    """A message stands where there is room for it; where there is little, it gives way after a while."""

    def show_heading(self) -> None:
        """The lines above the list: what it is, and its columns."""
        order, query, pane = self.session.order, self.session.query, self.panes["heading"]
        width, lines = pane.size
        place = f"{order.cursor + 1:,} of {len(order):,} " if len(order) else ""
        if width < _NARROW:
            place = place.replace(" of ", "/")
        title = LIST_TITLES.get(query.list_name, query.list_name)
        both = [
            title_line(title, query.sort, query.words, place, width),
            heading(self.alerts.columns, width),
        ]
        pane.show(both[-lines:] if lines else [])

    def show_bars(self) -> None:
        """The lists, the last decisions, the status, the keys."""
        self.show_tabs()
        self.panes["keys"].show([self._key_line()])
        self.show_status()

    def show_tabs(self) -> None:
        """The lists and how many alerts are in each."""
        session, width = self.session, self.size.width
        counts: dict[str, int | str] = dict(session.counts)
        if session.query.words:
            name = session.query.list_name
            counts[name] = f"{len(session.order)}/{counts.get(name, '')}"
        keys = [self._written(f"list_{number}") for number in range(1, WITH_KEYS + 1)]
        bar = tabs_line(
            counts, session.new_in, session.query.list_name, width, keys, self._written("next_list")
        )
        self.bars["tabs"] = bar
        self.panes["tabs"].show([bar.line])

    def show_status(self) -> None:
        """Show what just happened, how far the scanner is, and the keys unless a message has their line."""
        width, height = self.size
        lines = lines_of_foot(height)
        progress: Line = []
        if self.job is not None:
            progress = [(f"{self.job.name}: {self.progress[-30:] or '…'}", "news")]
        is_over = self._is_told and lines < _ROOMY_FOOT and not _is_failure(self._message)
        message = [] if is_over else self._message
        outbox_key = self._written("outbox")
        bars = foot_lines(self.session, message, width, lines, progress, outbox_key, is_told=self._is_told)
        # Where there is no other line, a message takes that of the keys for a while.
        panes = {3: ("status", "recent"), 2: ("status", "keys")}.get(lines, ("keys",))
        if len(bars) < len(panes):
            bars = [*bars, Bar(self._key_line())]
        for pane, bar in zip(panes, bars, strict=False):
            self.panes[pane].show([bar.line])
            self.bars[pane] = bar
        self.bars.pop("keys", None)

    def _key_line(self) -> Line:
        actions = actions_of(self.session.own_labels)
        return key_line(footer_keys(self.keys, actions), self.size.width)

    def _written(self, action: str) -> str:
        """The key of an action as people write it; "" where it has none."""
        return key_of_action(self.keys, action)

    def key(self, action: str) -> str:
        """The key of an action for a message; of one without a key what a key map calls it."""
        return self._written(action) or f"`{action}`"

    def say(self, text: str, role: str = "status") -> None:
        """Put a message into the status line."""
        self.say_line([(text, role)])

    def say_line(self, line: Line) -> None:
        """Put a message of several roles into the status line.

        Where the last decisions share the line with it, they come back after a while; what failed stays, in
        one line.
        """
        self._message, self._is_told = line, False
        self.set_timer(_TOLD_FOR, lambda: self._end(line))
        self.show_status()

    def _end(self, line: Line) -> None:
        if self._message is line:
            self._is_told = True
            self.show_status()


def _is_failure(message: Line) -> bool:
    return any(role == "failure" for _, role in message)
