"""The built-in identity provider as people meet it, in a real Chromium: passwords, second factors, applications. Keyboard and phone too."""

import json
import re

import pytest
from browser import Authenticator, chromium, person
from conftest import Server, binary
from idp import PASSWORD, Api, add_person, idp, sign_in, totp


@pytest.fixture(scope="module")
def provider(tmp_path_factory):
    server = Server(tmp_path_factory.mktemp("idp") / "data", command=[binary(), "up"]).start()
    idp(server, "group", "add", "staff")
    yield server
    assert server.stop() == 0


@pytest.fixture(scope="module")
def browser(provider):
    with chromium(provider) as running:
        yield running


@pytest.fixture
def somebody(provider, request):
    """A person of the test's own, in the group staff."""
    name = re.sub(r"[^a-z]+", "-", request.node.name.split("[")[0].removeprefix("test_"))[:40]
    add_person(provider, name, "staff")
    yield name
    idp(provider, "person", "delete", name)


def at(provider, path=""):
    return provider["IDP_URL"] + path


def in_console(someone, provider, name, password=PASSWORD):
    someone.goto(at(provider))
    sign_in(someone, name, password)
    return someone


def test_an_activation_link_lets_a_person_choose_a_password(provider, browser):
    made = idp(provider, "person", "add", "newcomer", "--email", "newcomer@example.com", "--given", "New", "--family", "Comer")
    link = made["activation_url"]
    assert link.startswith(at(provider, "/activate/"))
    with person(browser, width=390) as newcomer:
        assert newcomer.goto(link) == 200
        assert not newcomer.violations() and not newcomer.scrolls_sideways()
        newcomer.enter(new_password="my first Password 1", again="my first Password 1")
        in_console(newcomer, provider, "newcomer", "my first Password 1")
        assert "Applications" in newcomer.text()
        assert newcomer.goto(link) == 410, "a link works once"


def test_wrong_password_and_unknown_person_read_the_same(provider, browser, somebody):
    told = []
    for name in (somebody, "nobody-of-this-name"):
        with person(browser) as stranger:
            in_console(stranger, provider, name, "wrong")
            told.append(stranger.page.get_by_role("alert").inner_text())
    assert told[0] == told[1] and told[0], told


def enrol_totp(someone, provider):
    """From the account page on: the secret and the recovery codes."""
    someone.goto(at(provider, "/account/totp"))
    secret = someone.page.locator(".secret").inner_text()
    assert someone.page.locator("svg").count() == 1, "a QR code beside the words"
    someone.enter(code=totp(secret))
    return secret, someone.page.locator("ol.codes li").all_inner_texts()


def test_a_code_from_an_app_and_then_a_recovery_code(provider, browser, somebody):
    with person(browser) as owner:
        in_console(owner, provider, somebody)
        secret, codes = enrol_totp(owner, provider)
        assert len(set(codes)) == 10
    with person(browser, width=390) as owner:
        in_console(owner, provider, somebody)
        assert owner.page.locator("#code").count(), "a second factor is asked for"
        assert not owner.violations() and not owner.scrolls_sideways()
        owner.enter(code="000000")
        assert "wrong" in owner.page.get_by_role("alert").inner_text().lower()
        owner.goto(at(provider))
        assert "Applications" not in owner.text(), "half a sign-in opens nothing"
    for attempt in ("first", "second"):
        with person(browser) as owner:
            in_console(owner, provider, somebody)
            owner.press("Use a recovery code", role="link")
            owner.page.get_by_label("Recovery code").fill(codes[0])
            with owner.page.expect_navigation():
                owner.page.keyboard.press("Enter")
            owner.settle()
            assert ("Applications" in owner.text()) == (attempt == "first"), "a recovery code counts once"


def present_passkey(someone):
    someone.page.get_by_role("button", name=re.compile("passkey", re.I)).first.click()
    someone.page.wait_for_url(re.compile("/idp/?$"))
    someone.settle()


