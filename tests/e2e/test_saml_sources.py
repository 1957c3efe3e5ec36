"""Identity Center with third-party SAML identity providers: Keycloak, SimpleSAMLphp, nanoidp, each driven in a real Chromium."""

import pytest
from browser import chromium, person
from conftest import Server
from helpers import RedshiftConnector, Scim, gatehouse, refused_sign_in
from peers_nanoidp import NanoIdp
from peers_simplesamlphp import SimpleSamlPhp

READ = ["select current_user", "select product from sales_schema.store_sales order by 1", "select * from finance_schema.revenue"]
PASSWORD = "company-Password-1"


@pytest.fixture(scope="module")
def center(tmp_path_factory):
    server = Server(tmp_path_factory.mktemp("saml-sources") / "data").start()
    for demo in gatehouse(server, "identity-source", "list")["IdentitySources"]:
        gatehouse(server, "identity-source", "delete", demo["SourceId"])
    scim = Scim(server)
    sales = scim.group("awssso-sales")["id"]
    for name in ("alice@example.com", "bob@example.com", "sue@simple.example"):
        identifier = scim.create_user(name, emails=[{"value": name, "primary": True}])["id"]
        scim.patch("Groups", sales, {"op": "add", "path": "members", "value": [{"value": identifier}]})
    yield server
    assert server.stop() == 0


@pytest.fixture(scope="module")
def browser(center):
    with chromium(center) as running:
        yield running


@pytest.fixture(scope="module")
def company(center, keycloak):
    """A realm of Keycloak as identity source "Keycloak"; alice and bob are provisioned, carol isn't."""
    realm = keycloak.realm("company")
    realm.people = {name: realm.person(f"{name}@example.com", PASSWORD) for name in ("alice", "bob", "carol")}
    made = add_source(
        center, "Keycloak", f"{realm.url}/protocol/saml/descriptor", "--private-network", "--contact", "the help desk, room 7",
    )
    realm.source = made["SourceId"]
    ours = source_of(center, realm.source)["ServiceProvider"]
    realm.client = realm.saml_client(ours["EntityId"], ours["AcsUrl"], slo=ours["LogoutUrl"], initiated="gatehouse")
    yield realm
    gatehouse(center, "identity-source", "delete", realm.source)


def add_source(center, name, metadata, *options):
    return gatehouse(center, "identity-source", "add", "saml", name, "--metadata", metadata, *options)["IdentitySource"]


def source_of(center, source):
    return gatehouse(center, "identity-source", "show", source)["IdentitySource"]


def at_keycloak(someone, name, password=PASSWORD):
    page = someone.page
    page.locator("#username").fill(f"{name}@example.com")
    page.locator("#password").fill(password)
    page.locator("#kc-login").click()
    page.wait_for_selector("main")
    someone.settle()


def sign_in(center, someone, name):
    someone.goto(center["GATEHOUSE_HTTPS"] + "/signin")
    someone.page.get_by_role("link", name="Sign in with Keycloak").click()
    at_keycloak(someone, name)


def reference(text):
    return text.split("Reference:")[1].split()[0]


def story(center, text):
    return gatehouse(center, "explain", "login", reference(text))


def test_a_person_signs_in_at_keycloak_and_reads_with_the_driver(center, company):
    """The deep link (the driver's /authorize) is kept through the foreign sign-in."""
    alice = RedshiftConnector(center, "alice@example.com", READ, password=PASSWORD, provider=("Keycloak", "keycloak"))
    who, sales, revenue = alice.answers
    assert who == {"rows": [["awsidc:alice@example.com"]]}
    assert sales["rows"] == [["product1"], ["product2"], ["product3"], ["product4"]]
    assert revenue["error"]["C"] == "42501" and revenue["error"]["M"] == "permission denied for schema finance_schema"


def test_whoever_isnt_provisioned_is_told_so_and_to_whom_to_turn(center, company, browser):
    with person(browser) as carol:
        sign_in(center, carol, "carol")
        told = carol.text()
        assert "carol@example.com" in told and "the help desk, room 7" in told, told
        assert not carol.violations()
    why = story(center, told)
    assert why["Reason"], why
    assert "SCIM" in why["Mend"] or "provision" in why["Mend"].lower(), why


