"""The key that calls the epoch under the reading cursor bad, and takes that back."""

from vra_tui.domain.epoch_identity import CodeNames
from vra_tui.pipeline.marking import epochs_of_exposure, mark_on
from vra_tui.text import printable
from vra_tui.tui.curve.pane import EpochRead
from vra_tui.tui.prompt import Prompt
from vra_tui.tui.room.base import Room
from vra_tui.tui.writer import NotSaved


class MarkingKeys(Room):
    """What is bad stays in sight as a dim sign, and counts for nothing from then on."""

    async def action_bad_epoch(self) -> None:
        """Ask why, and call the epoch that is read bad; one that is bad is good again at once.

        Where none is read, the latest detection is: who types the reason at once decides nothing by it.
        """
        if self.curve.reading is None:
            self.curve.read(0)
        alert_id, read = self.curve.alert_id, self.curve.epoch_read()
        if self._panes_due or alert_id is None or alert_id != self.session.order.current:
            self.say("Wait for the light curve of this alert.")
        elif read is None:
            self.say(self._why_none())
        elif read.is_bad:
            await self._mark(alert_id, read, False, "")
        else:
            await self._ask(alert_id, read)

    def action_read(self, step: int) -> None:
        """Read the values of a neighbouring point; of a bad one also who says so, and why."""
        self.curve.read(step)
        self.show_table()
        if self.curve.reading is None:
            self.say("There is no point here to read.")
        alert_id, read = self.curve.alert_id, self.curve.epoch_read()
        if alert_id is None or read is None or not read.is_bad:
            return
        names = CodeNames(self.session.codes.instruments, self.session.codes.bands)
        mark = mark_on(self.session.store, alert_id, read.curve, read.section, read.row, names)
        if mark is not None:
            why = f": {printable(mark.reason, 200)}" if mark.reason else ", and gives no reason"
            self.say(f"A bad epoch, says {printable(mark.scanner, 20)} on {mark.timestamp[:10]}{why}.")

    def _why_none(self) -> str:
        if self.curve.reading is None:
            return "There is no point here that could be called bad."
        if self.curve.look.nightly:
            return f"A night's mean is no epoch: {self.key('nightly')} shows every exposure."
        return "This point belongs to the alert of another survey: it is marked there."

    async def _ask(self, alert_id: int, read: EpochRead) -> None:
        async def mark(text: str | None) -> None:
            if text is None:
                self.say("Not marked: the epoch stays as it was.")
            else:
                self.history.add("bad epoch", text.strip())
                await self._mark(alert_id, read, True, text.strip())

        what = f"{self.session.codes.band_name(read.band)}, day {read.phase:+.2f}"
        prompt = Prompt(f"bad epoch ({what}), because", history=self.history.lines("bad epoch"))
        await self.app.push_screen(prompt, mark)

    async def _mark(self, alert_id: int, read: EpochRead, is_bad: bool, reason: str) -> None:
        codes = self.session.codes
        names = CodeNames(codes.instruments, codes.bands)
        epochs = epochs_of_exposure(read.curve, read.section, read.row, names)
        word = "bad" if is_bad else "good again"
        try:
            await self.written(self.session.mark(alert_id, epochs, is_bad, reason), f"the epoch as {word}")
        except NotSaved as error:
            self.say(f"Not saved: {error}. The epoch stays as it was.", "failure")
            return
        if self.session.order.current == alert_id:
            self.show_panes()
        self.redraw({alert_id})
        follows = "left out from now on" if is_bad else "counts again"
        again = f"{self.key('score')} scores the alert anew"
        self.say_line([(f"{word}: ", "strong"), (f"{follows}; {again}", "status")])
