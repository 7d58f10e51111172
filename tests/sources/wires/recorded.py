"""Answers that others recorded (VCR YAML), given again on loopback: by path, whatever the host was."""

import re
from pathlib import Path
from urllib.parse import urlsplit

from tests.harness.server import Call, Reply


def replayed(recording: Path):
    """Answers a call as the recording does the one of the same path. The YAML is VCR's own: one form only."""
    answers = {}
    for block in re.split(r"^- request:\n", recording.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]:
        uri = re.search(r"^    uri: (.*)$", block, re.MULTILINE)[1]
        quoted = re.search(r"^      string: '(.*?)'$", block, re.MULTILINE | re.DOTALL)[1]
        # A folded text: a line break is a blank, an empty line a line break, two quotes are one.
        folded = re.sub(r"\n +", " ", quoted).replace("''", "'")
        answers[urlsplit(uri).path] = folded.encode()

    def answer(call: Call) -> Reply:
        found = answers.get(call.path)
        return Reply(b"[]", 200) if found is None else Reply(found)

    return answer