def test_just_in_time_makes_the_person_only_where_it_is_switched_on(center, company, browser):
    gatehouse(center, "identity-source", "set", company.source, "--just-in-time=true")
    try:
        with person(browser) as carol:
            sign_in(center, carol, "carol")
            assert "signed in as carol@example.com" in carol.text()
    finally:
        gatehouse(center, "identity-source", "set", company.source, "--just-in-time=false")
        made = Scim(center).user("carol@example.com")
        Scim(center)("DELETE", f"/Users/{made['id']}", expect=204)


def test_a_tile_at_keycloak_leads_in_without_a_request_of_ours(center, company, browser):
    tile = f"{company.url}/protocol/saml/clients/gatehouse"
    with person(browser) as bob:
        bob.page.goto(tile)
        at_keycloak(bob, "bob")
        assert "signed in as bob@example.com" in bob.text()
    gatehouse(center, "identity-source", "set", company.source, "--idp-initiated=false")
    try:
        with person(browser) as bob:
            bob.page.goto(tile)
            at_keycloak(bob, "bob")
            told = bob.text()
            assert "signed in as" not in told
            assert "idp-initiated" in story(center, told)["Mend"]
    finally:
        gatehouse(center, "identity-source", "set", company.source, "--idp-initiated=true")


def test_signing_out_here_signs_out_there(center, company, browser):
    with person(browser) as alice:
        sign_in(center, alice, "alice")
        alice.press("Sign out")
        alice.page.wait_for_selector("main")
        assert "signed out" in alice.text().lower()
        alice.goto(center["GATEHOUSE_HTTPS"] + "/signin")
        alice.page.get_by_role("link", name="Sign in with Keycloak").click()
        alice.page.wait_for_selector("#password")  # Keycloak asks again: its session has ended too


def test_signing_out_there_signs_out_here(center, company, browser):
    with person(browser) as alice, person(browser) as bob:
        sign_in(center, alice, "alice")
        sign_in(center, bob, "bob")
        alice.page.goto(f"{company.url}/protocol/openid-connect/logout")
        alice.page.locator("#kc-logout").click()
        alice.page.wait_for_load_state("networkidle")
        alice.goto(center["GATEHOUSE_HTTPS"] + "/signin")
        assert "signed in as" not in alice.text()
        bob.page.reload()
        assert "signed in as bob@example.com" in bob.text(), "nobody else's session ended"


def test_a_new_key_at_keycloak_is_refused_until_the_metadata_is_refreshed(center, company, browser):
    company.new_saml_key()
    with person(browser) as alice:
        sign_in(center, alice, "alice")
        told = alice.text()
    why = story(center, told)
    assert "signature" in why["Failed"]["Check"], why
    assert "identity-source certificate add" in why["Mend"] or "identity-source refresh" in why["Mend"], why
    before = source_of(center, company.source)["Saml"]["Certificates"]
    gatehouse(center, "identity-source", "refresh", company.source)
    after = source_of(center, company.source)["Saml"]["Certificates"]
    assert len(after) == len(before) + 1, "the old certificate stays beside the new one"
    with person(browser) as alice:
        sign_in(center, alice, "alice")
        assert "signed in as alice@example.com" in alice.text()


def test_a_disabled_source_ends_who_came_through_it(center, company, browser):
    with person(browser) as alice:
        sign_in(center, alice, "alice")
        gatehouse(center, "identity-source", "set", company.source, "--disable")
        try:
            alice.goto(center["GATEHOUSE_HTTPS"] + "/signin")
            assert "signed in as" not in alice.text()
            assert not alice.page.get_by_role("link", name="Sign in with Keycloak").count()
        finally:
            gatehouse(center, "identity-source", "set", company.source, "--enable")


