"""The demo organisation's connections to its own identity provider, and what a server at another address makes of them."""

import pytest
from botocore import UNSIGNED
from botocore.config import Config
from browser import chromium, person
from conftest import Server
from helpers import aws, gatehouse
from idp import sign_in
from operations_sts import SAML_PROVIDER, SAML_ROLE, saml_response


@pytest.fixture(scope="module")
def moved(tmp_path_factory):
    """Started twice, at free ports: the second time at others."""
    server = Server(tmp_path_factory.mktemp("demo") / "data").start()
    before = server["GATEHOUSE_HTTPS"]
    assert server.stop() == 0
    server.start()
    assert server["GATEHOUSE_HTTPS"] != before
    yield server
    assert server.stop() == 0


def test_a_person_signs_in_to_identity_center_at_the_provider(moved):
    with chromium(moved) as browser, person(browser) as ethan:
        ethan.goto(f"{moved['GATEHOUSE_HTTPS']}/signin")
        ethan.press("Sign in with Demo provider", role="link")
        sign_in(ethan, "ethan", moved["DEMO_PASSWORD"])
        ethan.page.wait_for_url(f"{moved['GATEHOUSE_HTTPS']}/signin")
        assert "ethan" in ethan.text()


def test_an_assertion_becomes_a_role(moved):
    client = aws(moved, "sts", config=Config(signature_version=UNSIGNED))
    got = client.assume_role_with_saml(RoleArn=SAML_ROLE, PrincipalArn=SAML_PROVIDER, SAMLAssertion=saml_response(moved, "ethan"))
    assert got["AssumedRoleUser"]["Arn"].endswith("/ethan")


def test_what_somebody_connected_elsewhere_stays(moved, tmp_path):
    metadata = tmp_path / "other.xml"
    made = gatehouse(moved, "idp", "app", "add", "redshift", "Another company's")
    gatehouse(moved, "idp", "app", "metadata", made["slug"], "--out", metadata)
    iam = aws(moved, "iam")
    iam.update_saml_provider(SAMLProviderArn=SAML_PROVIDER, SAMLMetadataDocument=metadata.read_text())
    assert moved.stop() == 0
    moved.start()
    kept = aws(moved, "iam").get_saml_provider(SAMLProviderArn=SAML_PROVIDER)["SAMLMetadataDocument"]
    assert made["slug"] in kept and moved["GATEHOUSE_HTTPS"].rsplit(":", 1)[1] not in kept
