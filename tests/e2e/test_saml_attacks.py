"""The corpus of SAML attacks, posted to a running assertion consumer service: nobody gets in, and each is refused for its own reason."""

import base64
import re
import ssl
import urllib.error
import urllib.parse
import urllib.request

import pytest
from conftest import ROOT, Server, binary
from helpers import Scim, gatehouse
from oauth import Page

CRATE = ROOT / "crates/identity/saml"
CORPUS = CRATE / "tests/corpus"
# File -> failed check, as the crate's own test has it; and what the checks are called.
MADE_FOR = dict(re.findall(r'\("([\w-]+)", Check::(\w+)\)', (CRATE / "src/tests.rs").read_text()))
NAMES = dict(re.findall(r'Self::(\w+) => "([^"]+)"', (CRATE / "src/check.rs").read_text()))
# What is found before it matters for whom, when and in answer to what the message is.
BEFORE_MEANING = {
    "Encoding", "Document", "DocumentType", "Comments", "Namespaces", "UniqueIds", "Message", "OneAssertion", "Signed",
    "SignatureForm", "SignatureReference", "SignatureAlgorithm", "Signature", "ResponseSignature",
}
PROVIDER = """<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" entityID="https://idp.example.com/saml">
<IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">%s
<SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="https://idp.example.com/sso"/>
</IDPSSODescriptor></EntityDescriptor>"""
KEY = """<KeyDescriptor use="signing"><KeyInfo xmlns="http://www.w3.org/2000/09/xmldsig#"><X509Data><X509Certificate>%s</X509Certificate>
</X509Data></KeyInfo></KeyDescriptor>"""


@pytest.fixture(scope="module")
def center(tmp_path_factory):
    folder = tmp_path_factory.mktemp("attacks")
    server = Server(folder / "data", command=[binary(), "up"]).start()
    pems = [(CORPUS / f"keys/{name}.crt.pem").read_text() for name in ("idp", "old", "ec")]
    keys = "".join(KEY % "".join(line for line in pem.splitlines() if "CERTIFICATE" not in line) for pem in pems)
    (folder / "idp.xml").write_text(PROVIDER % keys)
    made = gatehouse(server, "identity-source", "add", "saml", "Attacked", "--metadata", folder / "idp.xml")
    server.acs = made["IdentitySource"]["ServiceProvider"]["AcsUrl"]
    server.begin = f"{server['GATEHOUSE_HTTPS']}/signin/with/{made['IdentitySource']['SourceId']}"
    for name in {name for text in CORPUS.glob("*.xml") for name in re.findall(r"NameID[^>]*>([^<]+)<", text.read_text(errors="replace"))}:
        if re.fullmatch(r"[\w.@-]+", name):
            Scim(server).create_user(name, externalId=None)
    yield server
    assert server.stop() == 0


def post(center, document):
    """What a browser gets that begins a sign-in and then posts this message: the page, and whether it is signed in now."""
    tls = ssl.create_default_context(cafile=center["GATEHOUSE_CA"])
    browser = urllib.request.build_opener(urllib.request.HTTPSHandler(context=tls), urllib.request.HTTPCookieProcessor(), NoRedirect())
    begun = visit(browser, center.begin)
    relay = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(begun[2]["Location"]).query))["RelayState"]
    form = {"SAMLResponse": base64.b64encode(document).decode(), "RelayState": relay}
    # Python's cookie jar knows no SameSite: it brings the flow's cookie as a browser does.
    status, text, headers = visit(browser, center.acs, form)
    return status, Page(status, text).text, any("-session=" in cookie for cookie in headers.get_all("Set-Cookie") or [])


def visit(browser, address, form=None):
    try:
        with browser.open(urllib.request.Request(address, form and urllib.parse.urlencode(form).encode()), timeout=20) as answer:
            return answer.status, answer.read().decode(), answer.headers
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode(), error.headers


class NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


@pytest.mark.parametrize("file", sorted(CORPUS.rglob("*.xml")), ids=lambda file: file.stem)
def test_nobody_gets_in(center, file):
    status, told, session = post(center, file.read_bytes())
    assert 400 <= status < 500 and not session, (status, told)
    assert "Reference" in told, told
    reason = MADE_FOR.get(file.stem)
    if reason in BEFORE_MEANING and status != 413:
        assert NAMES[reason] in told, (NAMES[reason], told)
    if file.stem.startswith("ok-"):
        # Well signed, for another service provider: only what it says is wrong.
        assert not any(NAMES[check] + " " in told for check in ("SignatureForm", "SignatureReference", "OneAssertion")), told


def test_a_refusal_is_told_to_the_administrator(center):
    _, told, _ = post(center, (CORPUS / "xsw3-forged-before-signed.xml").read_bytes())
    story = gatehouse(center, "explain", "login", told.split("Reference:")[1].split()[0])
    assert story["Failed"]["Check"] == NAMES[MADE_FOR["xsw3-forged-before-signed"]], story
    assert story["Mend"] and story["Outcome"] == "denied"
