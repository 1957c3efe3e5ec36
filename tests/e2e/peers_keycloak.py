"""Keycloak, unmodified: an identity provider (SAML, OpenID Connect) for Gatehouse, and a service provider of Gatehouse's own.

One process for the whole test session; each test makes realms of its own through the administration API.
"""

import json
import os
import shutil
import signal
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request

from conftest import TOOLS, spki
from helpers import free_port

HOME = next((TOOLS / "keycloak").glob("keycloak-*"), None)
SAML_NAME_ID = {"email": "email", "username": "username", "persistent": "persistent", "transient": "transient"}


class Keycloak:
    def __init__(self, folder):
        self.folder, self.port, self.process = folder / "keycloak", free_port(), None
        self.url, self.token, self.expires = f"http://127.0.0.1:{self.port}", None, 0
        # The drivers' browser plugins take https addresses only.
        self.https_port = free_port()
        self.https = f"https://localhost:{self.https_port}"

    def start(self, deadline_seconds=300):
        shutil.copytree(HOME, self.folder, symlinks=True)
        log = open(self.folder / "log.txt", "wb")
        certificate, key = self.folder / "https.pem", self.folder / "https.key"
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost",
             "-days", "2", "-keyout", key, "-out", certificate], check=True, capture_output=True,
        )
        environment = {
            **os.environ, "KC_BOOTSTRAP_ADMIN_USERNAME": "admin", "KC_BOOTSTRAP_ADMIN_PASSWORD": "admin",
            "JAVA_OPTS_KC_HEAP": "-Xms128m -Xmx512m",
        }
        command = [
            self.folder / "bin/kc.sh", "start-dev", "--http-host=127.0.0.1", f"--http-port={self.port}",
            f"--https-port={self.https_port}", f"--https-certificate-file={certificate}", f"--https-certificate-key-file={key}",
            "--log-level=warn", "--cache=local",
            # It calls Gatehouses whose authorities are made after it has started; what Gatehouse itself trusts is tested elsewhere.
            "--spi-connections-http-client--default--disable-trust-manager=true", f"--http-management-port={free_port()}",
        ]
        self.process = subprocess.Popen(command, env=environment, stdout=log, stderr=log, start_new_session=True)
        deadline = time.monotonic() + deadline_seconds
        while True:
            try:
                urllib.request.urlopen(self.url + "/realms/master", timeout=2).close()
                return self
            except OSError:
                told = (self.folder / "log.txt").read_text()[-2000:]
                assert self.process.poll() is None and time.monotonic() < deadline, f"Keycloak didn't start:\n{told}"
                time.sleep(0.2)

    def stop(self):
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def spki(self):
        return spki(self.folder / "https.pem")

    def _token(self):
        if time.monotonic() > self.expires:
            form = {"grant_type": "password", "client_id": "admin-cli", "username": "admin", "password": "admin"}
            address = f"{self.url}/realms/master/protocol/openid-connect/token"
            with urllib.request.urlopen(address, urllib.parse.urlencode(form).encode(), timeout=20) as answer:
                self.token, self.expires = json.load(answer)["access_token"], time.monotonic() + 30
        return self.token

    def __call__(self, method, path, body=None):
        """The administration API; the new resource's id for 201."""
        request = urllib.request.Request(
            f"{self.url}/admin/realms{path}", None if body is None else json.dumps(body).encode(), method=method,
            headers={"Authorization": f"Bearer {self._token()}", "Content-Type": "application/json"},
        )
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                if answer.status == 201:
                    return answer.headers["Location"].rsplit("/", 1)[1]
                text = answer.read()
                return json.loads(text) if text else None
        except urllib.error.HTTPError as error:
            raise AssertionError((method, path, error.code, error.read().decode())) from error

    def realm(self, name, **settings):
        self("POST", "", {"realm": name, "enabled": True, "sslRequired": "none", "loginTheme": "keycloak", **settings})
        return Realm(self, name)


