"""Keys that move the cursor, and the mouse."""

from vra_tui.tui.alert_list import AlertList
from vra_tui.tui.room.base import Room


class MovingKeys(Room):
    """By lines, by pages, to the ends, to the next undecided alert, or to where the mouse points."""

    def action_move(self, step: int) -> None:
        """Move the cursor by lines."""
        self.move_to(self.session.order.cursor + step)

    def action_page(self, step: int) -> None:
        """Move the cursor by pages."""
        self.move_to(self.session.order.cursor + step * self.alerts.page_length)

    def action_first(self) -> None:
        """Go to the top."""
        self.move_to(0)

    def action_last(self) -> None:
        """Go to the end."""
        self.move_to(len(self.session.order) - 1)

    def action_next_undecided(self) -> None:
        """Go to the next alert that nobody has decided."""
        following = self.session.order.next_unsettled(self.session.viewers)
        if following is None:
            self.say(f"Everything in this list is decided. {self.key('refresh')} brings in what is new.")
        else:
            self.move_to(following)

    def on_alert_list_clicked(self, message: AlertList.Clicked) -> None:
        """A click moves the cursor."""
        self.move_to(message.index)
