"""Who reads what in which language, in a workspace where people differ."""

import re

from conftest import StartBot
from people import People

from local.aws import Aws
from local.slack.driver import Slack, words

JAPANESE = re.compile(r"[ぁ-んァ-ヶ一-龠]")


def test_the_answer_is_in_the_persons_language_and_the_channel_in_the_workspaces(
    people: People,
) -> None:
    """Kenji reads Japanese where only he reads, and English where all do."""
    asked = people.ask("Q3", user="kenji")
    assert "届いたら、このチャンネルでお知らせします" in words(asked.answer)
    people.send(asked)
    for said in (people.card("Q3", user="kenji"), people.news("Q3.pdf", user="kenji")):
        assert not JAPANESE.search(words(said))
    offer = people.press("download", user="kenji")
    assert "ファイルを保存" in words(offer)
    assert "Save the file" in words(people.press("download", user="ann"))


def test_a_japanese_channel(start_bot: StartBot, slack: Slack, aws: Aws) -> None:
    """Where the workspace reads Japanese, Ann's answer stays English, and her card does not."""
    people = People(slack, aws, start_bot(WORKSPACE_LOCALE="ja"))
    asked = people.ask("Q3")
    assert not JAPANESE.search(words(asked.answer))
    card = slack.wait_for("受付中：Q3")
    assert "（依頼者：<@U" in card["text"]
    people.send(asked)
    assert "Q3.pdf が届きました" in words(slack.wait_for("が届きました"))
    slack.wait_for("届きました：Q3")


def test_news_that_turns_to_the_requester_turns_to_their_language(
    start_bot: StartBot, slack: Slack, aws: Aws
) -> None:
    """The channel closed since: what was English for all is Japanese for Kenji; and stays so."""
    people = People(slack, aws, start_bot())
    asked = people.ask("Q3", user="kenji")
    slack.change_channel("general", archived=True)
    people.send(asked)
    here = {"user": "kenji", "channel": "@upload-link"}
    said = slack.wait_for("Q3.pdf が届きました", **here)
    people.introduce(asked, {"name": "Mei"})
    drawn = slack.wait_for("Mei さんから Q3.pdf が届きました", **here)
    assert drawn["ts"] == said["ts"]


def test_a_refusal_is_in_the_persons_language(start_bot: StartBot, slack: Slack) -> None:
    """Guests are told in their own words, too."""
    start_bot()  # the usual one may remember her as she was
    slack.change_user("mei", locale="ja-JP")
    slack.command("Q3", user="mei")
    slack.wait_for("ゲストの方はアップロード用リンクを作成できません", user="mei")
