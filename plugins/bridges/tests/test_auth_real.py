"""OAuth 2 against an authorization server that others wrote: oidc-provider, certified for OpenID Connect."""

from __future__ import annotations

import re
import shutil
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request
from http.cookiejar import CookieJar
from pathlib import Path

import pytest

pytest.importorskip("authlib")
pytest.importorskip("joserfc")
pytest.importorskip("httpcore2")

from llmspell_core.policy import Policy
from llmspell_core.runner import Runner

pytestmark = pytest.mark.slow

PACKAGE = "oidc-provider@9"
SPELLS = {
    "lua": """
local a = auth.oauth2{issuer = params.issuer, client_id = params.client, client_secret = params.secret,
  redirect_uri = "https://app.example/back", scopes = {"openid", "offline_access"}}
local asked = a:authorize{prompt = "consent"}
local back = tools.execute("browse", {url = asked.url})
local status = a:complete(back)
local me = params.issuer .. "/me"
local first = http.get(me, {auth = a})
local again = a:refresh()
local second = http.get(me, {auth = a})
local given = a:revoke()
local ok, e = pcall(http.get, me, {auth = a})
local out = {status.claims.sub, status.refreshable, first.status, first.json.sub, again.valid,
  second.status, given, e.kind}
if params.secret then
  local c = auth.oauth2{issuer = params.issuer, client_id = params.client, client_secret = params.secret}
  out[#out + 1] = c:client_credentials({scopes = {"read"}}).scopes
  local wrong = auth.oauth2{issuer = params.issuer, client_id = params.client, client_secret = "wrong-secret"}
  local _, f = pcall(wrong.client_credentials, wrong)
  out[#out + 1] = f.data.error
end
return out
""",
    "js": """
const a = await auth.oauth2({ issuer: params.issuer, clientId: params.client, clientSecret: params.secret ?? undefined,
  redirectUri: "https://app.example/back", scopes: ["openid", "offline_access"] });
const asked = await a.authorize({ prompt: "consent" });
const back = await tools.execute("browse", { url: asked.url });
const status = await a.complete(back);
const me = params.issuer + "/me";
const first = await http.get(me, { auth: a });
const again = await a.refresh();
const second = await http.get(me, { auth: a });
const given = await a.revoke();
let e, f;
try { await http.get(me, { auth: a }) } catch (error) { e = error }
const out = [status.claims.sub, status.refreshable, first.status, first.json.sub, again.valid,
  second.status, given, e.kind];
if (params.secret) {
  const c = await auth.oauth2({ issuer: params.issuer, clientId: params.client, clientSecret: params.secret });
  out.push((await c.clientCredentials({ scopes: ["read"] })).scopes);
  const wrong = await auth.oauth2({ issuer: params.issuer, clientId: params.client, clientSecret: "wrong-secret" });
  try { await wrong.clientCredentials() } catch (error) { f = error }
  out.push(f.data.error);
}
return out;
""",
}


@pytest.fixture(scope="module")
def issuer(tmp_path_factory):
    for program in ("node", "npm"):
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not installed")
    folder = tmp_path_factory.mktemp("oidc")
    install = ["npm", "install", "--no-audit", "--no-fund", "--prefix", str(folder), PACKAGE]
    done = subprocess.run(install, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"{PACKAGE} cannot be installed: {done.stderr.strip()[-200:]}")
    script = folder / "server.mjs"
    script.write_text((Path(__file__).parent / "real_oauth" / "server.mjs").read_text())
    start = ["node", str(script)]
    with subprocess.Popen(start, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout is not None
        yield process.stdout.readline().strip()
        process.terminate()


class Stop(urllib.request.HTTPRedirectHandler):
    """Follows redirects as far as the application."""

    def redirect_request(self, req, fp, code, msg, headers, newurl):
        if newurl.startswith("https://app.example/"):
            raise Arrived(newurl)
        return super().redirect_request(req, fp, code, msg, headers, newurl)


class Arrived(Exception):
    """The person was sent back to the application."""


def browse(url):
    """Do what a person does: sign in, agree; return the URL that they are sent back to."""
    browser = urllib.request.build_opener(Stop, urllib.request.HTTPCookieProcessor(CookieJar()))
    try:
        page = browser.open(url)
        for _ in range(3):
            text, base = page.read().decode(), page.geturl()
            action = re.search(r'<form[^>]*action="([^"]+)"', text)
            assert action is not None, text
            fields = dict(re.findall(r'name="(prompt)" value="(\w+)"', text))
            if fields["prompt"] == "login":
                fields |= {"login": "ann", "password": "anything"}
            page = browser.open(urllib.parse.urljoin(base, action[1]), urllib.parse.urlencode(fields).encode())
    except Arrived as arrived:
        return str(arrived)
    raise AssertionError("the person was not sent back")


@pytest.mark.parametrize("client", ["desk", "phone"])
@pytest.mark.parametrize("language", SPELLS)
def test_a_certified_server_gives_refreshes_and_takes_back_tokens(issuer, language, client, monkeypatch):
    from llmspell_bridges.tools.bridge import ToolsBridge

    from llmspell_core.bridge import expose

    class Browser(ToolsBridge):
        """Stands in for a person and their browser."""

        @expose
        async def execute(self, name: str, args: dict) -> str:  # type: ignore[override]
            """Browse."""
            import asyncio

            return await asyncio.to_thread(browse, args["url"])

    from llmspell_core import plugins

    bridges = {name: plugins.bridge_class(name) for name in ("auth", "http")} | {"tools": Browser}
    params = {"issuer": issuer, "client": client}
    if client == "desk":
        params["secret"] = "s3cret:of the/desk"
    policy = Policy.standard().allow("net:127.0.0.1")
    with Runner(policy=policy, bridges=bridges, clock=time.time) as runner:
        found = runner.cast(SPELLS[language], engine=language, params=params).unwrap()
    expected = ["ann", True, 200, "ann", True, 200, True, "no_credential"]
    if client == "desk":
        expected += [["read"], "invalid_client"]
    assert found == expected
