"""Keys that change which stamps are shown, and how."""

from vra_tui.tui.room.base import Room
from vra_tui.tui.room.layout import View

_NO_STAMPS = "There are no stamps of this alert."


class PicturingKeys(Room):
    """How stamps are shown stays from alert to alert."""

    def action_stamps(self) -> None:
        """The stamps over the whole screen, and back."""
        self.toggle_view(View.STAMPS)

    def action_step_stamp(self, step: int) -> None:
        """The stamps of a neighbouring exposure."""
        if not self.stamps.has_pictures:
            self.say(_NO_STAMPS)
        elif not self.stamps.step_time(step):
            self.say("These are the earliest stamps." if step < 0 else "These are the latest stamps.")

    def action_contrast(self, step: int) -> None:
        """More or less contrast."""
        if not self.stamps.has_pictures:
            self.say(_NO_STAMPS)
        elif self.stamps.contrast(step):
            self.say(f"Contrast of the stamps: {self.stamps.look.contrast:+d}; 0 is the usual one.")
        else:
            self.say("More contrast shows only noise." if step > 0 else "There is no less contrast.")

    def action_other_picture(self) -> None:
        """Another of the pictures."""
        if self.stamps.has_pictures:
            self.stamps.other_picture()
        else:
            self.say(_NO_STAMPS)

    def action_contact_sheet(self) -> None:
        """All exposures over the whole screen, and back."""
        if self.view is not View.STAMPS:
            self.show_view(View.STAMPS)
            if self.stamps.look.sheet:
                return
        self.stamps.contact_sheet()
        self.show_sheet(self.stamps.look.sheet)
