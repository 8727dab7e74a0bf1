"""The catalogs: complete, in step with the code, and each in one language."""

import ast
import json
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from handlers.access import Access, Person
from handlers.directory import Directory
from handlers.texts import LANGUAGES, Texts, texts

ROOT = Path(__file__).parent.parent
EN, JA = Texts("en"), Texts("ja")
CATALOGS = {language: Texts(language).keys() for language in LANGUAGES}
ENGLISH = CATALOGS["en"]

#: The plural forms that a language has (Unicode CLDR, "Language Plural Rules", cardinals).
FORMS = {"en": {"one", "other"}, "ja": {"other"}}

#: What is called the same in every language. What people are to type or to find
#: under its own name stands in backticks, or is a name of the manifest's.
NAMES = [
    *("AWS", "CRC64NVME", "CSV", "Excel", "GB", "PDF", "PORT"),
    *("PowerPoint", "S3", "Slack", "URL", "Word", "ZIP"),
]

#: Slots that Slack fills ("Formatting text for app surfaces", date formatting).
SLACKS_OWN = {"fact.date"}

SLOT = re.compile(r"\{(\w+)\}")


@cache
def code() -> dict[str, ast.Module]:
    """Everything from which the bot speaks, as syntax."""
    files = [ROOT / "bot.py", *(ROOT / "handlers").rglob("*.py"), *(ROOT / "uploads").glob("*.py")]
    return {str(file.relative_to(ROOT)): ast.parse(file.read_text("utf-8")) for file in files}


@cache
def doors() -> dict[str, ast.Module]:
    return {name: tree for name, tree in code().items() if name.startswith("handlers/")}


def sentences(t: Texts) -> Iterator[tuple[str, str]]:
    """Every sentence of a catalog with its key; each form of a plural is one."""
    for key, said in t.keys().items():
        forms = said.values() if isinstance(said, Mapping) else [said]
        yield from ((key, form) for form in forms)


def name_of(call: ast.Call) -> str:
    """What is called: `t`, `rich`, `Forbidden`."""
    return getattr(call.func, "attr", getattr(call.func, "id", ""))


def calls(trees: Mapping[str, ast.Module]) -> Iterator[ast.Call]:
    for tree in trees.values():
        yield from (node for node in ast.walk(tree) if isinstance(node, ast.Call))


def literals(node: ast.AST) -> set[str]:
    return {
        n.value for n in ast.walk(node) if isinstance(n, ast.Constant) and isinstance(n.value, str)
    }


def first_words(*names: str) -> set[str]:
    """The literal first argument of every call of one of these names."""
    return {
        word
        for call in calls(code())
        if name_of(call) in names and call.args and isinstance(call.args[0], ast.Constant)
        for word in literals(call.args[0])
    }


def errors() -> set[str]:
    """The names of `UploadLinkError` and of all that are one."""
    known = {"UploadLinkError"}
    classes = [n for tree in code().values() for n in ast.walk(tree) if isinstance(n, ast.ClassDef)]
    while (
        more := {
            one.name for one in classes if known & {getattr(base, "id", "") for base in one.bases}
        }
        - known
    ):
        known |= more
    return known


def keys_with(prefix: str) -> set[str]:
    return {key for key in ENGLISH if key.startswith(prefix)}


#: Calls that name an act, and at which place.
ACCOUNTS = {"Act": 0, "act": 0, "note": 1, "_each": 3}


