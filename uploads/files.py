"""What becomes of files that were received: fetched, kept for longer, deleted."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace

from uploads.arrivals import verdict
from uploads.audit import Audit
from uploads.bucket import Bucket
from uploads.errors import Conflict, NotThere, Unavailable, UploadLinkError
from uploads.links import File, FileId, Link, Verdict
from uploads.moments import expires_at
from uploads.records import Records
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
        files = self.records.files(link.reference)
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
        self._check_verdict(link, id)
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
        return link, [
            (file, self._signed(link, file) if _may_be_fetched(file) else None)
            for file in self.of(link, sitting)
        ]

    def _check_verdict(self, link: Link, id: FileId) -> None:
        known = self.records.file(id)
        verdict_ = self._dated(known).verdict if known else Verdict.NONE
        if verdict_ is Verdict.PENDING and (result := self.bucket.scan_result(link.key(id.slot))):
            verdict_ = verdict(result)  # its event is late, or was lost
        if verdict_ is Verdict.PENDING:
            raise UploadLinkError("file_not_scanned")
        if verdict_ is Verdict.INFECTED:
            raise UploadLinkError("file_infected")

    def _signed(self, link: Link, file: File) -> str:
        return self.signer.download(link.key(file.id.slot), file.name or "file")

    def keep(self, reference: str, slots: Collection[int], who: str) -> Link:
        """Let files live as long as if they had come just now. As `delete`.

        One that is gone meanwhile is passed over.
        """
        return self._each(reference, slots, who, "kept", self.bucket.renew, self.records.keep_file)

    def delete(self, reference: str, slots: Collection[int], who: str) -> Link:
        """Delete files, at whose keys nothing can land again; may be repeated.

        Returns the link as it then is. Raises `NotThere` if there is no such link.
        """
        return self._each(
            reference, slots, who, "deleted", self.bucket.replace, self.records.lose_file
        )

    def _each(
        self,
        reference: str,
        slots: Collection[int],
        who: str,
        what: str,
        in_bucket: Callable[[str], None],
        in_records: Callable[..., Link],
    ) -> Link:
        """Do it to each file in S3 first: what the records say then may be behind, but not wrong."""
        link = self.records.find(reference)
        for file in self.records.files(reference):
            if file.id.slot in slots and not file.gone:
                try:
                    in_bucket(link.key(file.id.slot))
                except NotThere:
                    continue
                link = self._record(file.id, in_records, what, who)
        return link

    def _record(self, file: FileId, change: Callable[..., Link], what: str, who: str) -> Link:
        act = self.audit.act(what, who, str(file.slot))
        for _ in range(_TRIES):
            try:
                link = change(self.records.find(file.link), file, act)
            except Conflict:
                continue
            self.audit.log(file.link, act)
            return link
        raise Unavailable("changed_meanwhile")


def _may_be_fetched(file: File) -> bool:
    held_back = file.verdict in {Verdict.PENDING, Verdict.INFECTED}
    return not (file.held or file.gone or held_back)
