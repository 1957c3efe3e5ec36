"""A person's sign-in without a browser: the same pages and forms, over plain HTTPS, with the standard library only."""

import base64
import hashlib
import http.cookiejar
import json
import secrets
import ssl
import urllib.error
import urllib.parse
import urllib.request
from html.parser import HTMLParser

REDIRECT = "http://127.0.0.1:7890"


class Page(HTMLParser):
    """The forms of a page (action, hidden fields, named buttons) and its text."""

    def __init__(self, status, markup):
        super().__init__()
        self.status, self.forms, self.text = status, [], ""
        self.feed(markup)

    def handle_starttag(self, tag, attributes):
        named = dict(attributes)
        if tag == "form":
            self.forms.append({"action": named["action"], "fields": {}, "buttons": []})
        elif tag == "input" and self.forms:
            self.forms[-1]["fields"][named["name"]] = named.get("value", "")
        elif tag == "button" and self.forms:
            self.forms[-1]["buttons"].append((named.get("name"), named.get("value")))

    def handle_data(self, data):
        self.text += data

    def form(self, action):
        (found,) = [form for form in self.forms if form["action"] == action]
        return found


class NoRedirect(urllib.request.HTTPRedirectHandler):
    """The last redirect goes to the program's own listener, which isn't there: it is looked at, not followed."""

    def redirect_request(self, request, body, code, reason, headers, address):
        if address.startswith(REDIRECT):
            return None
        return super().redirect_request(request, body, code, reason, headers, address)


class Flow:
    """One program (a registered client) and one browser."""

    def __init__(self, server, **registration):
        self.server, self.base = server, server["GATEHOUSE_HTTPS"]
        tls = urllib.request.HTTPSHandler(context=ssl.create_default_context(cafile=server["GATEHOUSE_CA"]))
        jar = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        self.browser = urllib.request.build_opener(tls, jar, NoRedirect())
        self.program = urllib.request.build_opener(tls)
        self.verifier, self.state = secrets.token_urlsafe(48), secrets.token_urlsafe(16)
        status, self.client = self.call("/client/register", {
            "clientName": "Test program",
            "clientType": "public",
            "scopes": ["redshift:connect"],
            "redirectUris": [REDIRECT],
            "grantTypes": ["authorization_code", "refresh_token"],
            "issuerUrl": server["IDC_ISSUER_URL"],
            **registration,
        })
        assert status == 200, self.client

    def call(self, path, body):
        """A JSON call of sso-oidc: status and answer."""
        request = urllib.request.Request(self.base + path, json.dumps(body).encode(), {"Content-Type": "application/json"})
        try:
            with self.program.open(request, timeout=20) as response:
                return response.status, json.loads(response.read())
        except urllib.error.HTTPError as error:
            return error.code, json.loads(error.read())

    def visit(self, address, form=None):
        """A page; or, where it leads back to the program, the parameters of that redirect."""
        request = urllib.request.Request(urllib.parse.urljoin(self.base, address), form and urllib.parse.urlencode(form).encode())
        try:
            with self.browser.open(request, timeout=20) as response:
                return Page(response.status, response.read().decode())
        except urllib.error.HTTPError as error:
            with error:
                if error.code in (302, 303):
                    return dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(error.headers["Location"]).query))
                return Page(error.code, error.read().decode())

    def authorize_address(self, **changed):
        challenge = base64.urlsafe_b64encode(hashlib.sha256(self.verifier.encode()).digest()).rstrip(b"=").decode()
        query = {
            "response_type": "code",
            "client_id": self.client["clientId"],
            "redirect_uri": REDIRECT,
            "state": self.state,
            "scopes": "redshift:connect",
            "code_challenge": challenge,
            "code_challenge_method": "S256",
            **changed,
        }
        return "/authorize?" + urllib.parse.urlencode({name: value for name, value in query.items() if value is not None})

    def sign_in(self, who, password=None):
        """The page behind the sign-in form: the question for consent, or why not."""
        form = self.visit(self.authorize_address()).form("/signin")
        typed = {"user_name": who, "password": password or self.server["DEMO_PASSWORD"]}
        return self.visit("/signin", {**form["fields"], **typed})

    def code(self, who, password=None):
        """An authorization code that the person has allowed."""
        consent = self.sign_in(who, password).form("/authorize")
        assert ("decision", "allow") in consent["buttons"]
        answer = self.visit("/authorize", {**consent["fields"], "decision": "allow"})
        assert answer["state"] == self.state, answer
        return answer["code"]

    def exchange(self, given, **changed):
        """CreateToken for a code: status and answer."""
        return self.call("/token", {
            "clientId": self.client["clientId"],
            "clientSecret": self.client["clientSecret"],
            "grantType": "authorization_code",
            "code": given,
            "redirectUri": REDIRECT,
            "codeVerifier": self.verifier,
            **changed,
        })

    def refresh(self, given, **changed):
        return self.call("/token", {
            "clientId": self.client["clientId"],
            "clientSecret": self.client["clientSecret"],
            "grantType": "refresh_token",
            "refreshToken": given,
            **changed,
        })

    def tokens(self, who, password=None):
        status, answer = self.exchange(self.code(who, password))
        assert status == 200, answer
        return answer
