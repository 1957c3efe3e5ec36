"""Third-party applications at the built-in identity provider: Keycloak as SAML service provider and as OpenID relying party; OAuth by hand."""

import base64
import hashlib
import http.server
import json
import re
import secrets
import ssl
import threading
import time
import urllib.error
import urllib.parse
import urllib.request

import pytest
from browser import chromium, person
from conftest import Server, binary
from helpers import Scim
from idp import PASSWORD, add_person, idp, sign_in

class Arrival(http.server.BaseHTTPRequestHandler):
    """Where applications' redirects end: the driver of the test reads the address."""

    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<title>arrived</title><main>arrived</main>")

    def log_message(self, *_):
        pass


LISTENER = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Arrival)
ARRIVED = f"http://127.0.0.1:{LISTENER.server_port}/arrived"


@pytest.fixture(scope="module", autouse=True)
def arrivals():
    threading.Thread(target=LISTENER.serve_forever, daemon=True).start()
    yield
    LISTENER.shutdown()


@pytest.fixture(scope="module")
def provider(tmp_path_factory):
    server = Server(tmp_path_factory.mktemp("idp-applications") / "data", command=[binary(), "up"]).start()
    idp(server, "group", "add", "staff")
    add_person(server, "ann@example.com", "staff")
    add_person(server, "ben@example.com")
    yield server
    assert server.stop() == 0


@pytest.fixture(scope="module")
def browser(provider):
    with chromium(provider) as running:
        yield running


@pytest.fixture(scope="module")
def partner(keycloak):
    realm = keycloak.realm("partner")
    realm("POST", "/clients", {
        "clientId": "app", "publicClient": True, "redirectUris": [ARRIVED], "enabled": True, "standardFlowEnabled": True,
    })
    return realm


def known_at_keycloak(realm, alias, name, identifier):
    """The person's account at Keycloak, linked to the one at the provider."""
    user = realm.person(name, "unused-Password-1") if not realm("GET", f"/users?username={name}&exact=true") else (
        realm("GET", f"/users?username={name}&exact=true")[0]["id"])
    realm("POST", f"/users/{user}/federated-identity/{alias}", {"identityProvider": alias, "userId": identifier, "userName": name})
    return user


def through_keycloak(someone, realm, alias):
    query = urllib.parse.urlencode({
        "client_id": "app", "redirect_uri": ARRIVED, "response_type": "code", "scope": "openid", "kc_idp_hint": alias, "state": "s",
    })
    someone.page.goto(f"{realm.url}/protocol/openid-connect/auth?{query}")


@pytest.fixture(scope="module")
def saml(provider, partner, tmp_path_factory):
    """Keycloak trusts the provider's metadata; the provider knows Keycloak's."""
    folder = tmp_path_factory.mktemp("partner")
    application = idp(
        provider, "app", "add", "saml", "Partner", "--group", "staff", "--audience", partner.url,
        "--acs", f"{partner.url}/broker/gatehouse/endpoint", "--attribute", "email=email", "--attribute", "firstName=givenName",
        "--group-attribute", "groups", "--name-id-format", "email-address",
    )
    metadata = folder / "metadata.xml"
    idp(provider, "app", "metadata", application["slug"], "--out", metadata)
    text = metadata.read_text()
    issuer = re.search(r'entityID="([^"]+)"', text)[1]
    certificates = ",".join(re.findall(r"X509Certificate>([^<]+)<", text))
    slo = re.search(r'SingleLogoutService[^>]*HTTP-POST[^>]*Location="([^"]+)"', text)[1]
    partner.saml_broker("gatehouse", issuer, issuer, certificates, slo=slo)
    partner.ann = known_at_keycloak(partner, "gatehouse", "ann@example.com", "ann@example.com")
    with urllib.request.urlopen(f"{partner.url}/broker/gatehouse/endpoint/descriptor", timeout=20) as answer:
        (folder / "sp.xml").write_bytes(answer.read())
    idp(provider, "app", "upload-sp-metadata", application["slug"], folder / "sp.xml")
    return application


