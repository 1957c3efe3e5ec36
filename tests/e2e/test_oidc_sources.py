"""Identity Center with third-party OpenID providers: Keycloak and nanoidp, each driven in a real Chromium."""

import time

import pytest
from browser import chromium, person
from conftest import Server
from helpers import RedshiftConnector, Scim, gatehouse
from peers_nanoidp import NanoIdp

PASSWORD, SECRET = "company-Password-1", "client-Secret-1"


@pytest.fixture(scope="module")
def center(tmp_path_factory):
    server = Server(tmp_path_factory.mktemp("oidc-sources") / "data").start()
    for demo in gatehouse(server, "identity-source", "list")["IdentitySources"]:
        gatehouse(server, "identity-source", "delete", demo["SourceId"])
    scim = Scim(server)
    sales = scim.group("awssso-sales")["id"]
    for name in ("alice@example.com", "bob@example.com"):
        identifier = scim.create_user(name, emails=[{"value": name, "primary": True}])["id"]
        scim.patch("Groups", sales, {"op": "add", "path": "members", "value": [{"value": identifier}]})
    yield server
    assert server.stop() == 0


@pytest.fixture(scope="module")
def browser(center):
    with chromium(center) as running:
        yield running


def add_source(center, folder, name, issuer, *options, secret=SECRET):
    file = folder / "secret"
    file.write_text(secret)
    made = gatehouse(
        center, "identity-source", "add", "oidc", name, "--issuer", issuer, "--client-id", "gatehouse",
        "--client-secret-file", file, "--private-network", "--subject", "attribute:email", "--match", "email", *options,
    )
    return made["IdentitySource"]


def source_of(center, source):
    return gatehouse(center, "identity-source", "show", source)["IdentitySource"]


@pytest.fixture(scope="module")
def company(center, keycloak, tmp_path_factory):
    realm = keycloak.realm("oidc-company")
    realm.people = {name: realm.person(f"{name}@example.com", PASSWORD) for name in ("alice", "bob", "dave")}
    realm.group("analysts", realm.people["dave"])
    # The redirect URI needs the source's id, and the source wants to see the client: Keycloak's client is completed after.
    made = add_source(center, tmp_path_factory.mktemp("oidc"), "Keycloak", realm.url)
    realm.source = made["SourceId"]
    ours = source_of(center, realm.source)["ServiceProvider"]
    realm.client = realm.oidc_client(
        "gatehouse", ours["RedirectUri"], secret=SECRET, backchannel=ours["BackchannelLogoutUri"],
        after_logout=ours["PostLogoutRedirectUri"],
    )
    yield realm
    gatehouse(center, "identity-source", "delete", realm.source)


def at_keycloak(someone, name):
    someone.page.locator("#username").fill(f"{name}@example.com")
    someone.page.locator("#password").fill(PASSWORD)
    someone.page.locator("#kc-login").click()
    someone.page.wait_for_selector("main")
    someone.settle()


def sign_in(center, someone, name):
    someone.goto(center["GATEHOUSE_HTTPS"] + "/signin")
    someone.page.get_by_role("link", name="Sign in with Keycloak").click()
    at_keycloak(someone, name)


def story(center, text):
    return gatehouse(center, "explain", "login", text.split("Reference:")[1].split()[0])


def test_a_person_signs_in_at_keycloak_and_reads_with_the_driver(center, company):
    alice = RedshiftConnector(
        center, "alice@example.com", ["select current_user", "select count(*) from sales_schema.store_sales"],
        password=PASSWORD, provider=("Keycloak", "keycloak"),
    )
    assert alice.answers == [{"rows": [["awsidc:alice@example.com"]]}, {"rows": [["4"]]}]


def test_the_link_to_a_person_outlives_a_changed_address(center, company, browser):
    """(issuer, sub) is linked at the first sign-in: another person with the old address isn't taken for alice."""
    with person(browser) as alice:
        sign_in(center, alice, "alice")
        assert "signed in as alice@example.com" in alice.text()
    company("PUT", f"/users/{company.people['alice']}", {"email": "alice.moved@example.com", "emailVerified": True})
    try:
        with person(browser) as alice:
            sign_in(center, alice, "alice")
            assert "signed in as alice@example.com" in alice.text(), alice.text()
    finally:
        company("PUT", f"/users/{company.people['alice']}", {"email": "alice@example.com", "emailVerified": True})


