"""Walkthrough 1 from its first step to its last with the built-in identity provider in Okta's place, on a server that nobody prepared.

Identity Center and the provider are strangers to each other: they meet over SCIM, SAML and metadata files alone.
"""

import time

import pytest
from browser import chromium, person
from conftest import Server, binary
from helpers import RedshiftConnector, Scim, cli, gatehouse, refused_sign_in
from idp import PASSWORD, add_person, idp, sign_in
from test_organisation import READ, assign, create_application, create_cluster

# Two rows each: minutes of work for the engine, so only an end from outside finishes it in time.
LONG = "select count(*) from sales_schema.store_sales a0" + "".join(
    f" cross join sales_schema.store_sales a{number}" for number in range(1, 42)
)
OKTA = ("Okta", "idp")


@pytest.fixture(scope="module")
def bare(tmp_path_factory):
    server = Server(tmp_path_factory.mktemp("walkthrough") / "data", command=[binary(), "up"]).start()
    yield server
    assert server.stop() == 0


@pytest.fixture(scope="module")
def organisation(bare, tmp_path_factory):
    """Everything that walkthrough 1 sets up."""
    folder = tmp_path_factory.mktemp("okta")
    people_at_the_provider(bare)
    application = connect(bare, folder)
    push(bare, folder, application)
    warehouse(bare)
    return application


def people_at_the_provider(server):
    for group in ("awssso-sales", "awssso-finance"):
        idp(server, "group", "add", group)
    add_person(server, "ethan@example.com", "awssso-sales")
    add_person(server, "fiona@example.com", "awssso-finance")
    add_person(server, "olivia@example.com", "awssso-sales", "awssso-finance")
    add_person(server, "nina@example.com")


def connect(server, folder):
    """SAML both ways: our metadata there, theirs here."""
    application = idp(
        server, "app", "add", "identity-center", "AWS IAM Identity Center", "--group", "awssso-sales", "--group", "awssso-finance",
    )
    theirs, ours = folder / "idp.xml", folder / "sp.xml"
    idp(server, "app", "metadata", application["slug"], "--out", theirs)
    source = gatehouse(server, "identity-source", "add", "saml", "Okta", "--metadata", theirs, "--contact", "the help desk")["IdentitySource"]
    gatehouse(server, "identity-source", "metadata", source["SourceId"], "--out", ours)
    idp(server, "app", "upload-sp-metadata", application["slug"], ours)
    return application


def push(server, folder, application):
    """The automatic provisioning of the walkthrough's first step: a SCIM token here, endpoint and token there, a dry run, the push."""
    token = folder / "token"
    token.write_text(gatehouse(server, "scim-token", "create")["BearerToken"])
    idp(
        server, "push", "add", "Identity Center", "--url", server["SCIM_URL"], "--token-file", token, "--app", application["slug"],
        "--push-group", "awssso-sales", "--push-group", "awssso-finance", "--private-network", "--disabled",
    )
    dry = str(idp(server, "push", "dry-run", "Identity Center"))
    assert all(name in dry for name in ("ethan@example.com", "fiona@example.com", "olivia@example.com", "awssso-sales"))
    assert "nina@example.com" not in dry, "only people of the application's groups are pushed"
    assert Scim(server)("GET", "/Users", expect=200)["totalResults"] == 0, "a dry run writes nothing"
    idp(server, "push", "set", "Identity Center", "--enable")
    idp(server, "push", "sync", "Identity Center")
    scim = Scim(server)
    assert {user["userName"] for user in scim("GET", "/Users", expect=200)["Resources"]} == {
        "ethan@example.com", "fiona@example.com", "olivia@example.com"}
    assert len(scim.group("awssso-sales")["members"]) == 2


def warehouse(server):
    instance = cli(server, "sso-admin", "list-instances")["Instances"][0]
    groups = {
        group["DisplayName"]: group["GroupId"]
        for group in cli(server, "identitystore", "list-groups", "--identity-store-id", instance["IdentityStoreId"])["Groups"]
    }
    application = create_application(server, instance["InstanceArn"])
    assign(server, application, groups)
    cluster = create_cluster(server, application)
    server.endpoint = cluster["Endpoint"]


