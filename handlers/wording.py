"""Facts as words: sizes, kinds, dates, escaped text."""

import mimetypes
from datetime import datetime
from pathlib import PurePosixPath

_KINDS = {
    "application/pdf": "PDF document",
    "application/zip": "ZIP archive",
    "application/msword": "Word document",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "Word document",
    "application/vnd.ms-excel": "Excel workbook",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "Excel workbook",
    "application/vnd.ms-powerpoint": "PowerPoint presentation",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": (
        "PowerPoint presentation"
    ),
    "text/plain": "text file",
    "text/csv": "CSV table",
}
_UNITS = ("bytes", "kB", "MB", "GB", "TB")
_FAMILIES = {"image": "image", "video": "video", "audio": "recording"}


def escape(text: str) -> str:
    """Text as Slack's markup shows it unchanged (Slack: "Escaping text").

    >>> escape("<!channel> & co")
    '&lt;!channel&gt; &amp; co'
    """
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def size(count: int) -> str:
    """A number of bytes for people, by 1024: as S3 counts its 5 GB, and as the page says it.

    >>> [size(n) for n in (0, 1, 999, 1024, 12_345_678, 5 * 1024**3)]
    ['empty', '1 byte', '999 bytes', '1 kB', '11.8 MB', '5 GB']
    """
    if count < 1024:
        return "empty" if count == 0 else f"{count} byte{'s' if count > 1 else ''}"
    amount, unit = count / 1024, 1
    while amount >= 1024 and unit < len(_UNITS) - 1:
        amount, unit = amount / 1024, unit + 1
    rounded = f"{amount:.0f}" if unit == 1 else f"{amount:.1f}".removesuffix(".0")
    return f"{rounded} {_UNITS[unit]}"


def kind(content_type: str, name: str) -> str:
    """What sort of file it is, by the type the browser gave or else by the name's ending.

    >>> kind("application/octet-stream", "plan.dwg"), kind("image/png", "a")
    ('DWG file', 'PNG image')
    """
    stated = content_type.partition(";")[0].strip().lower()
    if stated in {"", "application/octet-stream"}:
        stated = mimetypes.guess_type(name)[0] or ""
    if stated in _KINDS:
        return _KINDS[stated]
    family, _, subtype = stated.partition("/")
    if family in _FAMILIES and subtype.isalnum():
        return f"{subtype.upper()} {_FAMILIES[family]}"
    ending = PurePosixPath(name).suffix.removeprefix(".")
    return f"{ending.upper()} file" if ending.isalnum() and len(ending) <= 5 else "file"


def date(moment: datetime) -> str:
    """A moment as Slack shows it: in the time zone and language of whoever reads it."""
    return f"<!date^{int(moment.timestamp())}^{{date_short_pretty}} at {{time}}|{_utc(moment)}>"


def _utc(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"
