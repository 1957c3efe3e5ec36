"""Logins with JSON Web Tokens through an identity provider of type azure: the real Python and JDBC drivers, with tokens of Keycloak and of
the built-in provider."""

import json
import urllib.parse
import urllib.request

import pytest
from conftest import Server
from helpers import RedshiftConnector, gatehouse, pg
from jdbc import jdbc  # noqa: F401  (a fixture)
from oauth import REDIRECT
from operations_sts import signed_in

PASSWORD = "Correct-horse-9"
PLUGIN = "com.amazon.redshift.plugin.BasicJwtCredentialsProvider"


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    """Keycloak is on this machine, which has to be allowed."""
    server = Server(tmp_path_factory.mktemp("jwt") / "data", options=["--private-providers"]).start()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def company(house, keycloak):
    realm = keycloak.realm("jwt-company")
    alice = realm.person("alice@example.com", PASSWORD)
    realm.group("sales", alice)
    client = realm("POST", "/clients", {
        "clientId": "warehouse", "protocol": "openid-connect", "enabled": True, "publicClient": True, "directAccessGrantsEnabled": True,
        "standardFlowEnabled": False,
    })
    for kind, config in [
        ("oidc-group-membership-mapper", {"claim.name": "groups", "full.path": "false", "id.token.claim": "true"}),
        ("oidc-audience-mapper", {"included.custom.audience": "api://warehouse"}),
    ]:
        realm("POST", f"/clients/{client}/protocol-mappers/models", {
            "name": kind, "protocol": "openid-connect", "protocolMapper": kind, "config": {"access.token.claim": "true", **config},
        })
    with pg(house) as connection:
        create(connection, realm)
        connection.execute('create role "aad:sales"')
        connection.execute('grant usage on schema sales_schema to role "aad:sales"')
        connection.execute('grant select on all tables in schema sales_schema to role "aad:sales"')
    return realm


def create(connection, realm):
    parameters = {"issuer": realm.url, "client_id": "none", "client_secret": "S3cret-of-entra", "audience": ["api://warehouse"]}
    connection.execute(f"create identity provider entra type azure namespace 'aad' parameters '{json.dumps(parameters)}'")


def token(realm, kind="access_token", name="alice@example.com"):
    form = {"grant_type": "password", "client_id": "warehouse", "scope": "openid", "username": name, "password": PASSWORD}
    body = urllib.parse.urlencode(form).encode()
    with urllib.request.urlopen(f"{realm.url}/protocol/openid-connect/token", body, timeout=20) as answer:
        return json.load(answer)[kind]


def basic_jwt(house, jwt, iam=True, **more):
    return {
        "host": house["SQL_HOST"], "port": int(house["SQL_PORT"]), "database": house["SQL_DATABASE"], "iam": iam, "timeout": 60,
        "credentials_provider": "BasicJwtCredentialsProvider", "web_identity_token": jwt, **more,
    }


@pytest.mark.parametrize("driver", ["2.1", "2.2"])
@pytest.mark.parametrize("iam", [True, False])
def test_the_python_driver_signs_in_with_a_token_of_keycloak(house, company, driver, iam):
    answers = RedshiftConnector(
        house, "alice", ["select current_user", "select count(*) from sales_schema.store_sales", "select * from finance_schema.revenue"],
        driver=driver, connect=basic_jwt(house, token(company), iam),
    ).answers
    assert answers[0] == {"rows": [["aad:alice@example.com"]]}
    assert answers[1] == {"rows": [["4"]]}
    assert answers[2]["error"]["M"] == "permission denied for schema finance_schema"


def test_jdbc_signs_in_with_a_token_of_keycloak(house, company, jdbc):  # noqa: F811
    url = f"jdbc:redshift:iam://{house['SQL_HOST']}:{house['SQL_PORT']}/{house['SQL_DATABASE']}"
    lines = jdbc.query(
        house, url, {"plugin_name": PLUGIN, "webIdentityToken": token(company)}, "select current_user",
        "select count(*) from sales_schema.store_sales",
    )
    assert ["row", "aad:alice@example.com"] in lines and ["row", "4"] in lines, lines


def refused(house, jwt):
    answer = RedshiftConnector(house, "alice", [], connect=basic_jwt(house, jwt)).answers[0]["refused"]
    assert answer["C"] == "28000", answer
    return answer


def test_a_token_for_somebody_else_and_a_changed_one_are_refused_by_the_check(house, company):
    told = refused(house, token(company, "id_token"))
    assert told["M"] == "invalid token" and "audience is warehouse" in told["D"], told
    head, body, signature = token(company).split(".")
    told = refused(house, ".".join([head, body, signature[:-8] + "AAAAAAAA"]))
    assert "signature" in told["D"], told


def test_the_person_is_in_the_views_and_the_secret_nowhere(house, company):
    RedshiftConnector(house, "alice", ["select 1"], connect=basic_jwt(house, token(company)))
    with pg(house) as connection:
        rows = connection.execute(
            "select user_name, auth_method from sys_connection_log where user_name = 'aad:alice@example.com'"
        ).fetchall()
        assert ("aad:alice@example.com", "IdP token") in [tuple(map(str.strip, row)) for row in rows]
        (provider,) = connection.execute("select type, params from svv_identity_providers where name = 'entra'").fetchall()
    assert provider[0] == "azure" and json.loads(provider[1])["client_secret"] == ""
    for file in house.data_dir.rglob("*"):
        assert not file.is_file() or b"S3cret-of-entra" not in file.read_bytes(), file


