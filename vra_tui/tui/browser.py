"""Open a web page in a browser, where there is one beside this terminal."""

import asyncio
import sys
from collections.abc import Mapping
from contextlib import suppress

#: `python -m webbrowser` does not say whether one took it.
_OPEN = "import sys, webbrowser; sys.exit(not webbrowser.open_new_tab(sys.argv[1]))"
#: So long a browser may take to say that it does not start, seconds.
_PATIENCE = 5.0
#: Variables of a session that came over a line: a browser there would open on the far side, or not at all.
_REMOTE = ("SSH_CONNECTION", "SSH_CLIENT", "SSH_TTY", "MOSH_CONNECTION")


def has_browser(environ: Mapping[str, str], platform: str = sys.platform) -> bool:
    """Whether whoever sits here would see a browser's window: a display, and no line in between."""
    if any(environ.get(name) for name in _REMOTE):
        return False
    return platform == "darwin" or bool(environ.get("DISPLAY") or environ.get("WAYLAND_DISPLAY"))


async def open_page(url: str) -> bool:
    """Open an address; whether a browser took it.

    The browser runs apart from this terminal and writes nothing to it, whatever browser it is.
    """
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", _OPEN, url),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
        start_new_session=True,
    )
    with suppress(TimeoutError):
        return await asyncio.wait_for(asyncio.shield(process.wait()), _PATIENCE) == 0
    return True  # it still runs: some browsers stay in the foreground
