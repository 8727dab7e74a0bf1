"""What becomes of files that were received: fetched, kept for longer, deleted."""

from collections.abc import Callable, Collection, Iterable
from contextlib import suppress
from dataclasses import dataclass, replace

from uploads.arrivals import verdict
from uploads.audit import JUDGED, Audit
from uploads.bucket import Bucket
from uploads.errors import Conflict, NotThere, Unavailable, UploadLinkError, Withheld
from uploads.links import LARGEST_PUT, Cover, File, FileId, Link, Verdict
from uploads.moments import expires_at
from uploads.records import Act, Records
from uploads.signing import Signer

#: How often a record that others change at the same time is tried.
_TRIES = 30


@dataclass(frozen=True, slots=True)
class Files:
    """Received files. All calls block.

    `retention_days` is the bucket's rule, 0 for none; `scanned` whether files
    wait for a scan before they can be fetched.
    """

    bucket: Bucket
    records: Records
    signer: Signer
    audit: Audit
    retention_days: int
    scanned: bool

    def of(self, link: Link, sitting: int = 0) -> list[File]:
        """The files of a sitting (0: of all) in order of arrival."""
        return self._in_order(self.records.files(link.reference), sitting)

    def sitting(self, link: Link, sitting: int) -> tuple[list[File], list[Cover]]:
        """As `of`, and what those who sent them said of themselves."""
        files, covers = self.records.files_and_covers(link.reference)
        here = self._in_order(files, sitting)
        marks = {file.mark for file in here}
        return here, [cover for cover in covers if cover.mark in marks]

    def _in_order(self, files: Iterable[File], sitting: int) -> list[File]:
        here = [self._dated(file) for file in files if sitting in {0, file.sitting}]
        return sorted(here, key=lambda file: (file.arrived_at, file.id.slot))

    def _dated(self, file: File) -> File:
        since = file.kept_at or file.arrived_at
        awaited = file.verdict is not Verdict.PENDING or self.scanned
        return replace(
            file,
            verdict=file.verdict if awaited else Verdict.NONE,
            expires_at=expires_at(since, self.retention_days),
        )

    def download(self, id: FileId, who: str) -> tuple[File, str]:
        """A file and a signed GET for it, good for five minutes.

        Raises `NotThere` or `Withheld` if it is not there to be fetched, and
        `UploadLinkError` for one that is held back, infected or not scanned yet.
        """
        link = self.records.find(id.link)
        file = self.bucket.describe(id, link.key(id.slot))
        if file.size > link.max_size:
            raise UploadLinkError("file_held", limit=link.max_size)
        if known := self.records.file(id):
            known = self._scanned(link, self._dated(known))
            file = replace(file, sitting=known.sitting, verdict=known.verdict)
        if file.verdict in _WITHHELD:
            raise UploadLinkError(_WITHHELD[file.verdict])
        self.audit.note(id.link, "downloaded", who, str(id.slot))
        return file, self._signed(link, file)

    def downloads(
        self, reference: str, sitting: int, who: str
    ) -> tuple[Link, list[tuple[File, str | None]]]:
        """A link, and the files of a sitting as `of` has them, each with a signed GET.

        None in place of a URL for a file that may not be fetched.
        """
        link = self.records.find(reference)
        self.audit.note(reference, "downloaded", who, f"sitting {sitting}" if sitting else "all")
        files = [self._scanned(link, file) for file in self.of(link, sitting)]
        return link, [
            (file, self._signed(link, file) if _may_be_fetched(file) else None) for file in files
        ]

    def _scanned(self, link: Link, file: File) -> File:
        """The file, with the scan's word if it is there, though its event is late or was lost."""
        if file.verdict is not Verdict.PENDING or file.gone:
            return file
        try:
            result = self.bucket.scan_result(link.key(file.id.slot))
        except NotThere:
            return file
        if not result:
            return file
        found = verdict(result)

        def judge(link: Link, id: FileId, act: Act) -> Link:
            return self.records.judge_file(link, id, found, act)

        self._record(file.id, judge, JUDGED[found], "")
        return replace(file, verdict=found)

    def _signed(self, link: Link, file: File) -> str:
        return self.signer.download(link.key(file.id.slot), file.name or "file")

    def keep(self, reference: str, slots: Collection[int], who: str) -> tuple[Link, set[int]]:
        """Let files live as long as if they had come just now. As `delete`.

        Raises `UploadLinkError`, before anything is done, for files that S3 does not copy in
        one stroke: a copy in parts could be overtaken by a deletion.
        """
        large = [file for file in self.records.files(reference) if file.size > LARGEST_PUT]
        if any(file.id.slot in slots and not file.gone for file in large):
            raise UploadLinkError("too_large_to_keep", limit=LARGEST_PUT)
        link, kept = self._each(
            reference, slots, who, "kept", self.bucket.renew, self.records.keep_file
        )
        gone = {file.id.slot for file in self.records.files(reference) if file.gone} & kept
        self._end(link, gone, who)
        return link, kept - gone

    def delete(self, reference: str, slots: Collection[int], who: str) -> tuple[Link, set[int]]:
        """Delete files, at whose keys nothing can land again; may be repeated.

        One that is gone already is passed over. Returns the link as it then is, and
        the slots of those that it was done to. Raises `NotThere` if there is no such link.
        """

        def replace_(key: str) -> None:
            self.bucket.replace(key, who)

        link, gone = self._each(reference, slots, who, "deleted", replace_, self.records.lose_file)
        self._end(link, gone, who)
        return link, gone

    def _end(self, link: Link, gone: Collection[int], who: str) -> None:
        """Lay the tombstones of deleted files again, where something else lies there.

        A copy that keeps a file may take minutes, and land on the tombstone. Whichever of the two
        is recorded last looks here, after both.
        """
        for slot in gone:
            with suppress(NotThere, Withheld):
                self.bucket.describe(FileId(link.reference, slot), link.key(slot))
                self.bucket.replace(link.key(slot), who)

    def _each(
        self,
        reference: str,
        slots: Collection[int],
        who: str,
        what: str,
        in_bucket: Callable[[str], None],
        in_records: Callable[..., Link],
    ) -> tuple[Link, set[int]]:
        """Do it to each file in S3 first: what the records say then may be behind, but not wrong."""
        link, done = self.records.find(reference), set[int]()
        for file in self.records.files(reference):
            if file.id.slot in slots and not file.gone:
                key = link.key(file.id.slot)
                try:
                    in_bucket(key)
                except NotThere:
                    continue
                except Withheld as withheld:
                    if self.bucket.bury(key):  # it was free: see `Intake`
                        continue
                    raise Unavailable("aws_denies", code="AccessDenied") from withheld
                link = self._record(file.id, in_records, what, who)
                done.add(file.id.slot)
        return link, done

    def _record(self, file: FileId, change: Callable[..., Link], what: str, who: str) -> Link:
        act = self.audit.act(what, who, str(file.slot))
        for _ in range(_TRIES):
            link, known = self.records.find(file.link), self.records.file(file)
            if known is None or known.gone:
                return link  # the deletion is recorded already, by whom S3 told of it
            try:
                link = change(link, file, act)
            except Conflict:
                continue
            self.audit.log(file.link, act)
            return link
        raise Unavailable("changed_meanwhile")


#: Verdicts with which a file cannot be fetched, and what is told then.
_WITHHELD = {
    Verdict.PENDING: "file_not_scanned",
    Verdict.INFECTED: "file_infected",
    Verdict.FAILED: "file_scan_failed",
}


def _may_be_fetched(file: File) -> bool:
    return not (file.held or file.gone or file.verdict in _WITHHELD)