def test_a_passkey_beside_the_password_and_alone(provider, browser, somebody):
    with person(browser) as owner:
        Authenticator(owner, offers=False)
        in_console(owner, provider, somebody)
        owner.goto(at(provider, "/account/passkeys/add"))
        owner.page.get_by_label("Name").fill("My laptop")
        with owner.page.expect_navigation():
            owner.page.get_by_role("button", name=re.compile("passkey|continue", re.I)).first.click()
        owner.goto(at(provider, "/account"))
        assert "My laptop" in owner.text()
        owner.press("Sign out")
        owner.goto(at(provider, "/signin"))
        present_passkey(owner)
        assert "Applications" in owner.text(), "a passkey alone"
        owner.press("Sign out")
        owner.goto(at(provider, "/signin"))
        sign_in(owner, somebody)
        assert "Applications" not in owner.text(), "the password alone doesn't do any more"
        present_passkey(owner)
        assert "Applications" in owner.text(), "the password, then the passkey"
    with person(browser) as thief:
        in_console(thief, provider, somebody)
        assert "Applications" not in thief.text(), "the password alone doesn't do any more"


def test_a_required_second_factor_is_enrolled_at_the_next_sign_in(provider, browser, somebody):
    idp(provider, "policy", "mfa", "required")
    try:
        with person(browser) as owner:
            in_console(owner, provider, somebody)
            assert "Applications" not in owner.text()
            owner.page.get_by_role("link", name=re.compile("authenticator app", re.I)).or_(
                owner.page.get_by_role("button", name=re.compile("authenticator app", re.I))).first.click()
            owner.enter(code=totp(owner.page.locator(".secret").inner_text()))
            assert owner.page.locator("ol.codes").count()
            assert not owner.violations()
            owner.goto(at(provider))
            assert "Applications" in owner.text()
    finally:
        idp(provider, "policy", "mfa", "optional")
    idp(provider, "person", "reset-factors", somebody)
    with person(browser) as owner:
        in_console(owner, provider, somebody)
        assert "Applications" in owner.text(), "an administrator has reset the factors"


def test_tiles_and_authorisation_from_both_sides(provider, browser, somebody):
    """Seed 004: implicit deny; authorised from the application's side and from the group's; deactivated; deleted with a typed count."""
    acs = "http://localhost:7890/redshift/"
    made = idp(
        provider, "app", "add", "redshift", "Amazon Redshift", "--constant",
        "https://aws.amazon.com/SAML/Attributes/Role=arn:aws:iam::123456789012:role/analysts,arn:aws:iam::123456789012:saml-provider/redshift-sso",
    )
    other = idp(provider, "app", "add", "saml", "Wiki", "--audience", "https://wiki.example", "--acs", "https://wiki.example/acs", "--slug", "company-wiki")
    api = Api(provider)
    try:
        assert idp(provider, "app", "set", "company-wiki", "--slug", "other", expect=1), "the SSO IdP URL isn't editable"
        with person(browser) as owner:
            in_console(owner, provider, somebody)
            assert "Amazon Redshift" not in owner.text() and "Wiki" not in owner.text()
            owner.goto(at(provider, f"/open/{made['slug']}"))
            assert "Reference" in owner.text()
            idp(provider, "app", "authorise", made["slug"], "--group", "staff")
            (staff,) = [group for group in idp(provider, "group", "list")["items"] if group["display_name"] == "staff"]
            status, _ = api("PUT", f"/groups/{staff['id']}/applications", {"applications": [made["id"], other["id"]]})
            assert status == 200
            owner.goto(at(provider))
            tiles = owner.page.locator("a.tile strong").all_inner_texts()
            assert tiles == ["Amazon Redshift", "Wiki"]
            # The tile leads to the driver's listener; here the test stands in its place.
            posted = []
            owner.page.route(acs, lambda route: (posted.append(route.request.method), route.fulfill(body="<main>the driver</main>", content_type="text/html")))
            owner.page.locator("a.tile").first.click()
            owner.page.wait_for_url(acs)
            assert posted == ["POST"]
            idp(provider, "app", "deactivate", made["slug"])
            owner.goto(at(provider))
            assert owner.page.locator("a.tile strong").all_inner_texts() == ["Wiki"]
            owner.goto(at(provider, f"/open/{made['slug']}"))
            assert "switched off" in owner.text()
    finally:
        refused = idp(provider, "app", "delete", made["slug"], "company-wiki", "--type-count", "1", expect=1)
        assert "2" in refused
        idp(provider, "app", "delete", made["slug"], "company-wiki", "--type-count", "2")
    assert idp(provider, "app", "list")["items"] == []


