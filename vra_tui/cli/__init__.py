"""The `vra` command: thin. Each verb's module is imported with the app, what it needs only when it runs."""

import errno
import gc
import os
import sys
from collections.abc import Sequence

import typer

from vra_tui.cli import (
    archive,
    astronote,
    bundle,
    config,
    data,
    deciding,
    drift,
    evaluate,
    gw,
    labels,
    listing,
    log,
    marking,
    messages,
    models,
    opening,
    outbox,
    predict,
    pull,
    replay,
    report,
    scoring,
    simulate,
    sources,
    sync,
    tns,
    train,
    upkeep,
    watch,
)
from vra_tui.cli.straight import open_screen, scan_options
from vra_tui.cli.terminal import Guarded, ReaderGone, guard_output
from vra_tui.cli.verbs import Verbs
from vra_tui.errors import VraError

app = typer.Typer(
    name="vra",
    cls=Verbs,
    help="A Virtual Research Assistant for people who look at transient alerts.",
    no_args_is_help=False,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.callback(invoke_without_command=True)(opening.default)
app.command("scan")(opening.scan)
app.command("demo")(opening.demo)
app.command("ingest")(data.ingest)
app.command("pull")(pull.pull)
app.command("watch")(watch.watch)
app.command("score")(scoring.score)
# A filter word may begin with a minus, as `-tns` does.
app.command("list", context_settings={"ignore_unknown_options": True})(listing.list_alerts)
app.command("show")(listing.show)
app.command("features")(scoring.features)
app.command("predict")(predict.predict)
app.command("decide")(deciding.decide)
app.command("mark")(marking.mark)
app.command("log")(log.log)
app.command("undo")(log.undo)
app.command("train")(train.train)
app.command("evaluate")(evaluate.evaluate)
app.command("drift")(drift.drift)
app.command("replay")(replay.replay)
app.command("sync")(sync.sync)
app.command("report")(report.report)
app.command("astronote")(astronote.astronote)
app.command("simulate")(simulate.simulate)
app.command("backup")(upkeep.backup)
app.command("restore")(upkeep.restore)
app.command("doctor")(upkeep.doctor)
app.add_typer(archive.app, name="archive")
app.add_typer(gw.app, name="gw")
app.add_typer(tns.app, name="tns")
app.add_typer(labels.app, name="labels")
app.add_typer(bundle.app, name="bundle")
app.add_typer(models.app, name="models")
app.add_typer(sources.app, name="sources")
app.add_typer(outbox.app, name="outbox")
app.add_typer(messages.app, name="messages")
app.add_typer(config.app, name="config")


def main() -> None:
    """Run the command line; what a user can understand and mend is a message, not a traceback."""
    # More threads than cores make the small matrices of the fits many times slower, not faster.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    # To look for garbage every 700 objects, while modules make a hundred thousand that stay, is up to a tenth
    # of what a short verb costs.
    gc.set_threshold(20_000, 20, 20)
    guard_output()
    debug = "--debug" in sys.argv
    arguments = [argument for argument in sys.argv[1:] if argument != "--debug"]
    code: str | int | None = 0
    try:
        options = scan_options(arguments)
        try:
            if options is None:
                app(args=arguments, prog_name="vra")
            else:
                code = open_screen(options)
        except SystemExit as ended:
            code = ended.code
        # Here, where it can still be said that it failed; the interpreter would do it too late.
        sys.stdout.flush()
    except ReaderGone:
        # The reader of a pipe went away (`vra list | head`): nothing is wrong.
        sys.exit(code)
    except VraError as error:
        if debug:
            raise
        _complain(str(error), error.choices)
        sys.exit(error.exit_code)
    except Exception as error:
        if debug:
            raise
        if why := _failure_of_disk_or_store(error):
            _complain(f"Stopped: {why}. Nothing is half-written; what was written before is kept.")
            sys.exit(2)
        _complain(f"Something went wrong that should not have: {type(error).__name__}: {error}")
        _complain(
            "Decisions made so far are kept. Run again with --debug to see where, and please report it."
        )
        sys.exit(2)
    finally:
        if isinstance(sys.stdout, Guarded):
            sys.stdout.give_up()
    sys.exit(code)


def _failure_of_disk_or_store(error: Exception) -> str | None:
    """Return what failed outside the program, and what helps; None for what should not have happened."""
    from vra_tui.store import StoreFault
    from vra_tui.store.sqlite_file import reason

    if isinstance(error, StoreFault):
        return reason(error)
    outside = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EIO, errno.EACCES)
    if isinstance(error, OSError) and error.errno in outside:
        return f"{error.strerror}: {error.filename}" if error.filename else str(error.strerror)
    return None


def _complain(message: str, choices: Sequence[str] = ()) -> None:
    from vra_tui.text import printable

    sys.stderr.write(f"vra: {printable(message)}\n")
    sys.stderr.writelines(f"  {printable(choice)}\n" for choice in choices)