@cache
def put_together() -> dict[str, set[str]]:
    """Keys that the code puts together: what they begin with, and what they may go on with."""
    return {
        "error.": first_words(*errors())
        | {word for word in literals(code()["uploads/files.py"]) if word.startswith("file_")},
        "misread.": first_words("Problem", "Wrong", "_problem")
        | {
            word
            for word in literals(code()["handlers/asking/option_values.py"])
            if word.startswith("no_")
        },
        # What was done with a link, as the account of it calls it.
        "history.": {
            word
            for call in calls(code())
            if (place := ACCOUNTS.get(name_of(call))) is not None
            for word in literals(call.args[place])
            if word.islower() and word != "what"
        }
        | {"downloaded_all", "deleted_by"}
        | {"scanned_clean", "scanned_failed", "scanned_infected", "scanned_unknown"},
        "list.": {"prev", "next"},
        # The form asks field by field; which of them has a hint is for the catalog to say.
        "form.": {key.removeprefix("form.") for key in keys_with("form.")},
        "form.sender_": {"ask", "require", "hide"},
    }


def key_of(node: ast.JoinedStr) -> str:
    """What an f-string begins with."""
    first = node.values[0] if node.values else None
    return str(first.value) if isinstance(first, ast.Constant) else ""


def used() -> set[str]:
    """Every key that the code names or may put together."""
    sections = {key.partition(".")[0] for key in ENGLISH}
    named = re.compile(rf"(?:{'|'.join(sections)})\.[a-z_]*[a-z]")
    found: set[str] = set()
    for tree in doors().values():
        found |= {word for word in literals(tree) if named.fullmatch(word)}
        for node in ast.walk(tree):
            if isinstance(node, ast.JoinedStr) and key_of(node) in put_together():
                prefix = key_of(node)
                ends = {end for end in put_together()[prefix] if re.fullmatch("[a-z_]+", end)}
                found |= {prefix + end for end in ends}
    return found


def test_the_catalogs_say_the_same_things() -> None:
    """No language lacks a sentence that another has, nor a value in it."""
    for catalog in CATALOGS.values():
        assert catalog.keys() == ENGLISH.keys()
    # A form for one may have its number in words: "One link a day".
    slots = {
        language: {(key, frozenset({*SLOT.findall(form)} - {"count"})) for key, form in said}
        for language in LANGUAGES
        for said in [list(sentences(Texts(language)))]
    }
    apart = set.union(*slots.values()) - set.intersection(*slots.values())
    assert {key for key, _ in apart} - SLACKS_OWN == set()
    assert len({key for key, _ in slots["en"]}) == len(slots["en"])


@pytest.mark.parametrize("language", LANGUAGES)
def test_plurals_have_the_forms_of_their_language(language: str) -> None:
    """English tells one from many, Japanese does not; a sentence is plural in both or in neither."""
    for key, said in CATALOGS[language].items():
        assert isinstance(said, Mapping) == isinstance(ENGLISH[key], Mapping), key
        if isinstance(said, Mapping):
            assert set(said) == FORMS[language], key
            assert "{count}" in said["other"], key


def test_a_count_of_things_is_always_a_plural() -> None:
    """A sentence with a number of things in it has a form for one and a form for many."""
    plain = [key for key, said in ENGLISH.items() if isinstance(said, str) and "{count}" in said]
    assert not plain


def test_every_key_in_the_code_is_in_the_catalogs_and_the_other_way_round() -> None:
    """A missing sentence would be a crash before a person, and a stale one is nobody's."""
    assert used() - ENGLISH.keys() == set()
    assert ENGLISH.keys() - used() == set()


def test_every_sentence_is_asked_for_by_a_key_that_can_be_listed() -> None:
    """`t(...)` is given a literal, something chosen among literals, or a beginning known here."""
    for name, tree in doors().items():
        for call in calls({name: tree}):
            if name_of(call) not in {"t", "rich"} or not call.args:
                continue
            key = call.args[0]
            if isinstance(key, ast.JoinedStr):
                assert key_of(key) in put_together(), f"{name}:{key.lineno}"
            elif isinstance(key, ast.IfExp):
                chosen = literals(key.body) | literals(key.orelse)
                assert chosen <= ENGLISH.keys(), f"{name}:{key.lineno}"
            elif isinstance(key, ast.Constant):
                assert key.value in ENGLISH, f"{name}:{key.lineno}"
            else:  # a name or a table: its literals are found by `used`
                assert isinstance(key, ast.Name | ast.Subscript), f"{name}:{key.lineno}"


