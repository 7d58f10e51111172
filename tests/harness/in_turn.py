"""Several verbs in one process of their own: what is tested is where they run, not that each starts."""

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence

#: Runs verbs one after another, and writes of each its exit code, standard output and standard error.
_EACH = """
import contextlib, io, json, sys
from vra_tui.cli import main
told = []
for words in json.loads(sys.argv[1]):
    sys.argv, out, err, code = ["vra", *words], io.StringIO(), io.StringIO(), 0
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            main()
        except SystemExit as ended:
            code = ended.code or 0
    told.append((code, out.getvalue(), err.getvalue()))
print(json.dumps(told))
"""


def in_turn(
    verbs: Sequence[Sequence[object]], environment: Mapping[str, str], prefix: Sequence[str] = ()
) -> list[tuple[int, str, str]]:
    """Run `vra` with the words of each verb in one process, begun by ``prefix``: what it tells, of each."""
    words = json.dumps([[str(word) for word in verb] for verb in verbs])
    done = subprocess.run(
        [*prefix, sys.executable, "-c", _EACH, words],
        env=dict(environment), capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    told = [tuple(one) for one in json.loads(done.stdout)]
    assert not any(word in err for _, _, err in told for word in ("Traceback", "should not have"))
    return told
