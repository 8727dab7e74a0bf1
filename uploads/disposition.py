"""Content-Disposition: how a file's name travels with it (RFC 6266, RFC 8187). Pure."""

import re
from contextlib import suppress
from email.message import Message
from email.utils import collapse_rfc2231_value
from urllib.parse import quote

from uploads.untrusted import file_name


def attachment(name: str) -> str:
    """A Content-Disposition that carries any file name (RFC 6266, RFC 8187)."""
    return f"attachment; filename*=UTF-8''{quote(name, safe='')}"


def sitting_mark(content_disposition: str) -> str:
    """The name that our page gave to a sitting, in the same header; empty where there is none.

    >>> sitting_mark("attachment; filename*=UTF-8''a; mark=k3m9x2p7.12")
    'k3m9x2p7'
    """
    match = re.search(r";\s*mark=([a-z0-9]{8,16})\.\d{1,4}$", content_disposition)
    return match[1] if match else ""


def original_name(content_disposition: str) -> str:
    """The file name in a Content-Disposition header, fit to be shown; empty where there is none.

    Our page sends `filename*=UTF-8''…` (RFC 8187). Other tools send bare UTF-8
    as `filename=`, which HTTP libraries read as Latin-1. Strangers send anything.

    >>> original_name("attachment; filename*=UTF-8''%E6%9C%88%E6%AC%A1.xlsx")
    '月次.xlsx'
    """
    header = Message()
    header["Content-Disposition"] = content_disposition.replace("\r", " ").replace("\n", " ")
    try:
        stated = header.get_param("filename", header="Content-Disposition")
        if isinstance(stated, tuple):
            return file_name(collapse_rfc2231_value(stated))
    except (ValueError, LookupError):  # a number or a character set that is none
        return ""
    name = stated or ""
    with suppress(UnicodeError):  # raised where it was no UTF-8 in disguise
        name = name.encode("latin-1").decode("utf-8")
    return file_name(name)
