"""The table of links: there, of the right shape, its indexes usable, and recoverable."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from functools import partial
from typing import Any

from cloud.doctor.finding import Check, Finding, Findings, Verdict
from cloud.doctor.installation import Installation, now
from cloud.doctor.looking import DOCTOR_POLICY, look, reads

THERE = Check("table.there", "describe_table")
KEYS = Check("table.keys", "its key")
OVERDUE = Check("table.overdue", "the links that wait, as the bot asks for them")
RECOVERY = Check("table.recovery", "describe_continuous_backups")

#: The keys of the table and of its indexes, as cloud/template.yaml has them.
_KEYS = ["pk", "sk"]
_INDEXES = {"shelf": ["shelf", "made_at"], "clock": ["clock", "due_at"]}

_INDEX_CHECKS = {name: Check(f"table.{name}", f"index {name}") for name in _INDEXES}

#: A bot takes up what is due within seconds, and what failed again within two minutes.
_LATE = timedelta(minutes=10)

_NEEDED = {"shelf": "nobody sees their links", "clock": "no signature is renewed, no end is told"}

_AS_IN_TEMPLATE = "Make it as cloud/template.yaml has it (LinkTable{})."


def examine(it: Installation) -> Findings:
    table: dict[str, Any] = {}
    there = look(THERE, partial(_there, it, table), reads("LINK_TABLE"))
    yield there
    if there.verdict is Verdict.OK:
        wrong = "" if _names(table) == _KEYS else f"{', '.join(_names(table))}: it is another table"
        yield KEYS.judged(wrong, "pk and sk", "Compare LINK_TABLE with the stack's output of it.")
        found = list(indexes(table))
        yield from found
        ready = all(index.verdict is Verdict.OK for index in found)
        yield look(OVERDUE, partial(_overdue, it)) if ready else OVERDUE.skipped("see table.clock")
    else:
        for check in (KEYS, *_INDEX_CHECKS.values(), OVERDUE):
            yield check.skipped("see table.there")
    yield look(RECOVERY, partial(_recovery, it), DOCTOR_POLICY)


def _there(it: Installation, table: dict[str, Any]) -> Finding:
    table.update(it.reading.dynamodb.describe_table(TableName=it.settings.link_table)["Table"])
    status = table["TableStatus"]
    wrong = "" if status in {"ACTIVE", "UPDATING"} else f"its status is {status}"
    return THERE.judged(wrong, it.settings.link_table, "Wait, or make it again: make deploy")


def indexes(table: Mapping[str, Any]) -> Iterator[Finding]:
    """Both indexes, as DescribeTable tells of them."""
    there = {index["IndexName"]: index for index in table.get("GlobalSecondaryIndexes", [])}
    for name, keys in _INDEXES.items():
        index = there.get(name)
        wrong = ""
        if index is None:
            wrong = f"it is not there: {_NEEDED[name]}"
        elif _names(index) != keys:
            wrong = f"its key is {', '.join(_names(index))}: {_NEEDED[name]}"
        elif (status := index.get("IndexStatus")) in {"CREATING", "DELETING"}:
            wrong = f"its status is {status}: {_NEEDED[name]}"
        cure = _AS_IN_TEMPLATE.format(".GlobalSecondaryIndexes")
        yield _INDEX_CHECKS[name].judged(wrong, " and ".join(keys), cure)


def _overdue(it: Installation) -> Finding:
    waiting = it.ours.agenda.due(now() - _LATE, 1)
    wrong = f"one has waited since {waiting[0].at:%d %b %H:%M} UTC" if waiting else ""
    cure = "Start the bot: python bot.py. If it runs, its log says why it cannot go on."
    return OVERDUE.judged(wrong, "none is overdue", cure)


def _recovery(it: Installation) -> Finding:
    said = it.reading.dynamodb.describe_continuous_backups(TableName=it.settings.link_table)
    recovery = said["ContinuousBackupsDescription"].get("PointInTimeRecoveryDescription", {})
    on = recovery.get("PointInTimeRecoveryStatus") == "ENABLED"
    wrong = "" if on else "no point-in-time recovery: what is deleted by mistake is lost"
    cure = _AS_IN_TEMPLATE.format(".PointInTimeRecoverySpecification")
    return RECOVERY.judged(wrong, "to any second of the last 35 days", cure)


def _names(keyed: Mapping[str, Any]) -> list[str]:
    return [key["AttributeName"] for key in keyed["KeySchema"]]
