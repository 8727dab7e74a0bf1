"""What the local AWS has denied for want of a right, and to whom.

Both ends of the wire share this: the emulator's decisions are noted behind the
guard, which tells them, as JSON, to whoever asks for `/_denials`. Signatures that
do not hold, faults on demand, and what a bucket's policy forbids to everybody are
no denials.
"""

import json
from dataclasses import dataclass

from local.loopback import request

#: Where the guard tells them.
DENIALS_PATH = "/_denials"


@dataclass(frozen=True, slots=True)
class Denial:
    """A call that no policy allows to the owner of this access key id."""

    key: str
    action: str
    resource: str


def told(endpoint: str) -> list[Denial]:
    """Every denial since the local AWS was started."""
    return [Denial(**said) for said in json.loads(request("GET", endpoint + DENIALS_PATH).body)]