def test_the_e_mail_domain_chooses_among_several_sources(center, company, browser, tmp_path):
    """Two SAML providers at once: Keycloak for example.com, SimpleSAMLphp for simple.example."""
    simple = SimpleSamlPhp(tmp_path, {"sue": ("sue-Password-1", "sue@simple.example", ["awssso-sales"])}).start()
    try:
        metadata = tmp_path / "simple.xml"
        metadata.write_text(simple.metadata())
        source = add_source(center, "Simple", metadata, "--domain", "simple.example", "--private-network")["SourceId"]
        ours = source_of(center, source)["ServiceProvider"]
        simple.service_provider(ours["EntityId"], ours["AcsUrl"], ours["LogoutUrl"])
        with person(browser, width=390) as sue:
            sue.goto(center["GATEHOUSE_HTTPS"] + "/signin")
            assert not sue.violations() and not sue.scrolls_sideways()
            sue.page.get_by_label("e-mail", exact=False).first.fill("sue@simple.example")
            sue.page.keyboard.press("Enter")
            sue.page.wait_for_selector("#password")
            sue.page.locator("#username").fill("sue")
            sue.page.locator("#password").fill("sue-Password-1")
            sue.page.keyboard.press("Enter")
            sue.page.wait_for_selector("main")
            assert "signed in as sue@simple.example" in sue.text()
        with person(browser) as sue:
            sue.page.goto(simple.tile(ours["EntityId"]))
            sue.page.locator("#username").fill("sue")
            sue.page.locator("#password").fill("sue-Password-1")
            sue.page.keyboard.press("Enter")
            sue.page.wait_for_selector("main")
            assert "signed in as sue@simple.example" in sue.text(), "a tile of SimpleSAMLphp works too"
        gatehouse(center, "identity-source", "delete", source)
    finally:
        simple.stop()


def test_a_signature_at_another_place_is_refused(center, company, browser, tmp_path):
    """nanoidp signs the Response alone, and puts the signature behind everything else."""
    nano = NanoIdp(tmp_path, {"alice@example.com": {"password": "pw", "email": "alice@example.com", "groups": []}}).start()
    metadata = tmp_path / "nano.xml"
    metadata.write_text(nano.metadata())
    source = add_source(center, "Nano", metadata, "--private-network")["SourceId"]
    try:
        with person(browser) as alice:
            told = refused_through(center, alice, "Nano", "alice@example.com", "pw")
        why = story(center, told)
        assert why["Failed"]["Check"] == "signature form" and "Issuer" in why["Failed"]["Expected"], why
    finally:
        gatehouse(center, "identity-source", "delete", source)
        nano.stop()


def test_an_assertion_that_isnt_signed_itself_is_refused_with_what_to_switch_on(center, company, browser, tmp_path):
    """SimpleSAMLphp, told to sign the Response alone."""
    simple = SimpleSamlPhp(tmp_path, {"sue": ("sue-Password-1", "sue@simple.example", [])}).start()
    metadata = tmp_path / "simple.xml"
    metadata.write_text(simple.metadata())
    source = add_source(center, "Simple", metadata, "--private-network")["SourceId"]
    ours = source_of(center, source)["ServiceProvider"]
    simple.service_provider(ours["EntityId"], ours["AcsUrl"], ours["LogoutUrl"], sign_assertion=False)
    try:
        with person(browser) as sue:
            told = refused_through(center, sue, "Simple", "sue", "sue-Password-1")
        why = story(center, told)
        assert why["Failed"]["Check"] == "signed" and "assertion" in why["Mend"].lower(), why
    finally:
        gatehouse(center, "identity-source", "delete", source)
        simple.stop()


def refused_through(center, someone, source, name, password):
    """What the page says after a sign-in at a provider with the usual form."""
    someone.goto(center["GATEHOUSE_HTTPS"] + "/signin")
    someone.page.get_by_role("link", name=f"Sign in with {source}").click()
    someone.page.locator("#username").fill(name)
    someone.page.locator("#password").fill(password)
    someone.page.keyboard.press("Enter")
    someone.page.wait_for_selector("main")
    someone.settle()
    assert "signed in as" not in someone.text()
    return someone.text()


def test_without_the_directory_there_is_no_password_form(center, company, browser, tmp_path):
    gatehouse(center, "identity-source", "directory", "disable")
    try:
        with person(browser) as alice:
            alice.page.goto(center["GATEHOUSE_HTTPS"] + "/signin")
            alice.page.wait_for_selector("#kc-login")  # the only way in is taken at once
        refused = gatehouse(center, "identity-source", "set", company.source, "--disable", expect=1)
        assert "directory" in refused, refused
    finally:
        gatehouse(center, "identity-source", "directory", "enable")


def test_a_person_deactivated_meanwhile_is_refused(center, company, tmp_path):
    scim = Scim(center)
    scim.set_active("bob@example.com", False)
    try:
        told = refused_sign_in(center, "bob@example.com", tmp_path, password=PASSWORD, provider=("Keycloak", "keycloak"))
    finally:
        scim.set_active("bob@example.com", True)
    assert "bob@example.com" in told and "Reference" in told, told
