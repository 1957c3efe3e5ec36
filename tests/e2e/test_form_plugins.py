"""The drivers' form plugins (Okta, PingFederate, AD FS) against the pages of the built-in provider: no browser, the password in the program.

The server listens on port 443 of a loopback address, because redshift_connector can't be told another port for Ping and AD FS.
"""

import json
import ssl
import urllib.error
import urllib.request

import pytest
from browser import chromium, person
from conftest import Server, binary
from helpers import RedshiftConnector
from idp import PASSWORD, add_person, idp, sign_in, totp
from jdbc import jdbc  # noqa: F401, a fixture
from jumpcloud import GROUP, BuiltIn
from test_saml_walkthrough import PROVIDER, READ, ROLE, create_cluster, create_role, create_security_group, master, ok, register_provider

HOST = "127.0.0.77"
DRIVERS = ["2.2", "2.1", "jdbc"]
PLUGINS = ["OktaCredentialsProvider", "PingCredentialsProvider", "AdfsCredentialsProvider"]
# All that redshift_connector lets its caller know.
DRIVERS_WORDS = "Failed to get SAML assertion"
SWITCH = "gatehouse idp policy form-plugins on"


class OnPort443(Server):
    """The https listener at an address of its own, as its public one."""

    def start(self, deadline_seconds=120, ports=None):
        self.options = ["--idp-url", f"https://{HOST}"]
        self.command = [*self.command, "--https", f"{HOST}:443"]
        return super().start(deadline_seconds, {"--http": 0, "--sql": 0})


@pytest.fixture(scope="module")
def ready(tmp_path_factory, jdbc):  # noqa: F811
    folder = tmp_path_factory.mktemp("form-plugins")
    server = OnPort443(folder / "data", command=[binary(), "up"]).start()
    provider = BuiltIn(server)
    metadata = provider.prepare(folder, f"{ROLE},{PROVIDER}")
    register_provider(server, provider, metadata, folder)
    create_role(server)
    provider.cluster = create_cluster(server, create_security_group(server))
    add_person(server, "carol", GROUP)
    ok(master(
        provider, jdbc, f"create group {GROUP}", "create schema reports", "create table reports.sales (product varchar(20), amount int)",
        "insert into reports.sales values ('product1', 1), ('product2', 2)", "create table reports.salaries (who varchar(20))",
        f"grant usage on schema reports to group {GROUP}", f"grant select on reports.sales to group {GROUP}",
    ))
    said = idp(server, "policy", "form-plugins")
    assert said["form_plugins"] == "off", "off until an administrator says otherwise"
    idp(server, "policy", "form-plugins", "on")
    yield provider
    assert server.stop() == 0


def connect(ready, jdbc, driver, plugin, who, password=PASSWORD, statements=("select 1",)):  # noqa: F811
    """The first column of all rows that came and the texts of what was denied; one text when there is no connection."""
    if driver == "jdbc":
        return by_jdbc(ready, jdbc, plugin, who, password, statements)
    return by_python(ready, driver, plugin, who, password, statements)


def by_python(ready, driver, plugin, who, password, statements):
    server = ready.server
    arguments = {
        "iam": True, "host": ready.cluster["Address"], "port": ready.cluster["Port"], "database": "testdb", "cluster_identifier": "analytics",
        "region": "us-east-1", "credentials_provider": plugin, "idp_host": HOST, "user": who, "password": password, "timeout": 60,
        "endpoint_url": server["AWS_ENDPOINT_URL"], "app_id": ready.application["slug"],
    }
    asked = RedshiftConnector(
        server, who, list(statements), driver=driver, connect=arguments, more={"AWS_ENDPOINT_URL_STS": server["GATEHOUSE_HTTPS"]}
    )
    answers = asked.answers
    if "refused" in answers[0]:
        return str(answers[0]["refused"])
    return [line for answer in answers for line in ([row[0] for row in answer["rows"]] if "rows" in answer else [str(answer["error"])])]


def by_jdbc(ready, jdbc, plugin, who, password, statements):  # noqa: F811
    lines = jdbc.query(
        ready.server, f"jdbc:redshift:iam://{ready.cluster['Address']}:{ready.cluster['Port']}/testdb",
        {
            "plugin_name": f"com.amazon.redshift.plugin.{plugin}", "idp_host": HOST, "idp_port": "443", "user": who, "password": password,
            "app_id": ready.application["slug"], "ClusterID": "analytics", "Region": "us-east-1",
            "EndpointUrl": ready.server["AWS_ENDPOINT_URL"], "StsEndpointUrl": ready.server["GATEHOUSE_HTTPS"],
        },
        *statements,
    )
    if not lines[0][0].startswith("connected"):
        return " ".join(lines[0])
    return [line[1] if line[0] == "row" else " ".join(line) for line in lines[1:]]


@pytest.mark.parametrize("plugin", PLUGINS)
@pytest.mark.parametrize("driver", DRIVERS)
def test_a_person_of_the_group_reads_what_it_may(ready, jdbc, driver, plugin):  # noqa: F811
    came = connect(ready, jdbc, driver, plugin, "jane", statements=["select current_user", READ, "select * from reports.salaries"])
    assert came[:-1] == ["jane", "product1", "product2"], came
    assert "42501" in came[-1] and "salaries" in came[-1]


