"""A stand-in for GuardDuty, which no emulator has: two calls, as its API Reference has them."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

PATH = "/malware-protection-plan"


def plan(bucket: str, **said: Any) -> dict[str, Any]:
    """A plan that is well, or what is `said` of it instead."""
    return {
        "arn": "arn:aws:guardduty:eu-central-1:000000000000:malware-protection-plan/1",
        "role": "arn:aws:iam::000000000000:role/scan",
        "protectedResource": {"s3Bucket": {"bucketName": bucket, "objectPrefixes": ["uploads/"]}},
        "actions": {"tagging": {"status": "ENABLED"}},
        "createdAt": 1795821623,
        "status": "ACTIVE",
        "statusReasons": [],
        "tags": {},
        **said,
    }


@dataclass
class GuardDuty:
    """`plans` is what it knows, `denied` the calls that nobody may make. It lists one at a time."""

    plans: list[dict[str, Any]] = field(default_factory=list)
    denied: set[str] = field(default_factory=set)
    endpoint: str = ""

    def answer(self, path: str, signed: bool) -> tuple[int, dict[str, Any]]:
        """Status and body of a GET."""
        where, _, query = path.partition("?")
        call = "ListMalwareProtectionPlans" if where == PATH else "GetMalwareProtectionPlan"
        if not signed or call in self.denied:
            return 403, {"__type": "AccessDeniedException", "message": "no"}
        if where == PATH:
            at = int(query.removeprefix("nextToken=") or 0)
            listed = [{"malwareProtectionPlanId": str(n)} for n in range(len(self.plans))]
            more = {"nextToken": str(at + 1)} if at + 1 < len(listed) else {}
            return 200, {"malwareProtectionPlans": listed[at : at + 1], **more}
        plan = self.plans[int(where.removeprefix(f"{PATH}/"))]
        return (200, plan) if plan else (404, {"__type": "ResourceNotFoundException"})


@contextmanager
def running() -> Iterator[GuardDuty]:
    """Serve it on a port of its own."""
    known = GuardDuty()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            signed = self.headers.get("Authorization", "")
            status, said = known.answer(self.path, "/guardduty/aws4_request" in signed)
            body = json.dumps(said).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        known.endpoint = f"http://127.0.0.1:{server.server_port}"
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        try:
            yield known
        finally:
            server.shutdown()
