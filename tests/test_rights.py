"""Each right of the bot's is one that it needs: without it, something that it does fails.

The policy is taken from a stack of this file's own, whose queue no bot reads.
Each of its rights is taken away from a user of its own, and the product, as
`bot.build` makes it, tries what that right is for.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit

import boto3
import pytest

import bot
from bot import Product
from cloud.deploy import SETTINGS
from cloud.stack import TEMPLATE, deploy
from handlers.health import Metrics
from local.aws import ACCOUNT, Aws, Key, origins
from local.clients import session
from local.loopback import request
from local.plan import Parts, Plan, fetch, fetch_parts
from settings import Settings
from uploads.arrivals import Arrival
from uploads.errors import Unavailable, Withheld
from uploads.inbox import Message
from uploads.links import CoverId, FileId, IntentId, Link, Place
from uploads.news import Claim, Piece
from uploads.policy import Wish
from uploads.watchers import Watch

SLACK = {"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_APP_TOKEN": "xapp-1"}
ONCE = {"If-None-Match": "*"}
REPLY = "r" * 22


@dataclass(frozen=True)
class Right:
    """One action on one resource, as a policy allows it."""

    action: str
    resource: str


@dataclass
class World:
    """A stack, and products that have all or some of its bot's rights."""

    aws: Aws
    outputs: dict[str, str]
    _without: dict[Right, tuple[Product, str]] = field(default_factory=dict)

    @cached_property
    def rights(self) -> list[Right]:
        """What the policy allows, one by one."""
        iam, arn = self.aws.client("iam"), self.outputs["BotPolicyArn"]
        version = iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
        found = iam.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]
        return [
            Right(action, resource)
            for statement in found["Document"]["Statement"]
            for action in several(statement["Action"])
            for resource in several(statement["Resource"])
        ]

    @cached_property
    def able(self) -> Product:
        """The product with every right."""
        return self.product(self.key("all", self.rights))

    def without(self, right: Right) -> tuple[Product, str]:
        """The product with every right but one, and the id of its key."""
        if right not in self._without:
            left = [other for other in self.rights if other != right]
            key = self.key(f"without-{self.rights.index(right)}", left)
            self._without[right] = self.product(key), key[0]
        return self._without[right]

    def key(self, user: str, rights: list[Right]) -> Key:
        allowed = [
            {"Effect": "Allow", "Action": right.action, "Resource": right.resource}
            for right in rights
        ]
        iam, policy = self.aws.client("iam"), {"Version": "2012-10-17", "Statement": allowed}
        iam.create_user(UserName=user)
        iam.put_user_policy(UserName=user, PolicyName="rights", PolicyDocument=json.dumps(policy))
        made = iam.create_access_key(UserName=user)["AccessKey"]
        return made["AccessKeyId"], made["SecretAccessKey"]

    def product(self, key: Key, **settings: str) -> Product:
        told = {setting: self.outputs[output] for setting, output in SETTINGS.items()}
        known = Settings.from_env(told | SLACK | {"AWS_REGION": self.aws.region} | settings)
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("AWS_ENDPOINT_URL", self.aws.endpoint)
            patch.setattr(boto3, "Session", lambda region_name: session(*key, region=region_name))
            return bot.build(known, Metrics())


def several(value: Any) -> list[str]:
    """What a policy may say in one word, or in a list."""
    return [value] if isinstance(value, str) else value


@pytest.fixture(scope="module")
def world(aws: Aws) -> World:
    cloudformation = aws.client("cloudformation")
    first = deploy(cloudformation, ACCOUNT, "rights", every=0.05)
    here = origins(first, urlsplit(aws.endpoint).netloc)
    return World(aws, deploy(cloudformation, ACCOUNT, "rights", here, every=0.05))


# What the product does. `able` prepares, with every right; `bot` does what it is about.


class Refused(Exception):
    """S3 refuses whoever comes with what the bot has signed."""


def use(method: str, url: str, **how: Any) -> None:
    answer = request(method, url, **how)
    if answer.status == 403:
        raise Refused(answer.body)
    assert answer.status == 200, answer


def make(able: Product, requester: str = "U1") -> Link:
    offer = able.desk.prepare(Wish(title="Q3"), requester=requester, requester_name="Ann")
    return able.desk.open(offer, Place("C1"), able.desk.publish_new(offer.link)).link


def sign(bot: Product, link: Link) -> Plan:
    """What the page is told."""
    bot.desk.publish(link)
    plan = fetch(bot.desk.address(link))
    assert plan
    return plan


def send(signer: Product, link: Link) -> Arrival:
    """A file that has come, and that nobody has heard of yet."""
    use("PUT", sign(signer, link).put(1), headers=ONCE, body=b"x")
    return Arrival(FileId(link.reference, 1), link.key(1))


def get(able: Product) -> Message:
    """A message of the queue."""
    send(able, make(able))
    return able.inbox.receive()[0]