def test_a_disabled_provider_ends_its_sessions(house, company):
    held = RedshiftConnector(house, "alice", ["select 1"], hold=True, connect=basic_jwt(house, token(company)))
    with pg(house) as connection:
        connection.execute("alter identity provider entra disable")
        try:
            assert "error" in held.ask("select 1")
            assert refused(house, token(company))["M"] == 'identity provider "entra" is disabled'
        finally:
            connection.execute("alter identity provider entra enable")
    held.close()


def test_without_its_permissions_the_role_makes_nothing_and_explain_tells_why(house):
    with pg(house) as connection, pytest.raises(Exception) as refusal:
        connection.execute(
            'alter identity provider "redshift-idc-app" iam_role \'arn:aws:iam::123456789012:role/administratoraccess\''
        )
    diagnosis = refusal.value.diag
    message = diagnosis.message_primary
    assert message.startswith("(arn:aws:iam::123456789012:role/administratoraccess) Insufficient privileges to access AWS IdC. [ErrorId: ")
    assert "doesn't exist" in diagnosis.message_detail, diagnosis.message_detail
    reference = message.split("[ErrorId: ")[1].rstrip("]")
    told = json.dumps(gatehouse(house, "explain", "login", reference), ensure_ascii=False)
    assert "doesn't exist" in told and "CreateRole" in told, told


@pytest.fixture(scope="module")
def own(house):
    """The built-in provider, by an OpenID application whose tokens carry the person's groups. Gives the application's client id."""
    made = gatehouse(
        house, "idp", "app", "add", "oidc", "Warehouse tokens", "--group", "redshift_dbgroup", "--public", "--redirect-uri", REDIRECT,
        "--group-claim", "groups", "--groups-sent", "of-person",
    )
    parameters = {"issuer": house["IDP_URL"], "client_id": made["client_id"], "audience": [made["client_id"]]}
    with pg(house) as connection:
        connection.execute(f"create identity provider own type azure namespace 'own' parameters '{json.dumps(parameters)}'")
        connection.execute('create role "own:awssso-sales"')
        connection.execute('grant usage on schema sales_schema to role "own:awssso-sales"')
        connection.execute('grant select on all tables in schema sales_schema to role "own:awssso-sales"')
    return made["client_id"]


def of_provider(house, own, who="ethan"):
    return signed_in(house, own, who, scope="openid profile groups")


@pytest.mark.parametrize("driver", ["2.1", "2.2"])
def test_the_python_driver_signs_in_with_a_token_of_the_built_in_provider(house, own, driver):
    answers = RedshiftConnector(
        house, "ethan", ["select current_user", "select count(*) from sales_schema.store_sales", "select * from finance_schema.revenue"],
        driver=driver, connect=basic_jwt(house, of_provider(house, own)["id_token"]),
    ).answers
    assert answers[0] == {"rows": [["own:ethan"]]}
    assert answers[1] == {"rows": [["4"]]}
    assert answers[2]["error"]["M"] == "permission denied for schema finance_schema"


def test_jdbc_signs_in_with_a_token_of_the_built_in_provider(house, own, jdbc):  # noqa: F811
    url = f"jdbc:redshift:iam://{house['SQL_HOST']}:{house['SQL_PORT']}/{house['SQL_DATABASE']}"
    lines = jdbc.query(
        house, url, {"plugin_name": PLUGIN, "webIdentityToken": of_provider(house, own)["id_token"]}, "select current_user",
        "select count(*) from sales_schema.store_sales",
    )
    assert ["row", "own:ethan"] in lines and ["row", "4"] in lines, lines


def test_who_left_the_group_reads_nothing_with_the_next_token(house, own):
    held = of_provider(house, own, "olivia")["id_token"]
    gatehouse(house, "idp", "group", "remove-member", "awssso-sales", "olivia")
    try:
        sales = "select count(*) from sales_schema.store_sales"
        assert RedshiftConnector(house, "olivia", [sales], connect=basic_jwt(house, held)).answers == [{"rows": [["4"]]}], "it says so still"
        told = RedshiftConnector(house, "olivia", [sales], connect=basic_jwt(house, of_provider(house, own, "olivia")["id_token"])).answers
        assert told[0]["error"]["C"] == "42501", told
    finally:
        gatehouse(house, "idp", "group", "add-member", "awssso-sales", "olivia")


def test_an_access_token_that_is_no_jwt_and_a_token_of_another_application_are_refused(house, own):
    tokens = of_provider(house, own)
    told = refused(house, tokens["access_token"])
    assert told["M"] == "invalid token" and "no JSON Web Token" in told["D"] and "ID token" in told["H"], told
    other = gatehouse(
        house, "idp", "app", "add", "oidc", "Another application", "--group", "redshift_dbgroup", "--public", "--redirect-uri", REDIRECT,
    )["client_id"]
    told = refused(house, signed_in(house, other, "ethan")["id_token"])
    assert told["M"] == "invalid token" and f"audience is {other}" in told["D"] and own in told["D"], told
