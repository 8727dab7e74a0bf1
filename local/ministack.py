# /// script
# requires-python = ">=3.11"
# dependencies = ["httptools==0.9.0", "ministack==1.5.33", "uvicorn==0.54.0", "uvloop==0.23.0"]
# ///
"""The local AWS: MiniStack behind our guard, on a port of 127.0.0.1.

A program of its own in an environment of its own, because MiniStack pins
another botocore than the bot's. `local.aws` runs it, and tells it by the
environment which key is root's and which region it is. It prints its port once
it can be reached. Objects are kept in memory (a PUT of 1 GB needs about 2 GB)
and forgotten at the end.
"""

import asyncio
import os
import socket
import sys
from contextvars import ContextVar
from copy import deepcopy
from functools import lru_cache
from types import SimpleNamespace

import uvloop

#: Only these are served; the rest of AWS is not there.
SERVICES = "s3,sqs,dynamodb,iam,sts,cloudformation,cloudfront"


def listen(port: int) -> socket.socket:
    """A socket on the port, 0 for any that is free. Raises `OSError` if it is taken."""
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listening.bind(("127.0.0.1", port))
    listening.listen(512)
    return listening


def add_condition_keys() -> None:
    """Teach MiniStack's policies the four condition keys that the template relies on.

    As AWS has them (Service Authorization Reference, "Condition keys for Amazon
    S3"): `s3:signatureversion`, `s3:if-none-match`, `s3:x-amz-copy-source`,
    `s3:ObjectCreationOperation`.
    """
    from ministack.core import iam_actions

    known = iam_actions.s3_service_context

    def context(action, query, path="", headers=None):
        query, headers = query or {}, headers or {}
        more = {}
        if "X-Amz-Algorithm" in query:
            more["s3:signatureversion"] = query["X-Amz-Algorithm"][0]
        elif authorization := headers.get("authorization"):
            more["s3:signatureversion"] = authorization.split()[0]
        elif "AWSAccessKeyId" in query:
            more["s3:signatureversion"] = "AWS"
        if action == "s3:PutObject":
            # A part, or the start of a multipart upload, makes no object.
            makes_none = "partNumber" in query or "uploads" in query
            more["s3:ObjectCreationOperation"] = "false" if makes_none else "true"
            for name in ("if-none-match", "x-amz-copy-source"):
                if name in headers:
                    more[f"s3:{name}"] = headers[name]
        signed_by.set({k: v for k, v in more.items() if k == "s3:signatureversion"})
        return known(action, query, path, headers) | more

    iam_actions.s3_service_context = context

    # Whether a copy may read its source is asked without any of these keys.
    signed_by = ContextVar("signed_by")
    resources = iam_actions.s3_access_point_resources

    def signed_resources(arn):
        return [(arn, keys | signed_by.get({})) for arn, keys in resources(arn)]

    iam_actions.s3_access_point_resources = signed_resources


def name_actions_as_aws() -> None:
    """A batch of SQS needs the permission of the single call (SQS Developer Guide, "API permissions").

    There is no `sqs:DeleteMessageBatch` to allow in AWS; MiniStack asks for it.
    """
    from ministack.core import iam_actions

    known = iam_actions.extract_iam_action

    def action(service, *request):
        name = known(service, *request)
        return name.removesuffix("Batch") if service == "sqs" and name else name

    iam_actions.extract_iam_action = action


def leave_out_by_condition() -> None:
    """A change set is only about resources whose condition holds (CloudFormation User Guide, "Conditions").

    MiniStack's names the others, too, and so takes none of them over when it comes to hold.
    """
    from ministack.services.cloudformation import changesets

    known = changesets._resolve_props_for_diff

    def resolved(template, params, *stack):
        resources = known(template, params, *stack).get("Resources", {})
        holds = changesets._evaluate_conditions(template, params)
        made = {
            name: resource
            for name, resource in resources.items()
            if holds.get(resource.get("Condition"), True)
        }
        return {"Resources": made}

    changesets._resolve_props_for_diff = resolved


def parse_once() -> None:
    """Read each of DynamoDB's expressions, each policy and each template once.

    MiniStack reads a key condition anew for each item that it might fit, the
    caller's policies for each call, and a template for each change set, which
    takes longer than all else that the tests ask of it.
    """
    from ministack.core import iam_evaluator
    from ministack.services import dynamodb
    from ministack.services.cloudformation import changesets, engine, handlers

    for pure in ("_tokenize", "_condition_syntax_error"):
        setattr(dynamodb, pure, lru_cache(maxsize=256)(getattr(dynamodb, pure)))
    read = iam_evaluator.parse_policy_document
    statements = lru_cache(maxsize=64)(read)
    iam_evaluator.parse_policy_document = lambda document: (
        statements(document) if isinstance(document, str) else read(document)
    )
    parsed = lru_cache(maxsize=16)(engine._parse_template)
    for module in (changesets, engine, handlers):
        module._parse_template = lambda text: deepcopy(parsed(text))