def driver(server, who, statements, **options):
    return RedshiftConnector(server, who, statements, password=PASSWORD, provider=OKTA, endpoint=server.endpoint, **options)


def test_who_may_read_what(bare, organisation):
    who, sales, revenue = driver(bare, "ethan@example.com", READ).answers
    assert who == {"rows": [["awsidc:ethan@example.com"]]}
    assert [row[0] for row in sales["rows"]] == ["product1", "product2"]
    assert revenue["error"]["C"] == "42501" and "awssso-sales" in revenue["error"]["D"]
    who, sales, revenue = driver(bare, "fiona@example.com", READ).answers
    assert sales["error"]["C"] == "42501" and len(revenue["rows"]) == 2


def test_who_isnt_authorised_at_the_provider_gets_no_assertion(bare, organisation, tmp_path):
    """Implicit deny at the provider: its page says which groups would do."""
    with chromium(bare) as browser, person(browser) as nina:
        nina.goto(f"{bare['IDP_URL']}/open/{organisation['slug']}")
        sign_in(nina, "nina@example.com")
        told = nina.text()
        assert "awssso-sales" in told and "awssso-finance" in told and "Reference" in told, told


def test_removal_at_the_provider_ends_the_open_session_within_a_second(bare, organisation, tmp_path):
    idle = driver(bare, "olivia@example.com", ["select 1"], hold=True)
    busy = driver(bare, "olivia@example.com", ["select 1"], hold=True)
    busy.send(LONG)
    time.sleep(0.3)  # the statement is under way; what is measured begins now
    idp(bare, "person", "deactivate", "olivia@example.com")
    started = time.monotonic()
    running = busy.receive()
    took = time.monotonic() - started
    stopped = idle.ask("select 1")
    idle.close()
    busy.close()
    assert running["error"].get("C") == "57014", running
    assert "error" in stopped, stopped
    assert took < 1, f"the running statement ended {took:.2f} s after the command"
    assert Scim(bare).user("olivia@example.com")["active"] is False
    told = refused_sign_in(bare, "olivia@example.com", tmp_path, password=PASSWORD, provider=OKTA)
    assert "Reference" in told or "password" in told.lower(), told


def test_a_group_that_is_taken_away_at_the_provider_counts_from_the_next_statement(bare, organisation):
    held = driver(bare, "fiona@example.com", ["select count(*) from finance_schema.revenue"], hold=True)
    assert held.answers == [{"rows": [["2"]]}]
    idp(bare, "group", "add-member", "awssso-sales", "fiona@example.com")
    deadline = time.monotonic() + 3
    while "error" in held.ask("select count(*) from sales_schema.store_sales"):
        assert time.monotonic() < deadline, "the pushed group doesn't count"
    idp(bare, "group", "remove-member", "awssso-sales", "fiona@example.com")
    deadline = time.monotonic() + 3
    while "error" not in held.ask("select count(*) from sales_schema.store_sales"):
        assert time.monotonic() < deadline, "the lost group still counts"
    held.close()


def test_everything_is_one_story(bare, organisation):
    """From the assertion to the statement under one reference."""
    found = cli(bare, "cloudtrail", "lookup-events", "--lookup-attributes", "AttributeKey=Username,AttributeValue=ethan@example.com")
    assert found["Events"], "the sign-in is an event"


def test_the_clean_up(bare, organisation):
    """The last steps, at the provider and here."""
    assert "delete" in idp(bare, "app", "delete", organisation["slug"], "--type-count", "2", expect=1).lower()
    idp(bare, "push", "delete", "Identity Center")
    idp(bare, "app", "deactivate", organisation["slug"])
    with chromium(bare) as browser, person(browser) as ethan:
        ethan.goto(f"{bare['IDP_URL']}/open/{organisation['slug']}")
        sign_in(ethan, "ethan@example.com")
        assert "switched off" in ethan.text(), ethan.text()
    idp(bare, "app", "delete", organisation["slug"], "--type-count", "1")
    (source,) = gatehouse(bare, "identity-source", "list")["IdentitySources"]
    gatehouse(bare, "identity-source", "delete", source["SourceId"])
