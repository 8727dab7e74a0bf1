"""The local AWS, running: the stack deployed, the page published, the bot's own key made."""

import os
import secrets
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlsplit

from botocore.config import Config

from cloud.deploy import SETTINGS
from cloud.page import PAGE, assemble
from cloud.publish import publish
from cloud.stack import deploy
from local import denials
from local.clients import session
from local.denials import Denial
from local.faults import Faults
from local.loopback import request
from local.process import ChildError, child
from local.steps import step

REGION = "eu-central-1"
ACCOUNT = "000000000000"
STACK = "upload-link"

#: The rule of the upload bucket's lifecycle that there always is.
UNFINISHED_UPLOADS = {
    "ID": "unfinished-uploads",
    "Status": "Enabled",
    "Filter": {},
    "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 91},
}

_SERVER = Path(__file__).with_name("ministack.py")


Key = tuple[str, str]
"""An access key id and its secret."""


@dataclass(frozen=True, slots=True)
class Aws:
    """A running local AWS. `bot_env` is what the bot is told of it, its own key included.

    What the bot's own key is denied is a right that the bot lacks. Whoever wants
    to see something denied asks by the twin's, which may do the same.
    """

    endpoint: str
    region: str
    outputs: Mapping[str, str]
    page_url: str
    bot_env: Mapping[str, str] = field(repr=False)
    bot_key: Key = field(repr=False)
    twin_key: Key = field(repr=False)
    root_key: Key = field(repr=False)

    @property
    def faults(self) -> Faults:
        """What is to go wrong next."""
        return Faults(self.endpoint)

    @property
    def denials(self) -> list[Denial]:
        """Every call so far for which somebody lacked a right."""
        return denials.told(self.endpoint)

    def client(
        self, service: str, *, as_bot: bool = False, as_twin: bool = False, **config: Any
    ) -> Any:
        """A client that may do anything, or only what the bot may.

        Signatures of root are not checked by MiniStack: what a test says about
        permissions, it must say with `as_bot` or `as_twin`. `config` goes to
        botocore's Config.
        """
        key = self.bot_key if as_bot else self.twin_key if as_twin else self.root_key
        make = _client if config else _usual_client
        return make(service, self.endpoint, key, **config)

    request = staticmethod(request)


@contextmanager
def running(*, port: int = 0, progress: Callable[[str], None] = lambda _: None) -> Iterator[Aws]:
    """Start the local AWS on a port of 127.0.0.1 (0: any that is free), and stop it afterwards.

    `progress` is told each step once it is done, in one line. Raises
    `ChildError` if it does not start, `cloud.stack.StackError` if the template
    does not deploy, `cloud.page.PageError` if the page cannot be put together.
    """

    root_key = "AKIA" + secrets.token_hex(8).upper(), secrets.token_urlsafe(30)
    with step("MiniStack fetched", progress):
        python = _interpreter()
    with ExitStack() as stack:
        with step("local AWS, signatures and permissions checked", progress):
            endpoint = stack.enter_context(_server(python, port, root_key))

        def client(service: str) -> Any:
            return _usual_client(service, endpoint, root_key)

        with step("cloud/template.yaml deployed", progress):
            outputs = _deploy(client("cloudformation"), urlsplit(endpoint).netloc)
            _complete(client("s3"), client("dynamodb"), outputs)
            bot_key, twin_key = (
                key_for(client("iam"), name, outputs["BotPolicyArn"]) for name in ("bot", "twin")
            )
        with step("the page published", progress):
            publish(
                client("s3"),
                client("cloudfront"),
                bucket=outputs["PageBucket"],
                distribution_id=outputs["DistributionId"],
                assets=assemble(PAGE, upload_prefix=outputs["UploadOrigin"] + "/uploads/"),
            )
        yield installed(endpoint, outputs, bot_key=bot_key, twin_key=twin_key, root_key=root_key)