def takes_a_file(able: Product, bot: Product) -> None:
    send(bot, make(able))


def buries_free_keys(able: Product, bot: Product) -> None:
    bot.desk.secure(able.desk.close(make(able).reference, "U1"))


def describes_a_file(able: Product, bot: Product) -> None:
    bot.intake.take(send(able, make(able)))


def reads_a_cover_note(able: Product, bot: Product) -> None:
    link = make(able)
    note = json.dumps({"mark": "k3m9x2p7", "files": 1, "bytes": 1})
    use("PUT", sign(able, link).cover(1), headers=ONCE, body=note)
    bot.intake.take(Arrival(CoverId(link.reference, 1), f"{link.folder}cover/1"))


def tells_the_page_that_a_file_came(able: Product, bot: Product) -> None:
    link = make(able)
    plan = sign(bot, link)
    send(able, link)
    use("HEAD", plan.head(1))


def hands_out_a_file(able: Product, bot: Product) -> None:
    link, sitting = able.intake.take(send(able, make(able)))
    [(_, url)] = bot.files.downloads(link.reference, sitting, "U1")[1]
    assert url
    use("GET", url)


def deletes_a_file(able: Product, bot: Product) -> None:
    link, _ = able.intake.take(send(able, make(able)))
    assert bot.files.delete(link.reference, {1}, "U1")[1] == {1}


def keeps_a_file(able: Product, bot: Product) -> None:
    link, _ = able.intake.take(send(able, make(able)))
    assert bot.files.keep(link.reference, {1}, "U1")[1] == {1}


def announce(able: Product, link: Link) -> None:
    """A file that is under way in parts."""
    said: dict[str, Any] = {"slot": 1, "size": 6 * 1024**2, "type": "a/b"}
    said |= {"disposition": "attachment; filename*=UTF-8''a; mark=k3m9x2p7.1", "reply": REPLY}
    use("PUT", sign(able, link).intent(1), headers=ONCE, body=json.dumps(said))
    able.intake.take(Arrival(IntentId(link.reference, 1), f"{link.folder}intent/1"))


def page_of(bot: Product, link: Link) -> Parts:
    """What the page of that file is told, signed by another bot."""
    bot.desk.secure(bot.desk.find(link.reference))
    parts = fetch_parts(bot.desk.address(link), REPLY)
    assert parts
    return parts


def ends_what_is_under_way(able: Product, bot: Product) -> None:
    link = make(able)
    announce(able, link)
    bot.desk.close(link.reference, "U1")


def throws_parts_away(able: Product, bot: Product) -> None:
    link = make(able)
    announce(able, link)
    answer = request("DELETE", page_of(bot, link).abort)
    if answer.status == 403:
        raise Refused(answer.body)


def looks_at_parts(able: Product, bot: Product) -> None:
    link = make(able)
    announce(able, link)
    bot.clock.in_parts.look(bot.desk.find(link.reference))


def lists_parts_for_the_page(able: Product, bot: Product) -> None:
    link = make(able)
    announce(able, link)
    use("GET", page_of(bot, link).list())


def publishes_a_plan(able: Product, bot: Product) -> None:
    bot.desk.publish(make(able))


def hears_of_a_file(able: Product, bot: Product) -> None:
    send(able, make(able))
    assert bot.inbox.receive()


def is_done_with_a_message(able: Product, bot: Product) -> None:
    bot.inbox.done(get(able))


def keeps_a_message(able: Product, bot: Product) -> None:
    bot.inbox.keep([get(able)])


def finds_a_link(able: Product, bot: Product) -> None:
    bot.desk.find(make(able).reference)


def knows_what_was_said(able: Product, bot: Product) -> None:
    bot.news.said(Piece(make(able).reference, "sitting#1"))


def keeps_a_link(able: Product, bot: Product) -> None:
    offer = able.desk.prepare(Wish(title="Q3"), requester="U1", requester_name="Ann")
    bot.desk.open(offer, Place("C1"), offer.link.ends_at)


def notes_who_looks(_: Product, bot: Product) -> None:
    bot.watchers.keep("U1", Watch())


def closes_a_link(able: Product, bot: Product) -> None:
    bot.desk.close(make(able).reference, "U1")


def claims_what_it_says(able: Product, bot: Product) -> None:
    assert bot.news.claim(Piece(make(able).reference, "sitting#1"), "token") is Claim.OURS


def sets_the_clock(able: Product, bot: Product) -> None:
    bot.clock.settle(make(able))


def lists_files(able: Product, bot: Product) -> None:
    bot.files.of(make(able))


def lists_links(able: Product, bot: Product) -> None:
    link = make(able, "U2")
    assert link.id in {found.id for found in bot.desk.mine("U2", "", 10).open}


def sees_what_is_due(_: Product, bot: Product) -> None:
    bot.clock.due()


