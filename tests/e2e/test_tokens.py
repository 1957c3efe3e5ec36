"""OAuth codes and tokens, at the token endpoint and at the SQL door."""

import base64
import json
import urllib.parse

import pytest
from helpers import RedshiftConnector, Scim, aws, pg, token
from oauth import REDIRECT, Flow
from wire import Refused, Wire


def enters(server, access, **parameters):
    with Wire(server).login(token=access, **parameters) as wire:
        return wire.query("select current_user").rows[0][0]


def refusal(server, access, **parameters):
    with pytest.raises(Refused) as refused:
        Wire(server).login(token=access, **parameters)
    error = refused.value.error
    assert (error["S"], error["C"]) == ("FATAL", "28000"), error
    assert access not in str(error) or len(access) < 8
    return error


@pytest.fixture(scope="module")
def ethan(server):
    return token(server, "ethan")


@pytest.fixture
def person(server):
    """Somebody new, assigned to the application by a group of their own."""
    scim, sso = Scim(server), aws(server, "sso-admin")
    user = scim.create_user("visitor", password="Visitor-Passw0rd")
    group = scim.create_group("visitors", user["id"])
    assignment = {"ApplicationArn": server["IDC_APPLICATION_ARN"], "PrincipalId": group["id"], "PrincipalType": "GROUP"}
    sso.create_application_assignment(**assignment)
    yield {"id": user["id"], "group": group["id"], "assignment": assignment, "password": "Visitor-Passw0rd"}
    scim("DELETE", f"/Groups/{group['id']}")
    scim("DELETE", f"/Users/{user['id']}")
    with pg(server) as connection:
        connection.execute('drop user if exists "awsidc:visitor"')


# -- tokens at the SQL door ------------------------------------------------------------------------------------------------


def test_a_token_opens_the_door_more_than_once(server, ethan):
    assert [enters(server, ethan) for _ in range(3)] == ["awsidc:ethan"] * 3


def test_the_user_name_of_the_startup_packet_counts_for_nothing(server, ethan):
    """JDBC sends the name of the operating system's account."""
    assert enters(server, ethan, user="fiona") == "awsidc:ethan"
    assert enters(server, ethan, user="awsuser") == "awsidc:ethan"