def test_session_duration_is_held_between_its_limits(provider):
    name = "https://aws.amazon.com/SAML/Attributes/SessionDuration"
    for value, good in (("899", False), ("900", True), ("43200", True), ("43201", False), ("an hour", False)):
        if good:
            made = idp(provider, "app", "add", "redshift", f"R{value}", "--constant", f"{name}={value}")
            idp(provider, "app", "delete", made["slug"], "--type-count", "1")
        else:
            assert "900" in idp(provider, "app", "add", "redshift", f"R{value}", "--constant", f"{name}={value}", expect=1)


def test_a_deactivated_person_is_out_at_once(provider, browser, somebody):
    with person(browser) as owner:
        in_console(owner, provider, somebody)
        idp(provider, "person", "deactivate", somebody)
        owner.goto(at(provider))
        assert "Applications" not in owner.text()
        sign_in(owner, somebody)
        assert owner.page.get_by_role("alert").inner_text()


def test_a_changed_password_ends_the_other_sessions(provider, browser, somebody):
    with person(browser) as here, person(browser) as there:
        in_console(here, provider, somebody)
        in_console(there, provider, somebody)
        here.goto(at(provider, "/account/password"))
        here.enter(old_password=PASSWORD, new_password="another Password 2", again="another Password 2")
        there.goto(at(provider))
        assert "Applications" not in there.text(), there.text()
        in_console(there, provider, somebody, "another Password 2")
        assert "Applications" in there.text()


@pytest.mark.parametrize(("width", "scheme"), [(390, "light"), (390, "dark"), (1280, "light"), (1280, "dark")])
def test_every_page_is_accessible_on_phone_and_desktop(provider, browser, somebody, width, scheme):
    """axe on each page of the provider; nothing scrolls sideways; nothing is reported on the console."""
    made = idp(provider, "app", "add", "saml", f"Wiki {width} {scheme}", "--audience", f"https://{width}-{scheme}.example",
               "--acs", "https://wiki.example/acs", "--group", "staff", "--description", "Where everything is written down")
    try:
        with person(browser, width, scheme) as owner:
            owner.goto(at(provider, "/signin"))
            check(owner)
            sign_in(owner, somebody, "wrong")
            check(owner)
            in_console(owner, provider, somebody)
            check(owner)
            for path in ("/account", "/account/totp", "/account/password", "/account/recovery", "/open/nothing-here", "/signout", "/device"):
                owner.goto(at(provider, path))
                check(owner)
    finally:
        idp(provider, "app", "delete", made["slug"], "--type-count", "1")


def check(someone):
    assert not someone.violations(), someone.page.url
    assert not someone.scrolls_sideways(), someone.page.url
    refused = [text for text in someone.said if "Content Security Policy" in text]
    assert not refused, (someone.page.url, refused)


def test_the_administration_is_described(provider):
    """OpenAPI names every operation; nobody administers without a token."""
    status, described = Api(provider, base="/api")("GET", "/openapi.json")
    assert status == 200 and described["openapi"].startswith("3.1"), json.dumps(described)[:200]
    assert "/idp/api/v1/people" in described["paths"] or "/people" in described["paths"]
    for token in ("wrong", provider["SCIM_TOKEN"]):
        assert Api(provider, token)("GET", "/people")[0] == 401
    made = idp(provider, "token", "create", "ci")
    assert Api(provider, made["token"])("GET", "/people")[0] == 200
    idp(provider, "token", "delete", made["id"])
    assert Api(provider, made["token"])("GET", "/people")[0] == 401
