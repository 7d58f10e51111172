"""Keys that decide, undo, note and mark."""

from collections.abc import Sequence

from vra_tui.ranking.lists import DECISIONS, ListName
from vra_tui.store.decisions import DecisionRow
from vra_tui.store.doubt_list import doubted
from vra_tui.store.listing import ListRow
from vra_tui.store.second_opinions import ASK
from vra_tui.text import counted, printable
from vra_tui.tui.actions import ACTIONS
from vra_tui.tui.alert_names import full_name, names_in_few_words
from vra_tui.tui.blind_voting import has_hidden_votes, is_second_look
from vra_tui.tui.decided import title_of
from vra_tui.tui.prompt import Prompt
from vra_tui.tui.room.base import Room
from vra_tui.tui.spans import Line
from vra_tui.tui.writer import NotSaved

#: So many of the alerts whose decisions were taken back are named.
_NAMED = 4
#: What becomes of an alert beyond its list.
_CONSEQUENCES = {
    ListName.POSSIBLE.value: ", snoozed until seen again",
    ListName.EYEBALL.value: ", back among the undecided",
}


class DecidingKeys(Room):
    """A decision goes to the alert on the screen when the key was pressed, or to all that are marked."""

    _last_list: str | None = None
    _last_mark: int | None = None
    #: Whether the next decision asks for a second opinion.
    _asks = False
    _steps_back = 0

    async def action_decide(self, list_name: str, note: str | None = None) -> None:
        """Decide the alert meant, or the marked ones."""
        await self._decide(self._rows_to_decide(), list_name, note)

    async def action_decide_with_note(self, list_name: str) -> None:
        """Ask why, then decide; Escape decides nothing."""
        rows = self._rows_to_decide()
        if not rows:
            self.say("There is no alert to decide here.")
            return

        async def decide(text: str | None) -> None:
            if text is None:
                self.say(f"Not decided: {names_in_few_words(rows)} stays as it was.")
            else:
                self.history.add("why", text.strip())
                await self._decide(rows, list_name, text.strip() or None)

        title = f"{title_of(list_name)}: {names_in_few_words(rows)}, because"
        prompt = Prompt(title, enter="decides", history=self.history.lines("why"))
        await self.app.push_screen(prompt, decide)

    async def action_own_label(self) -> None:
        """Ask for one of the surveys' own labels by its name, how it begins, or its key; then decide."""
        rows, own = self._rows_to_decide(), self.session.own_labels
        known = sorted(own)
        if not rows:
            self.say("There is no alert to decide here.")
            return
        if not known:
            self.say("No survey of this store has labels of its own.")
            return

        async def decide(text: str | None) -> None:
            word = (text or "").strip()
            keys = {label.key: name for name, label in own.items() if label.key and name not in ACTIONS}
            meant = [word] if word in known else [name for name in known if word and name.startswith(word)]
            meant = [keys[word]] if not meant and word in keys else meant
            if len(meant) == 1:
                await self._decide(rows, meant[0], None)
            else:
                which = "" if not word else f" Own labels are {', '.join(known)}."
                self.say(f"Not decided: {names_in_few_words(rows)} stays as it was.{which}")

        title = f"{names_in_few_words(rows)} is ({', '.join(known)})"
        await self.app.push_screen(Prompt(title, enter="decides"), decide)

    async def action_ask(self) -> None:
        """Let the next decision ask for a second opinion; a second time, ask without a vote."""
        if self._asks:
            await self.action_decide(ListName.EYEBALL.value)
            return
        self._asks = True
        again, not_so = self.key("ask"), self.key("unmark")
        asked = "The next decision asks for a second opinion."
        self.say(f"{asked} {again}: without your own vote. {not_so}: it does not.", "news")

    async def action_repeat(self) -> None:
        """Decide as last time."""
        last = self._last_list or (self.session.recent[0].list if self.session.recent else None)
        if last is None:
            self.say("Nothing was decided yet that could be repeated.")
            return
        await self.action_decide(last)

    async def _decide(self, rows: list[ListRow], list_name: str, note: str | None) -> None:
        if not rows:
            self.say("There is no alert to decide here.")
            return
        if list_name not in DECISIONS and list_name not in self.session.own_labels:
            self.say(f"No survey of this store has a label {list_name}.")
            return
        doubts = self._doubts(rows)
        title, names, tags = title_of(list_name), names_in_few_words(rows), (ASK,) if self._asks else ()
        if self._came_too_early(rows, list_name):
            self.say(f"{names} is {title} already; the key came before the next alert was on the screen.")
            return
        try:
            deciding = self.session.decide(rows, list_name, self.host.key_time, note, tags)
            overtaken = await self.written(deciding, f"{names} as {title}")
        except NotSaved as error:
            self.say(f"Not saved: {names} as {title} (all before is): {error}.", "failure")
            return
        self._last_list, self._steps_back, self._asks = list_name, 0, False
        message: Line = [(f"{title}: ", "strong"), (names + _CONSEQUENCES.get(list_name, ""), "status")]
        if tags or any(row.opinion for row in rows):
            self.watcher.count_again()  # of the list of second opinions
        if tags:
            message.append(("  second opinion asked", "news"))
        if overtaken:
            when = "" if has_hidden_votes(rows[0]) else " meanwhile"
            message.append((f"  {_by_others(overtaken, len(rows))}{when}", "news"))
        if doubts:
            message.append((f"  {doubts}", "news"))
        if self.session.order.current in {row.alert_id for row in rows} and not self.go_on():
            message.append(("  the last one here: ] for the next list, r to sort anew", "news"))
        self.redraw({row.alert_id for row in rows})
        self.say_line(message)
        self.show_tabs()

    def _doubts(self, rows: list[ListRow]) -> str:
        """Why the label of an alert is doubted, to be told after a second look at it; "" for several."""
        if len(rows) != 1 or not is_second_look(rows[0]):
            return ""
        told = next((one.reason for one in doubted(self.session.store, [rows[0].alert_id])), "")
        # Who had labelled it, and as what, is told anyway.
        return told.partition("; ")[2] or told

    def go_on(self) -> bool:
        """Go to the next undecided alert; whether there is one."""
        order = self.session.order
        before, following = order.current, order.next_unsettled(self.session.viewers)
        if following is not None:
            order.move_to(following)
            self.meant.leapt(before, order.current)
            self.alerts.point(order.cursor)
            self.show_heading()
        self.show_panes()
        return following is not None

    def _came_too_early(self, rows: list[ListRow], list_name: str) -> bool:
        """Tell whether a key that came twice in a moment would only repeat the decision."""
        return (
            len(rows) == 1
            and rows[0].alert_id != self.session.order.current
            and rows[0].decided_list == list_name
        )

    def _rows_to_decide(self) -> list[ListRow]:
        session = self.session
        if session.marked:
            rows = [session.rows.one(alert_id) for alert_id in session.marked]
            return [row for row in rows if row is not None]
        row = self.row_meant()
        return [] if row is None else [row]

    async def action_undo(self) -> None:
        """Take back what the latest key decided, and go to it."""
        try:
            undone = await self.written(self.session.undo(), "the undo")
        except NotSaved as error:
            self.say(f"Not undone; {error}. The decision stands.", "failure")
            return
        if not undone:
            undo = self.key("undo")
            self.say(
                f"There is nothing left to undo: {undo} takes back what was decided here, nothing imported."
            )
            return
        self.meant.stepped()  # the scanner has seen it: it was decided
        self._steps_back = 0
        self.say_line([("taken back: ", "strong"), (self._undone_names(undone), "status")])
        self.show_list()

    def _undone_names(self, undone: Sequence[DecisionRow]) -> str:
        """What they were and how many; which, in the order of deciding, as far as there is room."""
        names = [full_name(self.session.named(one)) for one in reversed(undone)]
        was = f"no longer {title_of(undone[0].list)}"
        if len(names) == 1:
            return f"{names[0]}, {was}"
        more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
        return f"{counted(len(names), 'alert')}, {was}: {', '.join(names[:_NAMED])}{more}"

    async def action_note(self) -> None:
        """Ask for a note on the alert meant, and keep it."""
        row = self.row_meant()
        if row is None:
            return

        async def keep(text: str | None) -> None:
            if not text or not text.strip():
                return
            self.history.add("why", text.strip())
            try:
                await self.written(
                    self.session.note(row.alert_id, text.strip()), f"the note on {full_name(row)}"
                )
            except NotSaved as error:
                self.say(f"Not saved: the note on {full_name(row)}; {error}.", "failure")
                return
            self.say(f"Noted on {full_name(row)}.")
            self.redraw([row.alert_id])
            self.show_panes()

        prompt = Prompt(f"Note on {full_name(row)}", history=self.history.lines("why"))
        await self.app.push_screen(prompt, keep)

    def action_mark(self) -> None:
        """Mark the alert under the cursor or take its mark off, and go down a line."""
        order, marked = self.session.order, self.session.marked
        if order.current is None:
            return
        self._last_mark = order.cursor
        if order.current in marked:
            del marked[order.current]
        else:
            marked[order.current] = None
        self.redraw([order.current])
        self.move_to(order.cursor + 1)
        self._say_marked()

    def action_mark_range(self) -> None:
        """Mark everything from the last mark to the cursor."""
        order = self.session.order
        start = order.cursor if self._last_mark is None else min(self._last_mark, len(order) - 1)
        first, last = sorted((start, order.cursor))
        for alert_id in order.ids[first : last + 1].tolist():
            self.session.marked[alert_id] = None
        self._last_mark = order.cursor
        self.redraw(self.session.marked)
        self._say_marked()

    def _say_marked(self) -> None:
        count = len(self.session.marked)
        takes = "The next decision takes it" if count == 1 else "The next decision takes them all"
        self.say(f"{counted(count, 'alert')} marked. {takes}." if count else "No alert is marked.", "news")

    def action_last_decided(self) -> None:
        """Go to the alert decided last; again, to the one before, through the ten in view."""
        recent = self.session.recent
        if not recent:
            self.say("Nothing was decided yet.")
            return
        decision = recent[self._steps_back % len(recent)]
        self._steps_back += 1
        self.go_to_decided(decision)

    def go_to_decided(self, decision: DecisionRow) -> None:
        """Go to the alert of a decision, wherever it stands now."""
        before = self.session.order.current
        self.session.order.go_to(decision.alert_id)
        self.meant.leapt(before, decision.alert_id)
        name = full_name(self.session.named(decision))
        back = f"{self.key('undo')} takes the last back"
        self.say(f"{name} is {title_of(decision.list)}: a letter decides it anew, {back}.")
        self.show_list()


def _by_others(overtaken: Sequence[tuple[str, str]], decided: int) -> str:
    """What others had decided of the alerts of a key: who and what, or of how many."""
    scanners = {who for _, who in overtaken}
    who = printable(scanners.pop(), 20) if len(scanners) == 1 else f"{len(scanners)} others"
    titles = {title_of(name) for name, _ in overtaken}
    what = titles.pop() if len(titles) == 1 else "otherwise"
    return f"{who} had decided {what}" + (f" of {len(overtaken)}" if decided > 1 else "")
