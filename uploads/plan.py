"""The plan: all that the page needs to know of a link, and to upload to it. Pure.

Published under the link's secret id, so whoever has the link may read it, and
it holds nothing that an uploader does not need: no id of a person or a place.
"""

from base64 import b64encode
from collections.abc import Collection, Sequence
from itertools import islice
from typing import Any

from uploads.links import COVERS, INTENTS, Link, State
from uploads.multipart import Fate, Multipart
from uploads.sigv4 import Batch

#: The version of its shape. A page that meets a newer one says so.
VERSION = 1

#: How many numbers for announcements a plan offers: so many files can be announced between
#: two plans.
OFFERED = 20

#: ListParts gives this many parts at a time.
_LISTED = 1000


def open_plan(
    link: Link,
    batch: Batch,
    taken: Collection[int] = (),
    announced: Collection[Multipart] = (),
) -> dict[str, Any]:
    """The plan of a link that takes files: a signed PUT and HEAD for each free slot.

    The page puts a URL together from `base`, the slot, `query` and a signature.
    They are kept apart because they are the same for every slot. Under the numbers of what
    was `announced` nothing else can be; the slots of what is under way are free, but named,
    so that others leave them alone while there are more.
    """
    folder = link.folder
    used = {multipart.intent.id.number for multipart in announced}
    going = {one.intent.slot for one in announced if one.fate is Fate.OPEN}
    slots = (slot for slot in range(1, link.files + 1) if slot not in taken)
    numbers = (number for number in range(1, INTENTS + 1) if number not in used)
    return {
        **_known(link, "open"),
        "note": link.note,
        "until": int(link.ends_at.timestamp()),
        "limit": link.max_size,
        "files": link.files,
        "sender": link.sender.value,
        "base": batch.base + folder,
        "query": batch.query,
        "slots": {
            str(slot): [batch.put(f"{folder}{slot}"), batch.head(f"{folder}{slot}")]
            for slot in slots
        },
        "covers": {
            str(number): batch.put(f"{folder}cover/{number}") for number in range(1, COVERS + 1)
        },
        "intents": {
            str(number): batch.put(f"{folder}intent/{number}")
            for number in islice(numbers, OFFERED)
        },
        "going": sorted(going - set(taken)),
    }


def parts_plan(link: Link, multipart: Multipart, batches: Sequence[Batch]) -> dict[str, Any]:
    """How an announced file goes on in parts: a signature for all that the page asks of S3.

    Each part is signed for each of the bucket's hosts, so that whichever can be reached
    carries it; the rest is asked of the first.
    """
    intent, id, first = multipart.intent, multipart.upload_id, batches[0]
    key = link.key(intent.slot)
    count = -(-intent.size // multipart.part)
    return {
        "v": VERSION,
        "state": multipart.fate.value,
        "slot": intent.slot,
        "size": intent.size,
        "part": multipart.part,
        "upload": id,
        "bases": [batch.base + link.folder for batch in batches],
        "query": first.query,
        "parts": [
            b64encode(batch.parts(key, id, intent.size, multipart.part)).decode()
            for batch in batches
        ],
        "list": [first.list(key, id, after) for after in range(0, count, _LISTED)],
        "complete": first.complete(key, id),
        "abort": first.abort(key, id),
        "head": first.head(key),
    }


def closing_parts(fate: Fate) -> dict[str, Any]:
    """What the page of an announced file is told once nothing more can be sent of it."""
    said = {"v": VERSION, "state": fate.value}
    return said | {"why": "tooLarge"} if fate is Fate.REFUSED else said


def closing_plan(link: Link, state: State) -> dict[str, Any]:
    """What is left of a link that takes no more files, so that the page can say whom to ask."""
    return _known(link, state.name.lower())


def _known(link: Link, state: str) -> dict[str, Any]:
    return {"v": VERSION, "state": state, "for": link.title, "from": link.requester_name}