def test_keycloak_takes_our_assertion(provider, partner, saml, browser):
    """SP-initiated, then a second time without being asked again."""
    with person(browser) as ann:
        through_keycloak(ann, partner, "gatehouse")
        ann.page.wait_for_selector("#user_name")
        sign_in(ann, "ann@example.com")
        ann.page.wait_for_url("**/arrived*")
        assert partner("GET", f"/users/{partner.ann}/sessions")
        ann.context.clear_cookies(domain="127.0.0.1")
        through_keycloak(ann, partner, "gatehouse")
        ann.page.wait_for_url("**/arrived*")


def test_who_isnt_in_the_group_gets_no_assertion(provider, partner, saml, browser):
    with person(browser) as ben:
        through_keycloak(ben, partner, "gatehouse")
        ben.page.wait_for_selector("#user_name")
        sign_in(ben, "ben@example.com")
        told = ben.text()
        assert "staff" in told and "Reference" in told, told


def test_keycloak_takes_a_new_key_while_the_old_one_is_still_published(provider, partner, saml, browser, tmp_path):
    """Rotation with overlap: the next key is in the metadata before it signs."""
    idp(provider, "app", "rotate-key", saml["slug"], "prepare")
    metadata = tmp_path / "metadata.xml"
    idp(provider, "app", "metadata", saml["slug"], "--out", metadata)
    certificates = re.findall(r"X509Certificate>([^<]+)<", metadata.read_text())
    assert len(set(certificates)) == 2
    instance = partner("GET", "/identity-provider/instances/gatehouse")
    instance["config"]["signingCertificate"] = ",".join(certificates)
    partner("PUT", "/identity-provider/instances/gatehouse", instance)
    for step in ("before", "after"):
        with person(browser) as ann:
            through_keycloak(ann, partner, "gatehouse")
            ann.page.wait_for_selector("#user_name")
            sign_in(ann, "ann@example.com")
            ann.page.wait_for_url("**/arrived*")
        if step == "before":
            idp(provider, "app", "rotate-key", saml["slug"], "promote")


def test_logging_out_at_keycloak_logs_out_at_the_provider(provider, partner, saml, browser):
    with person(browser) as ann:
        through_keycloak(ann, partner, "gatehouse")
        ann.page.wait_for_selector("#user_name")
        sign_in(ann, "ann@example.com")
        ann.page.wait_for_url("**/arrived*")
        ann.page.goto(f"{partner.url}/protocol/openid-connect/logout")
        ann.page.locator("#kc-logout").click()
        ann.page.wait_for_load_state("networkidle")
        ann.goto(provider["IDP_URL"])
        ann.page.wait_for_selector("#user_name")


def test_keycloak_as_relying_party(provider, partner, browser):
    made = idp(
        provider, "app", "add", "oidc", "Partner by OpenID", "--group", "staff", "--redirect-uri", f"{partner.url}/broker/openid/endpoint",
    )
    partner.oidc_broker("openid", provider["IDP_URL"], made["client_id"], made["client_secret"], disableTrustManager="true")
    # Keycloak asks the token endpoint itself, and doesn't know Gatehouse's authority: its keys are given instead of fetched.
    with person(browser) as ann:
        through_keycloak(ann, partner, "openid")
        ann.page.wait_for_selector("#user_name")
        sign_in(ann, "ann@example.com")
        ann.page.wait_for_load_state("networkidle")
        if "arrived" not in ann.page.url:
            allow = ann.page.get_by_role("button", name=re.compile("allow|continue", re.I))
            if allow.count():
                allow.first.click()
                ann.page.wait_for_load_state("networkidle")
        assert partner.url in ann.page.url or "arrived" in ann.page.url, (ann.page.url, ann.text())


