"""The workspace that every run begins with: who is there, and where."""

from local.slack.shapes import Channel, User, Usergroup

TEAM, TEAM_NAME, TEAM_DOMAIN = "T07K3Q9ZD1M", "Example", "example"
APP, BOT = "A07NB6X2R4T", "B07M5J8WQ2C"

#: Good for nothing but this stand-in.
BOT_TOKEN = "xoxb-local-slack"
APP_TOKEN = f"xapp-1-{APP}-local-slack"
#: An app configuration token: somebody's, who may edit the app.
CONFIG_TOKEN = "xoxe.xoxp-local-slack"
#: The deprecated verification token that payloads still carry.
VERIFICATION_TOKEN = "local-slack"

ANN = User("U07Q2F6TZ8A", "ann", "Ann Example", "Europe/Berlin", "en-GB", is_admin=True)
KENJI = User("U07Q7D3MX5N", "kenji", "Kenji Sato", "Asia/Tokyo", "ja-JP")
MEI = User("U07R4W9CB2E", "mei", "Mei Lin", "Asia/Singapore", "en-GB", is_restricted=True)
BOT_USER = User("U07P1V4LH9K", "upload-link", "upload-link", is_bot=True, in_app=True)
SLACKBOT = User("USLACKBOT", "slackbot", "Slackbot", is_bot=True)

USERS = (ANN, KENJI, MEI, BOT_USER, SLACKBOT)


def usergroups() -> list[Usergroup]:
    """The user groups, fresh."""
    return [Usergroup("S08FINANCE01", "Finance", "finance", [KENJI.id])]


#: The channel that everybody is in.
GENERAL = "C07S1A0G3NR"


def channels(general: str = GENERAL) -> list[Channel]:
    """Fresh channels, one for each way in which a bot may or may not post."""
    ann, kenji, mei, bot = (user.id for user in (ANN, KENJI, MEI, BOT_USER))
    return [
        Channel(general, "general", "public", {ann, kenji, mei, bot}, "Everyone is here"),
        Channel("C07S2B1R4ND", "random", "public", {ann, kenji}, "The bot is not a member"),
        Channel(
            "C07S3C2A5NN",
            "announcements",
            "public",
            {ann, kenji, mei, bot},
            "Only admins may post",
            read_only=True,
        ),
        Channel("C07S4D3D6LS", "deals", "private", {ann, kenji}, "The bot is not a member"),
        Channel("C07S5E4L7NC", "launch", "private", {ann, kenji, bot}, "The bot is a member"),
        Channel("D07T1F5K8AJ", "", "im", {ann, kenji}),
        Channel("D07T2G6A9UL", "", "im", {ann, bot}),
    ]