@pytest.mark.parametrize("plugin", PLUGINS)
@pytest.mark.parametrize("driver", DRIVERS)
def test_a_wrong_password_gets_nothing(ready, jdbc, driver, plugin):  # noqa: F811
    refused = connect(ready, jdbc, driver, plugin, "joe", password="not-the-Password-1")
    assert (DRIVERS_WORDS if driver != "jdbc" else "Unauthorized") in refused


@pytest.mark.parametrize("plugin", PLUGINS)
@pytest.mark.parametrize("driver", DRIVERS)
def test_who_isnt_authorised_gets_no_assertion(ready, jdbc, driver, plugin):  # noqa: F811
    refused = connect(ready, jdbc, driver, plugin, "nick")
    assert (DRIVERS_WORDS if driver != "jdbc" else "Forbidden") in refused


@pytest.fixture(scope="module")
def second_factor(ready):
    """Carol sets up an authenticator app."""
    with chromium(ready.server) as browser, person(browser) as carol:
        carol.goto(f"{ready.server['IDP_URL']}/account/totp")
        sign_in(carol, "carol")
        secret = carol.page.locator(".secret").inner_text()
        carol.page.locator("#code").fill(totp(secret))
        carol.page.keyboard.press("Enter")
        carol.page.wait_for_selector(".codes")
    return "carol"


@pytest.mark.parametrize("plugin", PLUGINS)
@pytest.mark.parametrize("driver", DRIVERS)
def test_who_has_a_second_factor_is_refused(ready, jdbc, driver, plugin, second_factor):  # noqa: F811
    refused = connect(ready, jdbc, driver, plugin, second_factor)
    expected = "No session token in the response" if plugin.startswith("Okta") else "Forbidden"
    assert (DRIVERS_WORDS if driver != "jdbc" else expected) in refused


def fetch(ready, path, data=None, headers=None):
    """Status and text at the provider's root."""
    tls = ssl.create_default_context(cafile=ready.server["GATEHOUSE_CA"])
    request = urllib.request.Request(f"https://{HOST}{path}", data, headers or {})
    try:
        with urllib.request.urlopen(request, context=tls, timeout=20) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def authenticate(ready, who, password=PASSWORD):
    body = json.dumps({"username": who, "password": password}).encode()
    status, text = fetch(ready, "/api/v1/authn", body, {"Content-Type": "application/json"})
    return status, json.loads(text)


def test_the_refusals_say_why(ready, second_factor):
    assert authenticate(ready, second_factor)[1]["status"] == "MFA_REQUIRED"
    status, error = authenticate(ready, "jane", "not-the-Password-1")
    assert (status, error["errorCode"]) == (401, "E0000004")
    status, page = fetch(ready, "/idp/startSSO.ping?PartnerSpId=urn:amazon:webservices", f"pf.username=carol&pf.pass={PASSWORD}".encode())
    assert status == 403 and "second factor" in page and "BrowserSamlCredentialsProvider" in page


def test_a_given_assertion_signs_in_too(ready, jdbc):  # noqa: F811
    """BasicSamlCredentialsProvider of the JDBC driver: the assertion comes from elsewhere."""
    status, page = fetch(ready, "/idp/startSSO.ping?PartnerSpId=urn:amazon:webservices", f"pf.username=jane&pf.pass={PASSWORD}".encode())
    assert status == 200, page
    response = page.split('name="SAMLResponse" value="')[1].split('"')[0]
    lines = jdbc.query(
        ready.server, f"jdbc:redshift:iam://{ready.cluster['Address']}:{ready.cluster['Port']}/testdb",
        {
            "plugin_name": "com.amazon.redshift.plugin.BasicSamlCredentialsProvider", "saml_assertion": response, "ClusterID": "analytics",
            "Region": "us-east-1", "EndpointUrl": ready.server["AWS_ENDPOINT_URL"], "StsEndpointUrl": ready.server["GATEHOUSE_HTTPS"],
        },
        "select current_user",
    )
    assert ok(lines) == [["jane"]]


def test_the_pages_are_accessible(ready):
    with chromium(ready.server) as browser, person(browser) as somebody:
        for path in ("/idp/startSSO.ping?PartnerSpId=urn:amazon:webservices", "/adfs/ls/IdpInitiatedSignOn.aspx?loginToRp=urn:amazon:webservices"):
            somebody.goto(f"https://{HOST}{path}")
            assert "Sign in" in somebody.text() and somebody.violations() == []
        somebody.goto(f"https://{HOST}/idp/startSSO.ping?PartnerSpId=nothing")
        assert "nothing" in somebody.text() and somebody.violations() == []


def test_switched_off_nothing_answers(ready, jdbc):  # noqa: F811
    """The command counts at once, and its name is on the page."""
    idp(ready.server, "policy", "form-plugins", "off")
    try:
        assert SWITCH in fetch(ready, "/adfs/ls/IdpInitiatedSignOn.aspx?loginToRp=urn:amazon:webservices")[1]
        assert SWITCH in authenticate(ready, "jane")[1]["errorSummary"]
        assert "Forbidden" in connect(ready, jdbc, "jdbc", "OktaCredentialsProvider", "jane")
    finally:
        idp(ready.server, "policy", "form-plugins", "on")