def manifest_names(node: Any) -> set[str]:
    """What Slack shows people under the name that the manifest gives it."""
    if isinstance(node, list):
        return {name for item in node for name in manifest_names(item)}
    if not isinstance(node, dict):
        return set()
    own = {node["name"]} if isinstance(node.get("name"), str) else set()
    return own | {name for item in node.values() for name in manifest_names(item)}


def test_no_english_is_left_in_a_japanese_sentence() -> None:
    """But for names, and what stands in backticks to be typed."""
    manifest = json.loads((ROOT / "manifest.json").read_text("utf-8"))
    apart = "|".join(
        re.escape(name) for name in sorted({*NAMES, *manifest_names(manifest)}, key=len)[::-1]
    )
    left = {}
    for key, said in sentences(JA):
        bare = re.sub(rf"`[^`]*`|\{{\w+\}}|:\w+:|(?<![A-Za-z])(?:{apart})(?![A-Za-z])", "", said)
        if words := re.findall("[A-Za-z]+", bare):
            left[key] = words
    assert left == {}


def test_japanese_is_written_as_japanese_is() -> None:
    """Full-width punctuation, half-width digits, and a sentence that is not still English."""
    for key, said in sentences(JA):
        bare = re.sub(r"`[^`]*`|\{\w+\}|:\w+:", "`", said)
        assert not re.search(r"[０-９Ａ-Ｚａ-ｚ]", said), key
        assert not re.search(r"[ぁ-んァ-ヶ一-龠][,.!?:;()]|[,.!?:;()][ぁ-んァ-ヶ一-龠]", bare), key
        assert not re.search(r"[。、（）：]\s+[ぁ-んァ-ヶ一-龠]", bare), key


def test_english_is_plain() -> None:
    """One or many is never left open, and no machine speaks."""
    for key, said in sentences(EN):
        assert not re.search(
            r"\(s\)|\b(?:invalid|please note|successfully|oops)\b", said.lower()
        ), key
        assert key in {"fact.comma", "fact.or"} or said == said.strip(), key


def docstrings(tree: ast.AST) -> set[int]:
    return {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }


