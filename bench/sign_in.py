"""An access token, got as a browser and a driver get it: register, sign in, allow, exchange the code."""

import base64
import hashlib
import html
import http.cookiejar
import re
import secrets
import ssl
import urllib.error
import urllib.parse
import urllib.request

import boto3

REDIRECT = "http://127.0.0.1:7890"
SCOPE = "redshift:connect"


class StopAtRedirect(urllib.request.HTTPRedirectHandler):
    """The last redirect leads to the driver's own listener, where nobody is."""

    def redirect_request(self, request, fp, code, msg, headers, newurl):
        if newurl.startswith(REDIRECT):
            raise Arrived(newurl)
        return super().redirect_request(request, fp, code, msg, headers, newurl)


class Arrived(Exception):
    pass


def fields(page):
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page.split("</form>")[0])
    return {name: html.unescape(value) for name, value in found}


def access_token(server, person):
    env = server.env
    oidc = boto3.client(
        "sso-oidc", endpoint_url=env["GATEHOUSE_HTTPS"], region_name=env["AWS_REGION"], verify=env["GATEHOUSE_CA"]
    )
    client = oidc.register_client(
        clientName="bench", clientType="public", scopes=[SCOPE], grantTypes=["authorization_code"],
        redirectUris=[REDIRECT], issuerUrl=env["IDC_ISSUER_URL"],
    )
    verifier = secrets.token_urlsafe(48)
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    query = urllib.parse.urlencode({
        "response_type": "code", "client_id": client["clientId"], "redirect_uri": REDIRECT, "state": secrets.token_urlsafe(16),
        "scopes": SCOPE, "code_challenge": challenge, "code_challenge_method": "S256",
    })
    tls = ssl.create_default_context(cafile=env["GATEHOUSE_CA"])
    jar = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
    browser = urllib.request.build_opener(urllib.request.HTTPSHandler(context=tls), jar, StopAtRedirect)

    def ask(path, form=None):
        body = urllib.parse.urlencode(form).encode() if form else None
        headers = {"Origin": env["GATEHOUSE_HTTPS"], "Sec-Fetch-Site": "same-origin"}
        request = urllib.request.Request(env["GATEHOUSE_HTTPS"] + path, data=body, headers=headers)
        return browser.open(request, timeout=20).read().decode()

    page = ask(f"/authorize?{query}")
    page = ask("/signin", {**fields(page), "user_name": person, "password": env["DEMO_PASSWORD"]})
    try:
        ask("/authorize", {**fields(page), "decision": "allow"})
    except Arrived as arrived:
        answer = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(str(arrived)).query))
        exchanged = oidc.create_token(
            clientId=client["clientId"], clientSecret=client["clientSecret"], grantType="authorization_code",
            code=answer["code"], redirectUri=REDIRECT, codeVerifier=verifier,
        )
        return exchanged["accessToken"]
    raise SystemExit(f"bench: {person} could not sign in")
