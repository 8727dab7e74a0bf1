"""POST /api/<method> and POST /hooks/…: tokens, scopes, then the method itself."""

from aiohttp import web

from local.slack import seed
from local.slack.args import Args
from local.slack.door import Answer, arguments
from local.slack.errors import SlackError
from local.slack.hub import Hub
from local.slack.methods import METHODS
from local.slack.shapes import Json


class WebApi:
    """The app's side of the stand-in."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub

    def routes(self) -> list[web.RouteDef]:
        """What it serves."""
        return [
            web.post("/api/{method}", self._call),
            web.get("/api/{method}", self._call),
            web.post("/hooks{path:/.+}", self._answer),
            web.get("/link", self._hub.sockets.connect),
        ]

    async def _call(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["method"]
        try:
            args = await arguments(request)
        except SlackError as refusal:
            return web.json_response(refusal.answer())
        # Neither recorded, nor what a fault waits for.
        if str(args.get("channel")) in self._hub.past:
            return web.json_response(SlackError("channel_not_found").answer())
        header = request.headers.get("Authorization", "")
        token = header.removeprefix("Bearer ").strip() or str(args.get("token") or "")
        return await self._hub.door.pass_through(
            request, name, args, lambda: self._perform(name, token, args)
        )

    def _perform(self, name: str, token: str, args: Json) -> Answer:
        hub = self._hub
        method = METHODS.get(name)
        if method is None:
            raise SlackError("unknown_method", req_method=name)
        _check_token(token, method.token)
        if method.scopes and not hub.manifest.scopes.intersection(method.scopes):
            needed = ",".join(method.scopes)
            raise SlackError("missing_scope", needed=needed, provided=hub.manifest.provided)
        body = {"ok": True, **method.run(hub, Args(args))}
        return Answer(body, headers={"X-OAuth-Scopes": hub.manifest.provided})

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        try:
            body = await arguments(request)
        except SlackError as refusal:
            return web.json_response(refusal.answer(), status=400)
        path = request.match_info["path"]

        def perform() -> Answer:
            try:
                return self._hub.answers.use(path, body)
            except SlackError as refusal:
                return Answer(refusal.answer(), 400)

        return await self._hub.door.pass_through(request, "response_url", body, perform)


def _check_token(token: str, needed: str) -> None:
    if not token:
        raise SlackError("not_authed")
    if token not in {seed.BOT_TOKEN, seed.APP_TOKEN, seed.CONFIG_TOKEN}:
        raise SlackError("invalid_auth")
    if token != needed:
        raise SlackError("not_allowed_token_type")