def unsaid(tree: ast.AST) -> set[int]:
    """Strings that no person is shown: docstrings, and what goes into the log."""
    found = docstrings(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            logs = getattr(node.func.value, "id", "") == "log"
            compiles = node.func.attr == "compile"
            if logs or compiles:
                found |= {id(inner) for inner in ast.walk(node)}
    return found


#: Where words stand that people type, which the bot reads and never says.
READS = "handlers/asking/"

#: Where words stand that only whoever runs the bot reads, in Prometheus.
WATCHES = "handlers/health.py"


def test_no_sentence_stands_in_the_code() -> None:
    """Whatever people read is in the catalogs."""
    found = [
        f"{name}:{node.lineno}: {node.value}"
        for name, tree in doors().items()
        if not name.startswith((READS, WATCHES))
        for quiet in [unsaid(tree)]
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
        if id(node) not in quiet
        if re.search(r"\b[a-z]{2,}[,;:.]? [a-z]{2,}\b", node.value)
    ]
    assert found == []


def test_no_plural_and_no_date_is_put_together_by_hand() -> None:
    """Both are the catalogs' to say, and a date is Slack's to show in the reader's zone."""
    found = []
    for name, tree in doors().items():
        if name.startswith(READS) or name == "handlers/texts/__init__.py":
            continue
        quiet = unsaid(tree)
        for node in ast.walk(tree):
            where = f"{name}:{getattr(node, 'lineno', 0)}"
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                if id(node) not in quiet and re.search(r"<!date|%[YmdHMBbA]\b", node.value):
                    found.append(f"{where}: a date")
            elif isinstance(node, ast.Attribute) and node.attr in {"strftime", "ctime"}:
                found.append(f"{where}: a date")
            elif isinstance(node, ast.IfExp) and literals(node.body) | literals(node.orelse) in (
                {"", "s"},
                {"", "es"},
                {"y", "ies"},
            ):
                found.append(f"{where}: a plural")
            elif isinstance(node, ast.JoinedStr):
                ends = [str(part.value) for part in node.values if isinstance(part, ast.Constant)]
                if any(re.match(r"\s*(?:file|day|hour|minute|link|byte)?s\b", end) for end in ends):
                    found.append(f"{where}: a plural")
    assert found == []


@pytest.mark.parametrize(
    ("locale", "language"),
    [("ja-JP", "ja"), ("ja", "ja"), ("en-GB", "en"), ("de-DE", "en"), ("", "en"), ("JA-jp", "ja")],
)
def test_a_locale_leads_to_a_language_we_speak(locale: str, language: str) -> None:
    """English for whoever speaks neither."""
    assert texts(locale).language == language


@pytest.mark.parametrize(
    ("channel", "language"),
    [("C1", "ja"), ("G1", "ja"), ("D1", "en"), ("U1", "en"), ("W1", "en")],
)
def test_a_channel_reads_the_workspaces_language_and_a_person_their_own(
    channel: str, language: str
) -> None:
    """Also where the place of a direct message is still the id of a person."""
    directory = Directory(AsyncWebClient(), Access(), "ja")
    ann = Person("U1", "Ann", "en-GB")
    assert directory.texts_at(channel, ann).language == language
    assert directory.texts_of(ann).language == "en"


def test_a_refusal_names_who_decides() -> None:
    """The admins of the settings, each of them enough; else those of the workspace."""
    named = Directory(AsyncWebClient(), Access(admins=frozenset({"U2", "U1"})), "en")
    assert named.who_decides(EN) == "<@U1> or <@U2>"
    assert named.who_decides(JA) == "<@U1> または <@U2>"
    assert (
        Directory(AsyncWebClient(), Access(), "en").who_decides(EN) == "An admin of this workspace"
    )


@pytest.mark.parametrize(
    ("count", "en", "ja"),
    [(0, "and 0 more", "ほか 0 ファイル"), (1, "and 1 more", "ほか 1 ファイル")],
)
def test_a_number_picks_its_form(count: int, en: str, ja: str) -> None:
    """In a plain sentence and in a rich one alike."""
    for t, said in ((EN, en), (JA, ja)):
        assert t("news.more", count=count) == said
        assert "".join(part["text"] for part in t.rich("news.more", count=count)) == said


def test_one_is_not_many() -> None:
    """English says so, also where a value is not the number."""
    assert EN("news.many", count=1, size="1 kB") == "1 file has arrived, 1 kB"
    assert EN("news.many", count=0, size="empty") == "0 files have arrived, empty"
    assert JA("news.many", count=1, size="1 kB") == "1 ファイル（1 kB）が届きました"


def test_a_date_is_for_slack_to_show() -> None:
    """In the reader's zone and language; the rest is put as the language puts it."""
    moment = datetime(2026, 12, 1, 22, 59, tzinfo=UTC)
    assert EN.date(moment) == (
        "<!date^1796165940^{date_short_pretty} at {time}|2026-12-01 22:59 UTC>"
    )
    assert JA.date(moment) == "<!date^1796165940^{date_short_pretty} {time}|2026-12-01 22:59 UTC>"


def test_a_value_is_never_read_as_a_sentence() -> None:
    """What somebody typed may hold braces: they stay what they are."""
    assert EN("card.waiting", what="{user} {what}") == "Waiting for {user} {what}"
    typed = [part["text"] for part in JA.rich("card.waiting", what="{user}")]
    assert typed == ["受付中：", "{user}"]