class Client:
    """An OpenID client by hand, to send what no library sends."""

    def __init__(self, server, made):
        self.server, self.made = server, made
        self.tls = ssl.create_default_context(cafile=server["GATEHOUSE_CA"])
        self.basic = base64.b64encode(f"{made['client_id']}:{made.get('client_secret', '')}".encode()).decode()

    def post(self, path, form, basic=True):
        headers = {"Authorization": f"Basic {self.basic}"} if basic else {}
        request = urllib.request.Request(self.server["IDP_URL"] + path, urllib.parse.urlencode(form).encode(), headers)
        try:
            with urllib.request.urlopen(request, context=self.tls, timeout=20) as answer:
                return answer.status, json.loads(answer.read() or b"null")
        except urllib.error.HTTPError as error:
            text = error.read()
            return error.code, json.loads(text) if text else None

    def get(self, path, token=None):
        request = urllib.request.Request(self.server["IDP_URL"] + path, headers={"Authorization": f"Bearer {token}"} if token else {})
        try:
            with urllib.request.urlopen(request, context=self.tls, timeout=20) as answer:
                return answer.status, json.loads(answer.read())
        except urllib.error.HTTPError as error:
            return error.code, error.headers.get("WWW-Authenticate")

    def code(self, someone, name="ann@example.com", **changed):
        """An authorization code, got in the browser; the verifier is remembered."""
        self.verifier = secrets.token_urlsafe(48)
        query = {
            "client_id": self.made["client_id"], "redirect_uri": ARRIVED, "response_type": "code", "scope": "openid email groups offline_access",
            "state": "s", "nonce": "n", "code_challenge_method": "S256", **changed,
            "code_challenge": base64.urlsafe_b64encode(hashlib.sha256(self.verifier.encode()).digest()).rstrip(b"=").decode(),
        }
        someone.page.goto(self.server["IDP_URL"] + "/oauth/authorize?" + urllib.parse.urlencode({k: v for k, v in query.items() if v is not None}))
        if someone.page.locator("#user_name").count():
            sign_in(someone, name)
        someone.page.wait_for_load_state("networkidle")
        allow = someone.page.get_by_role("button", name=re.compile("allow|continue", re.I))
        if allow.count():
            allow.first.click()
        someone.page.wait_for_url("**/arrived*")
        return dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(someone.page.url).query))

    def tokens(self, code, **changed):
        return self.post("/oauth/token", {
            "grant_type": "authorization_code", "code": code, "redirect_uri": ARRIVED, "code_verifier": self.verifier, **changed,
        })


@pytest.fixture(scope="module")
def client(provider):
    made = idp(provider, "app", "add", "oidc", "By hand", "--group", "staff", "--redirect-uri", ARRIVED, "--group-claim", "groups")
    return Client(provider, made)


def claims(token):
    part = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


def test_code_refresh_userinfo_and_revocation(provider, client, browser):
    with person(browser) as ann:
        answer = client.code(ann)
        assert (answer["state"], answer["iss"]) == ("s", provider["IDP_URL"])
        status, first = client.tokens(answer["code"])
        assert status == 200, first
        told = claims(first["id_token"])
        assert (told["iss"], told["aud"], told["nonce"], told["email"]) == (
            provider["IDP_URL"], client.made["client_id"], "n", "ann@example.com"), told
        assert told["groups"] == ["staff"]
        assert client.get("/oauth/userinfo", first["access_token"])[1]["email"] == "ann@example.com"
        status, second = client.post("/oauth/token", {"grant_type": "refresh_token", "refresh_token": first["refresh_token"]})
        assert status == 200 and second["refresh_token"] != first["refresh_token"]
        again = client.post("/oauth/token", {"grant_type": "refresh_token", "refresh_token": first["refresh_token"]})
        assert again[1]["error"] == "invalid_grant", "a refresh token counts once"
        gone = client.post("/oauth/token", {"grant_type": "refresh_token", "refresh_token": second["refresh_token"]})
        assert gone[1]["error"] == "invalid_grant", "its reuse ended what came of it"
        answer = client.code(ann)
        assert client.tokens(answer["code"], code_verifier="x" * 43)[1]["error"] == "invalid_grant"
        assert client.tokens(answer["code"])[0] == 200
        assert client.tokens(answer["code"])[1]["error"] == "invalid_grant", "a code counts once"
        status, third = client.tokens(client.code(ann)["code"])
        assert client.post("/oauth/revoke", {"token": third["refresh_token"]})[0] == 200
        assert client.get("/oauth/userinfo", third["access_token"])[0] == 401


