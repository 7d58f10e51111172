"""Keys that change how the light curve is shown."""

from dataclasses import replace

from vra_tui.text import counted
from vra_tui.tui.curve.draw import Axis
from vra_tui.tui.curve.points import Limits, Quantity, Window
from vra_tui.tui.room.base import Room
from vra_tui.tui.room.layout import View

_LIMIT_WORDS = {
    Limits.DEEP: "With the limits that say something: 0.45 mag below the peak and deeper.",
    Limits.ALL: "With all limits.",
    Limits.NONE: "Without limits.",
}

_AXIS_WORDS = {
    Axis.AUTO: "Days before now; of what is not fresh any more, days since t0.",
    Axis.T0: "Days since t0.",
    Axis.MJD: "MJD.",
}


class ViewingKeys(Room):
    """The look stays from alert to alert."""

    def action_enlarge(self) -> None:
        """The context over the height of the screen, and back."""
        self.toggle_view(View.CONTEXT)

    def action_scroll_context(self, pages: int) -> None:
        """On or back in the context, by as much as is in view."""
        if not self.context.scroll_lines(pages * max(1, self.context.size.height - 1)):
            self.say("This is the end of the context." if pages > 0 else "This is the top of the context.")

    def action_full_curve(self) -> None:
        """The light curve over the whole screen with the table of its points, and back."""
        self.toggle_view(View.CURVE)
        self.call_after_refresh(self.show_table)

    def action_around(self) -> None:
        """What stands around over the whole screen, as a map and as a table, and back."""
        self.toggle_view(View.AROUND)

    def action_window(self) -> None:
        """The next choice of days."""
        windows = list(Window)
        following = windows[(windows.index(self.curve.look.window) + 1) % len(windows)]
        self._look(window=following)
        self.say(f"Light curve: {following.value}.")

    def action_flux(self) -> None:
        """Magnitudes or flux."""
        flux = self.curve.look.quantity is Quantity.MAGNITUDE
        self._look(quantity=Quantity.FLUX if flux else Quantity.MAGNITUDE)
        self.say("Light curve in microjansky." if flux else "Light curve in magnitudes.")

    def action_forced(self) -> None:
        """Forced photometry on and off."""
        self._look(forced=not self.curve.look.forced)
        count = len(self.curve.light_curve.forced)
        text = (
            f"{counted(count, 'point')} of forced photometry"
            if count
            else "there is no forced photometry here"
        )
        self.say(
            f"With forced photometry: {text}." if self.curve.look.forced else "Without forced photometry."
        )

    def action_limits(self) -> None:
        """The limits that say something, all, none."""
        order = list(Limits)
        limits = order[(order.index(self.curve.look.limits) + 1) % len(order)]
        self._look(limits=limits)
        self.say(_LIMIT_WORDS[limits])

    def action_fit(self) -> None:
        """The fitted curve on and off."""
        self._look(fit=not self.curve.look.fit)
        if not self.curve.look.fit:
            self.say("Without the fitted curve.")
        elif self.curve.has_fit:
            self.say("With the curve fitted to all data, and its 16 and 84 % (docs/labels.md).")
        else:
            self.say("Nothing was detected here that a curve could be fitted to.")

    def action_nightly(self) -> None:
        """One point a night, or every exposure."""
        self._look(nightly=not self.curve.look.nightly)
        self.say("One point a night and filter." if self.curve.look.nightly else "Every exposure.")

    def action_axis(self) -> None:
        """Days ago, days since t0, or MJD."""
        self._look(axis=self.curve.next_axis)
        self.say(_AXIS_WORDS[self.curve.look.axis])

    def _look(self, **changes: object) -> None:
        self.curve.use_look(replace(self.curve.look, **changes))  # type: ignore[arg-type]
        self.show_table()
