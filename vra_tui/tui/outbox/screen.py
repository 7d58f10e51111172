"""The keys of the outbox that change something: each acts on the item under the cursor, as it was shown."""

import os
from datetime import datetime

from textual.app import SuspendNotSupported

from vra_tui.store import Store, outbox
from vra_tui.store.outbox import Draft, Item, State
from vra_tui.text import counted
from vra_tui.tui.clipboard import osc52
from vra_tui.tui.keymap import bindings
from vra_tui.tui.outbox.actions import OUTBOX_ACTIONS
from vra_tui.tui.outbox.content import WITH_FORM, content_lines, text_of_lines
from vra_tui.tui.outbox.editing import EditFault, content_of, run_editor, subject_of, text_of
from vra_tui.tui.outbox.panes import Change, OutboxPanes
from vra_tui.tui.writer import NotSaved

#: Characters of a line that is copied, at most.
_COPIED = 10_000


class OutboxScreen(OutboxPanes):
    """Nothing leaves by a key but what somebody has approved, and what cannot be taken back asks first."""

    BINDINGS = bindings(OUTBOX_ACTIONS.values())

    async def action_approve(self) -> None:
        """Let the draft leave."""
        item = self._item
        if item is None or item.state is not State.DRAFT:
            self._not_so(item, "approved: a draft can be")
            return
        await self._change(
            lambda store, by, now: outbox.approve(store, [item.item_id], by=by, now=now),
            f"Approved: {item.subject}. {self._key('send')} sends it now, `vra watch` by itself.",
        )

    async def action_approve_all(self) -> None:
        """Let all drafts leave that the selection shows, but for what is public for good; asks first."""
        shown = [one for one in self._contents.items if one.state is State.DRAFT]
        drafts = [one.item_id for one in shown if not one.is_public]
        left = len(shown) - len(drafts)
        only_by_itself = f" {left} in public for good: {self._key('approve')} approves each." if left else ""
        if not drafts:
            self._say(f"There is no draft here to approve with others.{only_by_itself}")
        elif self._is_confirmed("A", " ".join(drafts)):
            await self._change(
                lambda store, by, now: outbox.approve(store, drafts, by=by, now=now),
                f"{counted(len(drafts), 'draft')} approved.{only_by_itself}",
            )
        else:
            drafted = counted(len(drafts), "draft")
            said = f"{self._key('approve_all')} again approves {drafted}; any other key does not."
            self._say(said + only_by_itself, "news")

    async def action_drop(self) -> None:
        """Let the item not leave; asks first."""
        item = self._item
        if item is None or item.state in (State.ACCEPTED, State.WITHDRAWN):
            self._not_so(item, "dropped")
        elif self._is_confirmed("x", item.item_id):
            even_sent = item.state is State.SENDING
            await self._change(
                lambda store, by, now: outbox.withdraw(
                    store, [item.item_id], by=by, now=now, even_sent=even_sent
                ),
                f"Dropped, and kept among what was withdrawn: {item.subject}.",
            )
        elif item.state is State.SENDING:
            again = f"It may have arrived. {self._key('drop')} again drops it"
            self._say(f"{again}, and nobody asks any more whether it did.", "news")
        else:
            self._say(f"{self._key('drop')} again drops it; any other key keeps it.", "news")

    async def action_retry(self) -> None:
        """Let what was refused leave once more, or be tried now what rests."""
        item = self._item
        if item is None or item.state not in (State.REFUSED, State.APPROVED, State.SENDING):
            self._not_so(item, "tried again: what was refused, or rests, can be")
            return
        await self._change(
            lambda store, by, now: outbox.retry(store, [item.item_id], by=by, now=now),
            f"To be tried again: {item.subject}.",
        )

    async def action_send(self) -> None:
        """Send the item in a process beside the screen."""
        item = self._item
        if item is None or item.state not in (State.APPROVED, State.SENDING):
            is_draft = item is not None and item.state is State.DRAFT
            self._not_so(item, "sent", f" {self._key('approve')} approves it first." if is_draft else "")
            return
        if item.kind in outbox.BY_HAND:
            await self._hand_in(item)
            return
        why_not = self._host.send_item(item.item_id)
        self._is_sending = why_not is None
        self._say(why_not or f"Sending: {item.subject} …", "failure" if why_not else "news")

    async def _hand_in(self, item: Item) -> None:
        """Note that a person handed in what no program sends; asks first."""
        if self._is_confirmed("s", item.item_id):
            await self._change(
                lambda store, by, now: outbox.handed_in(store, item.item_id, by=by, now=now),
                f"Handed in: {item.subject}.",
            )
        else:
            self._say(
                f"No program sends it: {self._key('copy')} copies it. "
                f"{self._key('send')} again says that it was handed in.",
                "news",
            )

    async def action_edit(self) -> None:
        """Edit the content in $EDITOR; what is written is a new draft in place of the item."""
        item = self._item
        if item is None or item.state in (State.SENDING, State.ACCEPTED):
            self._not_so(item, "edited: it has left, or may have")
            return
        if item.kind in WITH_FORM:
            if (fault := await self._host.edit_as_form(item)) is not None:
                self._say(f"It cannot be edited: {fault}.", "failure")
            return
        try:
            path = self._desk.begin(item.item_id, text_of(item))
            with self.app.suspend():
                run_editor(path)
            content = content_of(self._desk.read(item.item_id), item)
        except SuspendNotSupported:
            self._say("This terminal cannot be given to an editor.", "failure")
            return
        except (EditFault, OSError) as error:
            self._say(f"Not taken: {error}. {self._key('edit')} opens your text again.", "failure")
            return
        if content == item.content:
            self._desk.end(item.item_id)
            self._say("Nothing was changed.")
            return
        draft = Draft(
            item.kind, item.target, subject_of(content, item), content, item.identity, item.alert_ids,
            item.decision_id, item.rule, item.item_id,
        )  # fmt: skip

        def put(store: Store, by: str, now: datetime) -> object:
            (self._chosen,) = outbox.put(store, [draft], by=by, now=now, is_anew=True)
            return self._chosen

        if await self._change(put, f"Edited, and a draft again: {item.subject}."):
            self._desk.end(item.item_id)

    def action_copy(self) -> None:
        """Copy the content to the clipboard of the terminal, as it is read here."""
        item, self._asked = self._item, None
        driver = self.app._driver
        if item is not None and driver is not None:
            text = text_of_lines(content_lines(item.kind, item.content, _COPIED))
            driver.write(osc52(text, inside_tmux="TMUX" in os.environ))
            self._say(f"Copied: {item.subject}.")

    async def _change(self, change: Change, done: str) -> bool:
        """Write a change and say what came of it; whether it is written."""
        self._asked = None
        self._is_writing = True
        try:
            await self._host.change_outbox(change)
        except NotSaved as error:
            self._say(f"Not done: {error}", "failure")
            return False
        finally:
            self._is_writing = False
        self._message = [(done, "news")]
        await self._look()
        return True

    def _is_confirmed(self, key: str, what: str) -> bool:
        """Whether a key was pressed twice on the same."""
        before, self._asked = self._asked, (key, what)
        if before == self._asked:
            self._asked = None
            return True
        return False

    def _not_so(self, item: Item | None, what: str, more: str = "") -> None:
        state = "There is no item here" if item is None else f"It is {item.state.value}"
        self._say(f"{state} and cannot be {what}.{more}" if item is not None else f"{state}.")