def changed(access):
    """What a token may become on its way, and by an attacker's hand."""
    body = access.removeprefix("gate_at_")
    for place in (len("gate_at_"), len(access) // 2, len(access) - 2):
        letter = "A" if access[place] != "A" else "B"
        yield f"altered at {place}", access[:place] + letter + access[place + 1 :]
    yield "truncated by one", access[:-1]
    yield "truncated to half", access[: len(access) // 2]
    yield "lengthened", access + "A"
    yield "without its prefix", body
    yield "with another prefix", "gate_rt_" + body
    yield "in upper case", access.upper()
    yield "twice", access + access
    yield "with a space", access + " "
    yield "with a line feed", access + "\n"
    yield "empty", ""
    yield "a word", "token"
    yield "SQL", "' or '1'='1"
    yield "very long", "A" * 100_000


def test_altered_tokens_are_refused(server, ethan):
    for name, presented in changed(ethan):
        error = refusal(server, presented)
        assert error["M"] == "invalid token", name
        assert error.get("D") and error.get("H"), (name, error)
    assert enters(server, ethan) == "awsidc:ethan"


def jwt(header, claims, signature=b""):
    parts = [json.dumps(header).encode(), json.dumps(claims).encode(), signature]
    return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts)


def test_json_web_tokens_are_refused_signed_or_not(server):
    claims = {"sub": "ethan", "iss": server["IDC_ISSUER_URL"], "aud": server["IDC_APPLICATION_ARN"], "exp": 4102444800, "scope": "redshift:connect"}
    for header, signature in [({"alg": "none"}, b""), ({"alg": "None", "typ": "JWT"}, b""), ({"alg": "HS256"}, b"x" * 32), ({"alg": "RS256"}, b"y" * 256)]:
        error = refusal(server, jwt(header, claims, signature))
        assert error["M"] == "invalid token"
        assert "JSON Web Token" in error["D"]
    assert refusal(server, jwt({"alg": "none"}, claims), token_type="EXT_JWT")["M"] == 'token type "EXT_JWT" is not supported'


def test_a_refresh_token_or_code_is_no_access_token(server):
    flow = Flow(server)
    assert refusal(server, flow.code("ethan"))["M"] == "invalid token"
    assert refusal(server, Flow(server).tokens("ethan")["refreshToken"])["M"] == "invalid token"
    assert refusal(server, server["SCIM_TOKEN"])["M"] == "invalid token"


def test_other_identity_provider_types_are_refused_by_name(server, ethan):
    for idp_type in ("Okta", "nothing"):
        assert refusal(server, ethan, idp_type=idp_type)["M"] == f'identity provider type "{idp_type}" is not supported'
    # That type takes JSON Web Tokens only; ours are none.
    told = refusal(server, ethan, idp_type="AzureAD")
    assert told["M"] == "invalid token" and "no JSON Web Token" in told["D"]
    assert refusal(server, ethan, identity_namespace="elsewhere")["M"] == "AWS IdC identity provider does not exist"
    assert enters(server, ethan, identity_namespace="awsidc") == "awsidc:ethan"
    assert enters(server, ethan, provider_name="redshift-idc-app") == "awsidc:ethan"


def test_a_token_never_travels_in_clear(server, ethan):
    wire = Wire(server, tls=False)
    with pytest.raises(Refused) as refused:
        wire.login(token=ethan)
    assert "only over an encrypted connection" in refused.value.error["M"]


def test_a_password_is_no_token(server):
    with pytest.raises(Refused) as refused:
        Wire(server).login(user="awsidc:ethan", password=server["DEMO_PASSWORD"])
    assert refused.value.error["M"] == 'password authentication failed for user "awsidc:ethan"'


def test_a_token_opens_only_what_its_person_is_assigned_to(server):
    """The warehouse has a second identity provider, of an application that the person isn't assigned to."""
    redshift = aws(server, "redshift")
    second = redshift.create_redshift_idc_application(
        IdcInstanceArn=server["IDC_INSTANCE_ARN"], RedshiftIdcApplicationName="second-app", IdcDisplayName="Second",
        IamRoleArn="arn:aws:iam::123456789012:role/EspressoRedshiftRole", IdentityNamespace="second",
    )["RedshiftIdcApplication"]
    access = token(server, "ethan")
    with pg(server) as connection:
        try:
            connection.execute(
                "create identity provider \"second-app\" type awsidc namespace 'second' "
                f"application_arn '{second['IdcManagedApplicationArn']}' "
                "iam_role 'arn:aws:iam::123456789012:role/EspressoRedshiftRole'"
            )
            error = refusal(server, access, provider_name="second-app")
            assert error["M"] == "Invalid scope. User's credentials are not authorized to connect to Redshift."
            assert second["IdcManagedApplicationArn"] in error["D"] and "is not assigned" in error["D"]
            assert "CreateApplicationAssignment" in error["H"]
            # where no provider is named, the one that the person may use is found
            assert enters(server, access) == "awsidc:ethan"
        finally:
            connection.execute('drop identity provider "second-app" cascade')
            redshift.delete_redshift_idc_application(RedshiftIdcApplicationArn=second["RedshiftIdcApplicationArn"])


# -- who is assigned -------------------------------------------------------------------------------------------------------


def test_somebody_unassigned_gets_a_page_and_no_code(server):
    flow = Flow(server)
    page = flow.sign_in("nina")
    assert page.status == 403
    assert "You don't have access" in page.text
    assert 'User "nina" is not assigned to the application' in page.text
    assert server["IDC_APPLICATION_ARN"] in page.text
    assert [form["action"] for form in page.forms] == []
    # nor by asking again with what the page would have sent
    query = flow.authorize_address().removeprefix("/authorize?")
    again = flow.visit("/authorize", {"request": query, "csrf": "x" * 43, "decision": "allow"})
    assert not isinstance(again, dict) or "code" not in again


@pytest.mark.parametrize("driver", ["2.2", "2.1"])
def test_a_lost_assignment_is_told_in_redshifts_words(server, person, driver):
    access = token(server, "visitor", person["password"])
    assert RedshiftConnector(server, "", ["select current_user"], driver=driver, token=access).answers == [{"rows": [["awsidc:visitor"]]}]
    aws(server, "sso-admin").delete_application_assignment(**person["assignment"])
    refused = RedshiftConnector(server, "", [], driver=driver, token=access).answers[0]["refused"]
    assert refused["C"] == "28000"
    assert refused["M"] == "Invalid scope. User's credentials are not authorized to connect to Redshift."
    assert refused["D"] and refused["H"]


def test_an_assignment_lost_before_the_first_connection(server, person):
    access = token(server, "visitor", person["password"])
    aws(server, "sso-admin").delete_application_assignment(**person["assignment"])
    error = refusal(server, access)
    assert error["M"] == "Invalid scope. User's credentials are not authorized to connect to Redshift."
    assert "assigned" in error["D"]
    assert error["H"]


def test_a_lost_group_is_a_lost_assignment(server, person):
    access = token(server, "visitor", person["password"])
    scim = Scim(server)
    scim.patch("Groups", person["group"], {"op": "remove", "path": f'members[value eq "{person["id"]}"]'})
    assert "Invalid scope" in refusal(server, access)["M"]


def test_deactivation_and_deletion_revoke_tokens(server, person):
    first = Flow(server)
    issued = first.tokens("visitor", person["password"])
    assert enters(server, issued["accessToken"]) == "awsidc:visitor"
    Scim(server).set_active("visitor", False)
    assert refusal(server, issued["accessToken"])["M"] == "Token credentials expired or invalid"
    assert first.refresh(issued["refreshToken"])[1]["error"] == "invalid_grant"
    page = Flow(server).sign_in("visitor", person["password"])
    assert page.form("/signin") and "Sign in" in page.text
    Scim(server).set_active("visitor", True)
    # what was revoked stays revoked; who is back signs in again
    assert refusal(server, issued["accessToken"])["M"] == "Token credentials expired or invalid"
    assert enters(server, token(server, "visitor", person["password"])) == "awsidc:visitor"


# -- codes -----------------------------------------------------------------------------------------------------------------


def told(answer):
    status, body = answer
    assert status in (400, 401), answer
    assert set(body) == {"error", "error_description", "message"} and body["message"] == body["error_description"], body
    return body["error"]


def test_a_replayed_code_revokes_what_it_gave(server):
    flow = Flow(server)
    code = flow.code("ethan")
    status, issued = flow.exchange(code)
    assert status == 200 and issued["tokenType"] == "Bearer" and 0 < issued["expiresIn"] <= 8 * 3600
    assert enters(server, issued["accessToken"]) == "awsidc:ethan"
    assert told(flow.exchange(code)) == "invalid_grant"
    error = refusal(server, issued["accessToken"])
    assert error["M"] == "Token credentials expired or invalid"
    assert "presented a second time" in error["D"]
    assert told(flow.refresh(issued["refreshToken"])) == "invalid_grant"


def test_a_code_belongs_to_its_verifier_client_and_address(server):
    other = Flow(server)
    for wrong in (
        {"codeVerifier": "x" * 43},
        {"codeVerifier": ""},
        {"redirectUri": "http://127.0.0.1:7891"},
        {"redirectUri": "http://localhost:7890"},
        {"redirectUri": "https://evil.example"},
        {"clientId": other.client["clientId"], "clientSecret": other.client["clientSecret"]},
        {"clientSecret": "x" * 43},
        {"clientId": "nobody"},
        {"grantType": "password"},
        {"grantType": "client_credentials"},
        {"code": "x" * 43},
        {"code": ""},
        {"scope": ["redshift:admin"]},
        {"unknown_member": 1},
    ):
        flow = Flow(server)
        code = flow.code("ethan")
        answer = flow.exchange(code, **wrong)
        assert told(answer) in (
            "invalid_grant", "invalid_client", "unsupported_grant_type", "invalid_request", "invalid_scope", "unauthorized_client"
        ), (wrong, answer)
        assert "accessToken" not in answer[1]


def test_missing_members_are_named(server):
    flow = Flow(server)
    code = flow.code("ethan")
    for member in ("clientId", "clientSecret", "grantType", "code", "redirectUri", "codeVerifier"):
        status, body = flow.exchange(code, **{member: None})
        assert status in (400, 401) and member in body["error_description"], (member, body)


def test_authorization_requests_that_break_the_rules(server):
    flow = Flow(server)
    for wrong in ({"client_id": "nobody"}, {"client_id": None}, {"redirect_uri": "http://127.0.0.1.evil.example"},
                  {"redirect_uri": "https://evil.example"}, {"redirect_uri": "http://127.0.0.1:7890/other"},
                  {"redirect_uri": None}, {"redirect_uri": "javascript:alert(1)"}, {"redirect_uri": REDIRECT + "#x"}):
        page = flow.visit(flow.authorize_address(**wrong))
        assert page.status == 400 and "can't be used" in page.text, wrong
    for wrong, error in (
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_type": None}, "invalid_request"),
        ({"code_challenge": None}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge_method": None}, "invalid_request"),
        ({"code_challenge": "short"}, "invalid_request"),
        ({"scopes": "redshift:admin"}, "invalid_scope"),
        ({"prompt": "none"}, "invalid_request"),
        ({"request": "x"}, "invalid_request"),
    ):
        answer = flow.visit(flow.authorize_address(**wrong))
        assert answer["error"] == error and answer["state"] == flow.state and answer["error_description"], (wrong, answer)
        assert "code" not in answer


def test_another_loopback_port_is_the_same_address(server):
    """RFC 8252 7.3: the driver's listener may be on any port."""
    flow = Flow(server, redirectUris=["http://127.0.0.1"])
    assert flow.sign_in("ethan").form("/authorize")


def test_a_denied_consent_gives_no_code(server):
    flow = Flow(server)
    consent = flow.sign_in("ethan").form("/authorize")
    answer = flow.visit("/authorize", {**consent["fields"], "decision": "deny"})
    assert answer["error"] == "access_denied" and "code" not in answer


def test_forms_from_elsewhere_are_not_ours(server):
    flow = Flow(server)
    form = flow.visit(flow.authorize_address()).form("/signin")
    typed = {"user_name": "ethan", "password": server["DEMO_PASSWORD"]}
    for fields in ({**form["fields"], "csrf": "x" * 43}, {"continue": form["fields"]["continue"]}):
        assert flow.visit("/signin", {**fields, **typed}).status in (400, 403)
    other = Flow(server)
    assert other.visit("/signin", {**form["fields"], **typed}).status in (400, 403)
    consent = flow.sign_in("ethan").form("/authorize")
    assert flow.visit("/authorize", {**consent["fields"], "csrf": "x" * 43, "decision": "allow"}).status in (400, 403)


def test_signing_in_leads_nowhere_else(server):
    flow = Flow(server)
    for target in ("https://evil.example/", "//evil.example/", "/authorize@evil.example", "/authorize?client_id=nobody", "javascript:x"):
        page = flow.visit("/signin?" + urllib.parse.urlencode({"continue": target}))
        assert page.form("/signin")["fields"].get("continue") is None, target


def test_wrong_passwords_say_the_same_for_everybody(server, person):
    del person
    answers = []
    for who in ("visitor", "nobody-at-all"):
        page = Flow(server).sign_in(who, "Wrong-Passw0rd")
        answers.append((page.status, page.text.replace(who, "…")))
    assert answers[0] == answers[1]


# -- refresh ---------------------------------------------------------------------------------------------------------------


def test_refresh_tokens_rotate_and_betray_their_reuse(server):
    flow = Flow(server)
    first = flow.tokens("ethan")
    status, second = flow.refresh(first["refreshToken"])
    assert status == 200
    assert second["refreshToken"] != first["refreshToken"] and second["accessToken"] != first["accessToken"]
    assert enters(server, second["accessToken"]) == "awsidc:ethan"
    assert told(flow.refresh(first["refreshToken"])) == "invalid_grant"
    # a thief or the owner: nobody knows, so both are out
    for access in (first["accessToken"], second["accessToken"]):
        error = refusal(server, access)
        assert error["M"] == "Token credentials expired or invalid"
    assert told(flow.refresh(second["refreshToken"])) == "invalid_grant"


def test_a_refresh_token_belongs_to_its_client(server):
    flow, other = Flow(server), Flow(server)
    issued = flow.tokens("ethan")
    credentials = {"clientId": other.client["clientId"], "clientSecret": other.client["clientSecret"]}
    assert told(flow.refresh(issued["refreshToken"], **credentials)) == "invalid_grant"
    assert told(flow.refresh(issued["refreshToken"], clientSecret="x" * 43)) == "invalid_client"
    assert told(flow.refresh(issued["accessToken"])) == "invalid_grant"
    assert told(flow.refresh(issued["refreshToken"], scope=["redshift:connect", "other:scope"])) == "invalid_scope"


def test_registrations_are_checked(server):
    flow = Flow(server)
    good = {
        "clientName": "n", "clientType": "public", "scopes": ["redshift:connect"], "redirectUris": [REDIRECT],
        "grantTypes": ["authorization_code"], "issuerUrl": server["IDC_ISSUER_URL"],
    }
    for wrong in (
        {"clientType": "confidential"}, {"scopes": ["everything"]}, {"redirectUris": ["http://example.com"]}, {"redirectUris": ["ftp://x"]},
        {"redirectUris": ["http://127.0.0.1:1/?q"]}, {"grantTypes": ["implicit"]}, {"issuerUrl": "https://evil.example"},
        {"clientName": ""}, {"surprise": True}, {"grantTypes": ["urn:ietf:params:oauth:grant-type:device_code"]},
    ):
        status, body = flow.call("/client/register", {**good, **wrong})
        assert status == 400 and body["error"], (wrong, body)
