"""Keys that start long work beside the screen, and stop it."""

import shlex
import signal

from vra_tui.tui.jobs import Job
from vra_tui.tui.prompt import Prompt
from vra_tui.tui.room.base import Room


class WorkingKeys(Room):
    """One piece of work at a time; what it commits comes into the lists by itself."""

    def action_score(self) -> None:
        """Score what is new."""
        self._start(["score", "--db", str(self.session.store_path)])

    def action_watch(self) -> None:
        """Follow the sources of the configuration, until it is stopped or the screen is left."""
        self._start(["watch", "--db", str(self.session.store_path)])

    async def action_ingest(self) -> None:
        """Ask for files or folders, and take them in."""

        def start(text: str | None) -> None:
            if text and text.strip():
                self._start(["ingest", "--db", str(self.session.store_path), *_words(text)])
            else:
                self.say("Nothing was taken in: no file or folder was named.")

        prompt = Prompt("Take in files or folders", placeholder="PATH …", enter="takes them in")
        await self.app.push_screen(prompt, start)

    async def action_train(self) -> None:
        """Ask for the options of `vra train`, and train."""

        def start(text: str | None) -> None:
            if text and text.strip():
                self._start(["train", *_words(text)])
            else:
                self.say("Nothing was trained: no options were given.")

        hint = "--features TABLE.csv --labels LABELS.csv"
        prompt = Prompt("Train a model: options of vra train", placeholder=hint, enter="begins")
        await self.app.push_screen(prompt, start)

    async def action_cancel(self) -> None:
        """Stop the work that runs."""
        if self.job is None:
            self.say("Nothing runs that could be stopped.")
            return
        self.say(f"Stopping {self.job.name} …")
        await self.job.cancel()

    def _start(self, arguments: list[str]) -> None:
        if self.job is not None:
            self.say(f"{self.job.name} still runs; {self.key('cancel')} stops it.")
            return
        self.job = Job(arguments, self._show_progress)
        self.say(f"{self.job.name} begins.")
        self.run_worker(self._run(self.job), name=self.job.name, exclusive=True, group="job")

    async def _run(self, job: Job) -> None:
        try:
            code = await job.run()
        except OSError as error:
            self.say(f"{job.name} could not be started: {error}", "failure")
            return
        finally:
            self.job, self.progress = None, ""
        if job.is_cancelled:
            self.say(f"{job.name} was stopped; what it had finished is kept.", "news")
        elif code < 0:
            by = signal.Signals(-code).name
            self.say(f"{job.name} was ended from outside ({by}); what it had finished is kept.", "failure")
        else:
            # 1 means that part of the input was refused: the rest is in.
            role = "failure" if code > 1 else "news"
            self.say(f"{job.name} {'failed' if role == 'failure' else 'is done'}: {job.last_line}", role)

    def _show_progress(self, line: str) -> None:
        self.progress = line
        self.show_status()


def _words(text: str) -> list[str]:
    try:
        return shlex.split(text)
    except ValueError:
        return text.split()