def wake_receivers() -> None:
    """Let whoever waits for a message have it when it comes.

    MiniStack's long polls look ten times a second, each of them. These look four times, for
    messages that are hidden no more, and so may end a little later than they were asked to.
    """
    from ministack.core.concurrency import esm_wake
    from ministack.services import sqs

    loop, known, waiting = asyncio.get_running_loop(), esm_wake.set, []

    def wake():  # whoever has waited for longest looks first, so that nobody gets all
        for woken in waiting:
            if not woken.done():
                woken.set_result(None)

    def message_came():  # so every service says that puts one in a queue, in whatever thread
        known()
        loop.call_soon_threadsafe(wake)

    async def pause(seconds):
        woken = loop.create_future()
        waiting.append(woken)
        try:
            await asyncio.wait([woken], timeout=seconds * 2.5)
        finally:
            waiting.remove(woken)

    esm_wake.set = message_came
    sqs.asyncio = SimpleNamespace(iscoroutine=asyncio.iscoroutine, sleep=pause)


def note_denials(denials) -> None:
    """Let every call that is denied for want of a right be appended, as a `Denial`."""
    from ministack.core import iam_evaluator

    from local.denials import Denial

    known = iam_evaluator.enforce

    def enforce(key, action, service, region, resource_arn="*", service_context=None):
        refused = known(key, action, service, region, resource_arn, service_context)
        # Neither a signature that does not hold, nor what a policy forbids in so many words.
        if isinstance(refused, iam_evaluator.EvalResult) and refused.decision == "ImplicitDeny":
            denials.append(Denial(key, action, resource_arn))
        return refused

    iam_evaluator.enforce = enforce


def to_the_end(receive):
    """An ASGI `receive` that gives all that came, also of a client that has gone by then, as S3 does.

    Uvicorn's forgets it.
    """
    cycle = receive.__self__  # uvicorn.protocols.http.httptools_impl.RequestResponseCycle
    ended = False

    async def received():
        nonlocal ended
        message = await receive()
        if (
            message["type"] == "http.disconnect"
            and not ended
            and (cycle.body or not cycle.more_body)
        ):
            body, cycle.body = bytes(cycle.body), bytearray()
            message = {"type": "http.request", "body": body, "more_body": cycle.more_body}
        ended |= not message.get("more_body", True)
        return message

    return received


def hang_up(send) -> None:
    """End the connection behind an ASGI `send`. There is no public way to it in Uvicorn."""
    cycle = send.__self__  # uvicorn.protocols.http.httptools_impl.RequestResponseCycle
    cycle.disconnected = True  # so that nobody misses an answer
    cycle.transport.abort()


async def serve(listening: socket.socket) -> None:
    """Serve until SIGTERM, and die of it.

    By Uvicorn: with Hypercorn, which MiniStack brings, a request takes half as long again.
    """
    from ministack.app import app
    from uvicorn import Config, Server

    from local.guard import Guard

    add_condition_keys()
    name_actions_as_aws()
    leave_out_by_condition()
    parse_once()
    wake_receivers()
    denials = []
    note_denials(denials)
    guard = Guard(app, hang_up, denials)

    async def served(scope, receive, send):
        await guard(scope, to_the_end(receive) if scope["type"] == "http" else receive, send)

    config = Config(
        served,
        http="httptools",
        ws="none",
        lifespan="on",
        log_level="warning",
        access_log=False,
        proxy_headers=False,
        server_header=False,
        date_header=False,  # the guard writes it, so that it can write another
        timeout_keep_alive=75,
        timeout_graceful_shutdown=0.2,  # open connections hold nothing that is still wanted
    )
    print(f"port {listening.getsockname()[1]}", flush=True)
    await Server(config).serve(sockets=[listening])


def main() -> None:
    """Take the port first: MiniStack reads it from the environment when it is imported."""
    port = int(sys.argv[1])
    try:
        listening = listen(port)
    except OSError as error:
        sys.exit(f"Port {port} cannot be used: {error.strerror}.")
    os.environ |= {
        "GATEWAY_PORT": str(listening.getsockname()[1]),
        "MINISTACK_HOST": "localhost",
        "AUTH": "true",
        "SERVICES": SERVICES,
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        "LOG_LEVEL": "WARNING",
    }
    uvloop.run(serve(listening))


if __name__ == "__main__":
    main()