def installed(endpoint: str, outputs: Mapping[str, str], *, bot_key: Key, **keys: Key) -> Aws:
    """The local AWS as a bot and its users know it, by the outputs of a stack."""
    bot_env = {
        "AWS_REGION": REGION,
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ACCESS_KEY_ID": bot_key[0],
        "AWS_SECRET_ACCESS_KEY": bot_key[1],
        # A stack of an older version has fewer outputs.
        **{name: outputs[output] for name, output in SETTINGS.items() if output in outputs},
    }
    return Aws(
        endpoint,
        REGION,
        outputs,
        page_url=outputs["PageUrl"],
        bot_env=bot_env,
        bot_key=bot_key,
        **keys,
    )


def _deploy(cloudformation: Any, netloc: str) -> dict[str, str]:
    """Deploy twice: what browsers call the page and the bucket here is known only after the first.

    In AWS both have names of their own; here they are names under `localhost`.
    """
    first = deploy(cloudformation, ACCOUNT, STACK, every=0.1)
    return deploy(cloudformation, ACCOUNT, STACK, origins(first, netloc), every=0.1)


def _complete(s3: Any, dynamodb: Any, outputs: Mapping[str, str]) -> None:
    """Set what the template sets too, and MiniStack's CloudFormation leaves out."""
    s3.put_bucket_lifecycle_configuration(
        Bucket=outputs["UploadBucket"], LifecycleConfiguration={"Rules": [UNFINISHED_UPLOADS]}
    )
    dynamodb.update_continuous_backups(
        TableName=outputs["LinkTable"],
        PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True},
    )


def origins(outputs: Mapping[str, str], netloc: str) -> dict[str, str]:
    """Parameters that say what browsers call the page and the bucket of a stack here."""
    label = urlsplit(outputs["PageUrl"]).netloc.removesuffix(".cloudfront.net")
    return {
        "PageOrigin": f"http://{label}.cloudfront.{netloc}",
        "UploadOrigin": f"http://{outputs['UploadBucket']}.{netloc}",
    }


def key_for(iam: Any, user: str, policy: str) -> Key:
    """An access key that may do what the template's policy says, and nothing else."""
    iam.create_user(UserName=user)
    iam.attach_user_policy(UserName=user, PolicyArn=policy)
    made = iam.create_access_key(UserName=user)["AccessKey"]
    return made["AccessKeyId"], made["SecretAccessKey"]


def _client(service: str, endpoint: str, key: Key, **config: Any) -> Any:
    # As the bot's calls, for the time that another name takes.
    named = Config(user_agent="upload-link", **config)
    return _session(*key).client(service, endpoint_url=endpoint, config=named)


@cache
def _session(key_id: str, secret: str) -> Any:
    return session(key_id, secret, region=REGION)


@cache
def _usual_client(service: str, endpoint: str, key: Key) -> Any:
    # Making one takes longer than most of what it is asked for; clients may be shared by threads.
    return _client(service, endpoint, key)


def _interpreter() -> str:
    """The Python of MiniStack's own environment, which is made if it is not there."""
    # `uv run` leaves the path to itself in UV.
    uv = os.environ.get("UV", "uv")
    for command in (["sync", "--quiet", "--locked"], ["python", "find"]):
        done = subprocess.run(
            [uv, *command, "--script", str(_SERVER)], capture_output=True, text=True
        )
        if done.returncode:
            raise ChildError(f"MiniStack cannot be fetched:\n{done.stderr.strip()}")
    return done.stdout.strip()


@contextmanager
def _server(python: str, port: int, root_key: Key) -> Iterator[str]:
    """Run local/ministack.py, and yield its endpoint."""
    env = {
        "AWS_ACCESS_KEY_ID": root_key[0],
        "AWS_SECRET_ACCESS_KEY": root_key[1],
        "MINISTACK_REGION": REGION,
        # The script shares its name with the package that it imports, and needs local.guard.
        "PYTHONSAFEPATH": "1",
        "PYTHONPATH": str(_SERVER.parent.parent),
    }
    command = [python, str(_SERVER), str(port)]
    with (
        TemporaryDirectory() as folder,
        child("the local AWS", command, env=env, log=Path(folder) / "log", patience=5) as server,
    ):
        said = server.wait_for(r"^port (\d+)$", seconds=60)
        yield f"http://localhost:{said[1]}"
