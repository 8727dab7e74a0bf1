"""The plan: all that the page needs to know of a link, and to upload to it. Pure.

Published under the link's secret id, so whoever has the link may read it, and
it holds nothing that an uploader does not need: no id of a person or a place.
"""

from collections.abc import Collection
from typing import Any

from uploads.links import COVERS, Link, State
from uploads.sigv4 import Batch

#: The version of its shape. A page that meets a newer one says so.
VERSION = 1


def open_plan(link: Link, batch: Batch, taken: Collection[int]) -> dict[str, Any]:
    """The plan of a link that takes files: a signed PUT and HEAD for each free slot.

    The page puts a URL together from `base`, the slot, `query` and a signature.
    They are kept apart because they are the same for every slot.
    """
    folder = link.folder
    slots = (slot for slot in range(1, link.files + 1) if slot not in taken)
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
    }


def closing_plan(link: Link, state: State) -> dict[str, Any]:
    """What is left of a link that takes no more files, so that the page can say whom to ask."""
    return _known(link, state.name.lower())


def _known(link: Link, state: str) -> dict[str, Any]:
    return {"v": VERSION, "state": state, "for": link.title, "from": link.requester_name}
