"""What the work at hand is about, so that every line of the log can say it.

Kept in context variables: whatever a piece of work starts, tasks and threads,
is about the same.
"""

from contextvars import ContextVar

#: One command, click, queue message or moment of a link: an id of ours, or the message's.
request: ContextVar[str] = ContextVar("request", default="")

#: The reference of the link that it is about, once that is known.
link: ContextVar[str] = ContextVar("link", default="")
