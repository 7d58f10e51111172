"""Clicks on tabs, titles of columns, the last decisions, and on keys wherever the room names them."""

from typing import ClassVar

from textual import events
from textual.geometry import Offset

from vra_tui.store.listing import ListRow
from vra_tui.tui.actions import ACTIONS
from vra_tui.tui.alert_names import names_in_few_words
from vra_tui.tui.clicks import Click, bars_by_line, is_grave
from vra_tui.tui.keymap import written
from vra_tui.tui.room.deciding import DecidingKeys

#: The panes in which keys are named, beside those whose lines know where they can be clicked.
_WITH_KEYS = ("keys", "empty")


class ClickingKeys(DecidingKeys):
    """A click on a key is that key, handled in its turn among the keys pressed.

    What decides, takes back or leaves needs a second click, which is no double click: whoever clicks into a
    window to bring it to the front, or drags over a word to select it, has done nothing. With Shift, or moved
    while pressed, the mouse is the terminal's.
    """

    #: Textual would select text of its own while the mouse is dragged, which no terminal could copy.
    ALLOW_SELECT: ClassVar[bool] = False

    _pressed_at: Offset | None = None
    _asked: Click | None = None

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """Remember where the button went down."""
        self._pressed_at = event.screen_offset

    async def on_click(self, event: events.Click) -> None:
        """Do what stands where the click was."""
        if event.shift or event.ctrl or event.meta or event.chain > 1:
            return
        if self._pressed_at is not None and self._pressed_at != event.screen_offset:
            return
        pane = event.widget.id if event.widget is not None else None
        if pane in self.bars:
            action = self.bars[pane].action_at(event.x)
            if action is not None:
                self.run_worker(self.run_action(action))
        elif pane == "heading" and event.y == self.panes[pane].size.height - 1:
            self.run_worker(self.run_action(f"sort_at({event.x})"))
        elif pane in _WITH_KEYS:
            bar = bars_by_line(self.panes[pane].lines, self.keys).get(event.y)
            name = None if bar is None else bar.action_at(event.x)
            if name is not None:
                self._click_key(name, event.time)

    def _click_key(self, name: str, moment: float) -> None:
        key = self.keys[name][0]
        if is_grave(name):
            if not self.is_steady:
                return  # the next alert is not on the screen yet
            rows = self._rows_clicked(moment)
            click = Click(name, [row.alert_id for row in rows], moment)
            first, self._asked = self._asked, click
            if not click.confirms(first):
                self._ask_again(name, written(key), names_in_few_words(rows) if rows else "")
                return
            self._asked = None
        # As if it were pressed: it waits its turn behind the keys that were.
        self.app.post_message(events.Key(key, None))

    def _rows_clicked(self, moment: float) -> list[ListRow]:
        """The alerts that a decision would take: the marked ones, or that under the cursor."""
        session = self.session
        alert_id = self.meant.meant(session.order.current, moment)
        wanted = session.marked or ([] if alert_id is None else [alert_id])
        return [row for row in map(session.rows.one, wanted) if row is not None]

    def _ask_again(self, name: str, key: str, names: str) -> None:
        what = ACTIONS[name].title or name.replace("_", " ")
        is_decision = ACTIONS[name].call.startswith("decide(")
        if is_decision and not names:
            self.say("There is no alert to decide here.")
        else:
            whom = f" {names}" if is_decision else ""
            self.say(f"{what}{whom}? Click once more, or press {key}.", "news")

    def action_go_to_decided(self, number: int) -> None:
        """Go to the alert of one of the last decisions."""
        if number < len(self.session.recent):
            self.go_to_decided(self.session.recent[number])
