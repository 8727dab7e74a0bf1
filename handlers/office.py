"""What stands behind every door."""

from dataclasses import dataclass

from handlers.directory import Directory
from handlers.homes import Homes
from handlers.posting import Poster
from handlers.telling import Teller
from uploads.desk import Desk
from uploads.files import Files


@dataclass(frozen=True, slots=True)
class Office:
    """The product's desk, and the bot's ways to speak and to know whom it speaks to."""

    desk: Desk
    files: Files
    teller: Teller
    poster: Poster
    directory: Directory
    homes: Homes