def test_an_unverified_address_matches_nobody(center, company, browser):
    company("PUT", f"/users/{company.people['bob']}", {"emailVerified": False})
    with person(browser) as bob:
        sign_in(center, bob, "bob")
        told = bob.text()
        assert "signed in as" not in told
    assert "verified" in str(story(center, told)).lower()
    company("PUT", f"/users/{company.people['bob']}", {"emailVerified": True})
    with person(browser) as bob:
        sign_in(center, bob, "bob")
        assert "signed in as bob@example.com" in bob.text()


def test_just_in_time_with_the_groups_claim(center, company, browser):
    gatehouse(center, "identity-source", "set", company.source, "--just-in-time=true", "--groups-claim", "groups")
    try:
        with person(browser) as dave:
            sign_in(center, dave, "dave")
            assert "signed in as" in dave.text(), dave.text()
        scim = Scim(center)
        made = scim.find("Users", "emails.value", "dave@example.com")
        group = scim.group("analysts")
        assert [member["value"] for member in group["members"]] == [made["id"]]
        # What the provider takes away is gone at the next sign-in.
        (there,) = company("GET", "/groups?search=analysts")
        company("DELETE", f"/users/{company.people['dave']}/groups/{there['id']}")
        with person(browser) as dave:
            sign_in(center, dave, "dave")
        assert not scim.group("analysts").get("members")
    finally:
        gatehouse(center, "identity-source", "set", company.source, "--just-in-time=false", "--no-groups-claim")


def test_signing_out_here_signs_out_there(center, company, browser):
    with person(browser) as alice:
        sign_in(center, alice, "alice")
        alice.press("Sign out")
        alice.page.wait_for_selector("main")
        assert "signed out" in alice.text().lower()
        alice.goto(center["GATEHOUSE_HTTPS"] + "/signin")
        alice.page.get_by_role("link", name="Sign in with Keycloak").click()
        alice.page.wait_for_selector("#password")


def test_an_administrator_at_keycloak_ends_the_session_here(center, company, browser):
    """Back-channel logout: no browser is involved."""
    with person(browser) as alice:
        sign_in(center, alice, "alice")
        company("POST", f"/users/{company.people['alice']}/logout")
        deadline = time.monotonic() + 5
        while "signed in as" in alice.text():
            assert time.monotonic() < deadline, "the session goes on"
            alice.page.reload()


def test_a_wrong_secret_is_told_with_its_mend(center, company, browser, tmp_path):
    file = tmp_path / "secret"
    file.write_text("not-the-secret")
    gatehouse(center, "identity-source", "set", company.source, "--client-secret-file", file)
    try:
        with person(browser) as bob:
            sign_in(center, bob, "bob")
            why = story(center, bob.text())
        assert "client secret" in why["Mend"] and "401" in why["Failed"]["Found"], why
    finally:
        file.write_text(SECRET)
        gatehouse(center, "identity-source", "set", company.source, "--client-secret-file", file)


def test_a_second_openid_provider(center, company, browser, tmp_path):
    """nanoidp beside Keycloak, for its own e-mail domain."""
    people = {"alice": {"password": "pw", "email": "alice@example.com", "groups": []}}
    nano = NanoIdp(tmp_path, people).start()
    try:
        made = add_source(center, tmp_path, "Nano", nano.url, secret="nanoidp-secret")
        redirect = source_of(center, made["SourceId"])["ServiceProvider"]["RedirectUri"]
        nano.stop()
        settings = tmp_path / "nanoidp/settings.yaml"
        settings.write_text(settings.read_text().replace(nano.redirect_uri, redirect))
        nano.redirect_uri = redirect
        nano.start()
        with person(browser) as alice:
            alice.goto(center["GATEHOUSE_HTTPS"] + "/signin")
            alice.page.get_by_role("link", name="Sign in with Nano").click()
            alice.page.locator("#username").fill("alice")
            alice.page.locator("#password").fill("pw")
            alice.page.keyboard.press("Enter")
            alice.page.wait_for_selector("main")
            told = alice.text()
        assert "signed in as alice@example.com" in told or "verified" in told, told
        gatehouse(center, "identity-source", "delete", made["SourceId"])
    finally:
        nano.stop()
