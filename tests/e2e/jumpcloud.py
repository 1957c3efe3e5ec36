"""JumpCloud's part in walkthrough 2, played by the built-in identity provider and by Keycloak: the same words for both."""

import ssl
import urllib.request

from idp import PASSWORD, add_person, idp

ATTRIBUTES = "https://aws.amazon.com/SAML/Attributes/"
REDSHIFT = "https://redshift.amazon.com/SAML/Attributes/"
LISTENER = "http://localhost:7890/redshift/"
GROUP = "redshift_dbgroup"


class BuiltIn:
    """`gatehouse idp`, as an administrator uses JumpCloud's portal."""

    name, form = "the built-in provider", "idp"

    def __init__(self, server):
        self.server = server

    def prepare(self, folder, role_and_provider):
        """Group, people, application; its metadata as a file."""
        idp(self.server, "group", "add", GROUP)
        for who, groups in {"jane": [GROUP], "joe": [GROUP], "nick": []}.items():
            add_person(self.server, who, *groups)
        self.application = idp(
            self.server, "app", "add", "redshift", "Amazon Redshift", "--constant", f"{ATTRIBUTES}Role={role_and_provider}", "--group", GROUP,
        )
        metadata = folder / "JumpCloud-redshift-metadata.xml"
        idp(self.server, "app", "metadata", self.application["slug"], "--out", metadata)
        return metadata

    def upload(self, sp_metadata):
        idp(self.server, "app", "upload-sp-metadata", self.application["slug"], sp_metadata)

    @property
    def login_url(self):
        return f"{self.server['IDP_URL']}/open/{self.application['slug']}"

    def spki(self):
        return self.server.spki()

    def leave_group(self, who):
        idp(self.server, "group", "remove-member", GROUP, who)

    def join_group(self, who):
        idp(self.server, "group", "add-member", GROUP, who)

    def remove(self):
        idp(self.server, "app", "deactivate", self.application["slug"])
        idp(self.server, "app", "delete", self.application["slug"], "--type-count", "1")


class AtKeycloak:
    """A realm with a SAML client that is Amazon Redshift."""

    name, form = "Keycloak", "keycloak"

    def __init__(self, server, keycloak):
        self.server, self.keycloak = server, keycloak

    def prepare(self, folder, role_and_provider):
        self.realm = self.keycloak.realm("jumpcloud")
        self.people = {who: self.realm.person(who, PASSWORD) for who in ("jane", "joe", "nick")}
        self.group = self.realm.group(GROUP, self.people["jane"], self.people["joe"])
        self.client = self.realm.saml_client("urn:amazon:webservices", LISTENER, name_id="username", initiated="redshift")
        for scope in self.realm("GET", f"/clients/{self.client}/default-client-scopes"):
            self.realm("DELETE", f"/clients/{self.client}/default-client-scopes/{scope['id']}")
        constants = {f"{ATTRIBUTES}Role": role_and_provider, f"{ATTRIBUTES}SessionDuration": "900", f"{REDSHIFT}AutoCreate": "true"}
        for name, value in constants.items():
            self.realm.saml_mapper(self.client, "hardcode-attribute", name, **{"attribute.value": value})
        for name in (f"{ATTRIBUTES}RoleSessionName", f"{REDSHIFT}DbUser"):
            self.realm.saml_mapper(self.client, "user-property", name, **{"user.attribute": "username"})
        self.realm.saml_mapper(self.client, "group-membership", f"{REDSHIFT}DbGroups", **{"single": "true", "full.path": "false"})
        metadata = folder / "keycloak-metadata.xml"
        untrusted = ssl._create_unverified_context()
        with urllib.request.urlopen(f"{self.realm.https}/protocol/saml/descriptor", context=untrusted, timeout=20) as answer:
            metadata.write_bytes(answer.read())
        return metadata

    def upload(self, sp_metadata):
        """Keycloak reads no metadata of an existing client: the entity id and the listener are in it already."""
        assert "urn:amazon:webservices" in sp_metadata.read_text()

    @property
    def login_url(self):
        return f"{self.realm.https}/protocol/saml/clients/redshift"

    def spki(self):
        return f"{self.server.spki()},{self.keycloak.spki()}"

    def leave_group(self, who):
        self.realm("DELETE", f"/users/{self.people[who]}/groups/{self.group}")

    def join_group(self, who):
        self.realm("PUT", f"/users/{self.people[who]}/groups/{self.group}")

    def remove(self):
        self.realm("DELETE", f"/clients/{self.client}")