def test_a_deactivated_person_refreshes_nothing(provider, client, browser):
    with person(browser) as ann:
        _, tokens = client.tokens(client.code(ann)["code"])
        idp(provider, "person", "deactivate", "ann@example.com")
        try:
            assert client.get("/oauth/userinfo", tokens["access_token"])[0] == 401
            refused = client.post("/oauth/token", {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]})
            assert refused[1]["error"] == "invalid_grant"
        finally:
            idp(provider, "person", "reactivate", "ann@example.com")


def test_a_program_without_a_browser_signs_in_by_device_code(provider, client, browser):
    """RFC 8628, with the question on another device."""
    made = idp(
        provider, "app", "add", "oidc", "Television", "--group", "staff", "--grant", "device_code", "--grant", "refresh_token", "--public",
    )
    program = Client(provider, made)
    status, started = program.post("/oauth/device_authorization", {"client_id": made["client_id"], "scope": "openid"}, basic=False)
    assert status == 200, started
    poll = {"grant_type": "urn:ietf:params:oauth:grant-type:device_code", "device_code": started["device_code"], "client_id": made["client_id"]}
    assert program.post("/oauth/token", poll, basic=False)[1]["error"] == "authorization_pending"
    with person(browser, width=390) as ann:
        ann.page.goto(started["verification_uri_complete"])
        if ann.page.locator("#user_name").count():
            sign_in(ann, "ann@example.com")
        ann.settle()
        assert ann.page.get_by_label("Code").input_value() == started["user_code"]
        ann.press("Continue")
        assert "Television" in ann.text(), ann.text()
        assert not ann.violations() and not ann.scrolls_sideways()
        assert program.post("/oauth/token", poll, basic=False)[1]["error"] in ("authorization_pending", "slow_down"), "looking allows nothing"
        ann.page.get_by_role("button", name=re.compile("allow|approve|continue|yes", re.I)).first.click()
        ann.settle()
    time.sleep(started["interval"] + 5.5)  # the program asked too soon before: RFC 8628 3.5 makes it wait
    status, tokens = program.post("/oauth/token", poll, basic=False)
    assert status == 200 and claims(tokens["id_token"])["aud"] == made["client_id"], tokens
    assert program.post("/oauth/token", poll, basic=False)[1]["error"] == "slow_down", "a request sent twice is no theft"


def test_what_may_not_be_asked_for(provider, client, browser):
    with person(browser) as ann:
        for changed, where in (
            ({"redirect_uri": ARRIVED.replace("arrived", "elsewhere")}, "page"), ({"client_id": "nobody"}, "page"),
            ({"response_type": "token"}, "redirect"), ({"code_challenge_method": "plain"}, "redirect"),
        ):
            query = {
                "client_id": client.made["client_id"], "redirect_uri": ARRIVED, "response_type": "code", "scope": "openid", "state": "s",
                "code_challenge": "a" * 43, "code_challenge_method": "S256", **changed,
            }
            ann.page.goto(provider["IDP_URL"] + "/oauth/authorize?" + urllib.parse.urlencode(query))
            ann.settle()
            if where == "page":
                assert ann.page.url.startswith(provider["IDP_URL"]) and "Reference" in ann.text(), changed
            else:
                ann.page.wait_for_url("**/arrived*")
                assert "error=" in ann.page.url and "iss=" in ann.page.url, changed

    assert Scim(provider)("GET", "/Users", expect=200)["totalResults"] == 0