FILES, PLANS = "arn:aws:s3:::{UploadBucket}/uploads/*", "arn:aws:s3:::{PageBucket}/page/p/*"
QUEUE = "arn:aws:sqs:{region}:{account}:{queue}"
TABLE = "arn:aws:dynamodb:{region}:{account}:table/{LinkTable}"

#: What each right of the template's is for.
PROOFS: dict[Right, list[Callable[[Product, Product], None]]] = {
    Right("s3:PutObject", FILES): [takes_a_file, buries_free_keys, deletes_a_file],
    Right("s3:GetObject", FILES): [
        describes_a_file,
        reads_a_cover_note,
        tells_the_page_that_a_file_came,
        hands_out_a_file,
        keeps_a_file,
    ],
    Right("s3:AbortMultipartUpload", FILES): [ends_what_is_under_way, throws_parts_away],
    Right("s3:ListMultipartUploadParts", FILES): [looks_at_parts, lists_parts_for_the_page],
    Right("s3:PutObject", PLANS): [publishes_a_plan],
    Right("sqs:ReceiveMessage", QUEUE): [hears_of_a_file],
    Right("sqs:DeleteMessage", QUEUE): [is_done_with_a_message],
    Right("sqs:ChangeMessageVisibility", QUEUE): [keeps_a_message],
    Right("dynamodb:GetItem", TABLE): [finds_a_link, knows_what_was_said],
    Right("dynamodb:PutItem", TABLE): [keeps_a_link, notes_who_looks],
    Right("dynamodb:UpdateItem", TABLE): [closes_a_link, claims_what_it_says, sets_the_clock],
    Right("dynamodb:Query", TABLE): [lists_files],
    Right("dynamodb:Query", f"{TABLE}/index/*"): [lists_links, sees_what_is_due],
}


def spelled(world: World, right: Right) -> Right:
    """The right, on this world's own resource."""
    queue = world.outputs["EventQueueUrl"].rpartition("/")[2]
    known = {**world.outputs, "queue": queue, "region": world.aws.region, "account": ACCOUNT}
    return Right(right.action, right.resource.format(**known))


def test_every_right_is_known(world: World) -> None:
    """The policy allows just what is proved below: no right comes in without its reason."""
    assert set(world.rights) == {spelled(world, right) for right in PROOFS}
    assert len(world.rights) == len(PROOFS)


@pytest.mark.parametrize(
    ("right", "works"),
    [
        pytest.param(right, works, id=works.__name__)
        for right, proofs in PROOFS.items()
        for works in proofs
    ],
)
def test_the_bot_needs_it(
    world: World, right: Right, works: Callable[[Product, Product], None]
) -> None:
    """With every right it works; without one it is denied just that."""
    works(world.able, world.able)
    right = spelled(world, right)
    lacking, key = world.without(right)
    with pytest.raises((Unavailable, Withheld, Refused)):
        works(world.able, lacking)
    denied = [told for told in world.aws.denials if told.key == key]
    assert denied
    for told in denied:
        assert told.action == right.action
        assert fnmatchcase(told.resource, right.resource)


def test_what_is_allowed_only_where_files_are_scanned() -> None:
    """Which no emulator can deploy: the bot's right below, and two that the doctor's tests take away."""
    from cfnlint.decode import cfn_yaml  # a second, of every process that runs tests

    resources = cfn_yaml.load(str(TEMPLATE))["Resources"]

    def scanning(policy: str) -> set[str]:
        said = resources[policy]["Properties"]["PolicyDocument"]["Statement"]
        some = [s["Fn::If"][1] for s in said if s.get("Fn::If", [""])[0] == "FilesAreScanned"]
        return {action for statement in some for action in several(statement["Action"])}

    assert scanning("BotPolicy") == {"s3:GetObjectTagging"}
    looks = {"ListMalwareProtectionPlans", "GetMalwareProtectionPlan"}
    assert scanning("DoctorPolicy") == {f"guardduty:{call}" for call in looks}


def test_where_files_are_scanned_it_needs_their_tags(world: World) -> None:
    """It is where the bot looks for GuardDuty's word."""
    right = spelled(world, Right("s3:GetObjectTagging", FILES))

    def scanning(user: str, rights: list[Right]) -> tuple[Product, str]:
        key = world.key(user, rights)
        return world.product(key, MALWARE_SCAN="yes"), key[0]

    able, key = scanning("scanned", [*world.rights, right])
    lacking, poor = scanning("not-scanned", world.rights)
    link, sitting = able.intake.take(send(able, make(able)))
    assert able.files.downloads(link.reference, sitting, "U1")
    with pytest.raises(Withheld):
        lacking.files.downloads(link.reference, sitting, "U1")
    denied = {(told.key, told.action) for told in world.aws.denials if told.key in {key, poor}}
    assert denied == {(poor, right.action)}
