"""The log: no secret in any line, whoever wrote it."""

import json
import logging

import pytest

from logs import Discreet, DiscreetJson


@pytest.mark.parametrize(
    "secret",
    [
        "xoxb-123-abc",
        "xapp-1-A1-2-ff",
        "wss://x.slack.com/link/?ticket=SECRET&app_id=1",
        "https://hooks.slack.com/commands/T1/2/SECRET",
        "http://127.0.0.1:1/hooks/SECRET",
        "https://b.s3.amazonaws.com/k?X-Amz-Signature=SECRET&x=1",
        "https://b.s3.amazonaws.com/k?X-Amz-Security-Token=SECRET%2F&x=1",
        "https://page/?s3_url=SECRET#SECRET",
        'an address, "https://hooks.slack.com/commands/SECRET", in quotes',
        '"wss://x.slack.com/link/?ticket=SECRET"',
    ],
)
def test_blots_out_secrets(secret: str) -> None:
    """In messages, in arguments and in tracebacks."""
    with pytest.raises(ValueError, match="cannot open") as raising:
        raise ValueError(f"cannot open {secret}")
    raised = (raising.type, raising.value, raising.tb)
    record = logging.LogRecord("lib", logging.ERROR, "x.py", 1, "at %s", (secret,), raised)
    for line in (Discreet("%(message)s").format(record), DiscreetJson().format(record)):
        assert "Traceback" in line
        for part in ("SECRET", "123-abc", "A1-2"):
            assert part not in line
    assert json.loads(DiscreetJson().format(record))["message"].startswith("at ")