class Realm:
    """One company at Keycloak."""

    def __init__(self, keycloak, name):
        self.keycloak, self.name = keycloak, name
        self.url, self.https = f"{keycloak.url}/realms/{name}", f"{keycloak.https}/realms/{name}"

    def __call__(self, method, path, body=None):
        return self.keycloak(method, f"/{self.name}{path}", body)

    def person(self, user_name, password, **more):
        return self("POST", "/users", {
            "username": user_name, "enabled": True, "email": user_name if "@" in user_name else f"{user_name}@example.com",
            "emailVerified": True, "firstName": user_name.split("@")[0].title(), "lastName": "Example",
            "credentials": [{"type": "password", "value": password, "temporary": False}], **more,
        })

    def group(self, name, *people):
        group = self("POST", "/groups", {"name": name})
        for person in people:
            self("PUT", f"/users/{person}/groups/{group}")
        return group

    def saml_metadata(self):
        with urllib.request.urlopen(f"{self.url}/protocol/saml/descriptor", timeout=20) as answer:
            return answer.read().decode()

    def saml_client(self, entity_id, acs, slo=None, name_id="email", initiated=None, **attributes):
        """A service provider that this realm signs people in for. `initiated` is the last part of the address of a tile."""
        return self("POST", "/clients", {
            "clientId": entity_id, "protocol": "saml", "enabled": True, "redirectUris": [acs], "frontchannelLogout": True,
            "attributes": {
                "saml.assertion.signature": "true", "saml.server.signature": "true", "saml.client.signature": "false",
                "saml.signature.algorithm": "RSA_SHA256", "saml.authnstatement": "true", "saml.force.post.binding": "true",
                "saml_name_id_format": name_id, "saml_force_name_id_format": "true",
                "saml_assertion_consumer_url_post": acs,
                **({"saml_single_logout_service_url_post": slo, "saml_single_logout_service_url_redirect": slo} if slo else {}),
                **({"saml_idp_initiated_sso_url_name": initiated} if initiated else {}),
                **attributes,
            },
        })

    def saml_mapper(self, client, kind, name, **config):
        """`kind` as Keycloak names it: hardcode-attribute, user-property, group-membership."""
        self("POST", f"/clients/{client}/protocol-mappers/models", {
            "name": name, "protocol": "saml", "protocolMapper": f"saml-{kind}-mapper",
            "config": {"attribute.name": name, "attribute.nameformat": "Basic", **config},
        })

    def saml_group_attribute(self, client, name="groups"):
        self("POST", f"/clients/{client}/protocol-mappers/models", {
            "name": name, "protocol": "saml", "protocolMapper": "saml-group-membership-mapper",
            "config": {"attribute.name": name, "single": "true", "full.path": "false", "attribute.nameformat": "Basic"},
        })

    def oidc_client(self, client_id, redirect_uri, secret=None, backchannel=None, after_logout=None, groups=True):
        client = self("POST", "/clients", {
            "clientId": client_id, "protocol": "openid-connect", "enabled": True, "redirectUris": [redirect_uri],
            "publicClient": secret is None, **({"secret": secret} if secret else {}), "standardFlowEnabled": True,
            "attributes": {
                "pkce.code.challenge.method": "S256",
                **({"backchannel.logout.url": backchannel} if backchannel else {}),
                **({"post.logout.redirect.uris": after_logout} if after_logout else {}),
            },
        })
        if groups:
            self("POST", f"/clients/{client}/protocol-mappers/models", {
                "name": "groups", "protocol": "openid-connect", "protocolMapper": "oidc-group-membership-mapper",
                "config": {"claim.name": "groups", "full.path": "false", "id.token.claim": "true", "userinfo.token.claim": "true"},
            })
        return client

    def new_saml_key(self):
        """A new signing key that this realm uses from now on; the old one stays published."""
        return self("POST", "/components", {
            "name": "newer", "providerId": "rsa-generated", "providerType": "org.keycloak.keys.KeyProvider",
            "config": {"priority": ["200"], "enabled": ["true"], "active": ["true"], "algorithm": ["RS256"], "keySize": ["2048"]},
        })

    def saml_broker(self, alias, entity_id, sso, certificates, slo=None, **config):
        """Makes this realm a SAML service provider of another identity provider."""
        self("POST", "/identity-provider/instances", {
            "alias": alias, "displayName": alias.title(), "providerId": "saml", "enabled": True, "trustEmail": True,
            "firstBrokerLoginFlowAlias": "first broker login",
            "config": {
                "idpEntityId": entity_id, "singleSignOnServiceUrl": sso, "signingCertificate": certificates,
                **({"singleLogoutServiceUrl": slo} if slo else {}),
                "nameIDPolicyFormat": "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress", "principalType": "SUBJECT",
                "postBindingResponse": "true", "postBindingAuthnRequest": "false", "validateSignature": "true",
                "wantAssertionsSigned": "true", "wantAuthnRequestsSigned": "true", "signatureAlgorithm": "RSA_SHA256",
                "xmlSigKeyInfoKeyNameTransformer": "NONE", "postBindingLogout": "true", "syncMode": "FORCE", **config,
            },
        })
        return f"{self.url}/broker/{alias}/endpoint"

    def oidc_broker(self, alias, issuer, client_id, secret, **config):
        """Makes this realm a relying party of another OpenID provider; its redirect URI."""
        with_defaults = {
            "issuer": issuer, "authorizationUrl": f"{issuer}/oauth/authorize", "tokenUrl": f"{issuer}/oauth/token",
            "userInfoUrl": f"{issuer}/oauth/userinfo", "jwksUrl": f"{issuer}/oauth/jwks", "useJwksUrl": "true",
            "clientId": client_id, "clientSecret": secret, "clientAuthMethod": "client_secret_basic", "validateSignature": "true",
            "pkceEnabled": "true", "pkceMethod": "S256", "defaultScope": "openid profile email", "syncMode": "FORCE", **config,
        }
        self("POST", "/identity-provider/instances", {
            "alias": alias, "displayName": alias.title(), "providerId": "oidc", "enabled": True, "trustEmail": True, "config": with_defaults,
        })
        return f"{self.url}/broker/{alias}/endpoint"
