"""What sort of file it is, and text made safe for Slack's markup."""

import mimetypes
from pathlib import PurePosixPath

from handlers.texts import Texts

#: Types that have a name of their own in the catalogs, under `kind`.
_NAMED = {
    "application/pdf": "kind.pdf",
    "application/zip": "kind.zip",
    "application/msword": "kind.word",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "kind.word",
    "application/vnd.ms-excel": "kind.excel",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "kind.excel",
    "application/vnd.ms-powerpoint": "kind.powerpoint",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": "kind.powerpoint",
    "text/plain": "kind.text",
    "text/csv": "kind.csv",
}
_FAMILIES = {"image": "kind.image", "video": "kind.video", "audio": "kind.audio"}


def escape(text: str) -> str:
    """Text as Slack's markup shows it unchanged (Slack: "Escaping text").

    >>> escape("<!channel> & co")
    '&lt;!channel&gt; &amp; co'
    """
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def kind(t: Texts, content_type: str, name: str) -> str:
    """By the type the browser gave or else by the name's ending. Lets only letters and digits through.

    >>> kind(Texts("en"), "application/octet-stream", "plan.dwg")
    'DWG file'
    >>> kind(Texts("en"), "image/png", "a")
    'PNG image'
    """
    stated = content_type.partition(";")[0].strip().lower()
    if stated in {"", "application/octet-stream"}:
        stated = mimetypes.guess_type(name)[0] or ""
    if stated in _NAMED:
        return t(_NAMED[stated])
    family, _, subtype = stated.partition("/")
    if family in _FAMILIES and subtype.isalnum():
        return t(_FAMILIES[family], type=subtype.upper())
    ending = PurePosixPath(name).suffix.removeprefix(".")
    if ending.isalnum() and len(ending) <= 5:
        return t("kind.other", type=ending.upper())
    return t("kind.file")
