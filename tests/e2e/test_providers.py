"""Each provider's whole sync over HTTPS, request for request as it sends them (standards.md 1.6): the probe, people, groups, a rename,
a deactivation, a group push, a removal. What counts is what the administrator then sees in identitystore."""

import urllib.parse
import uuid

import pytest
from helpers import Scim, aws

USER = "urn:ietf:params:scim:schemas:core:2.0:User"
GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
LIST = "urn:ietf:params:scim:api:messages:2.0:ListResponse"
ENTRA_GROUP = "http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group"


class Provider(Scim):
    """A provider's client: its User-Agent, and what its administrator appended to the tenant's address."""

    def __init__(self, server, agent, base_query=""):
        super().__init__(server)
        self.agent, self.base_query = agent, base_query

    def __call__(self, method, path, body=None, headers=None, expect=None):
        if self.base_query:
            path += ("&" if "?" in path else "?") + self.base_query
        return super().__call__(method, path, body, {"User-Agent": self.agent, **(headers or {})}, expect)

    def search(self, kind, text, **more):
        answer = self("GET", f"/{kind}?" + urllib.parse.urlencode({"filter": text, **more}), expect=200)
        assert answer["schemas"] == [LIST], answer
        assert len(answer.get("Resources", [])) == answer["totalResults"]
        return answer.get("Resources", [])

    def create(self, kind, body):
        made = self("POST", f"/{kind}", body, expect=201)
        assert "password" not in made and self("GET", f"/{kind}/{made['id']}", expect=200)["id"] == made["id"]
        return made

    def change(self, kind, identifier, *operations, schemas=(PATCH,)):
        """A PATCH; 200 with the resource and 204 are both right."""
        body = {"schemas": list(schemas), "Operations": list(operations)}
        status, answer = self("PATCH", f"/{kind}/{identifier}", body)
        assert status in (200, 204), answer
        return answer


class Store:
    """What the administrator sees: identitystore, never SCIM."""

    def __init__(self, server):
        (instance,) = aws(server, "sso-admin").list_instances()["Instances"]
        self.id, self.client = instance["IdentityStoreId"], aws(server, "identitystore")

    def user(self, identifier):
        return self.client.describe_user(IdentityStoreId=self.id, UserId=identifier)

    def external_id(self, identifier):
        (only,) = self.user(identifier)["ExternalIds"]
        return only["Id"]

    def status(self, identifier):
        return self.user(identifier)["UserStatus"]

    def group(self, identifier):
        return self.client.describe_group(IdentityStoreId=self.id, GroupId=identifier)

    def members(self, group):
        pages = self.client.get_paginator("list_group_memberships").paginate(IdentityStoreId=self.id, GroupId=group)
        found = [member["MemberId"]["UserId"] for page in pages for member in page["GroupMemberships"]]
        assert len(found) == len(set(found)), "nobody is a member twice"
        return set(found)

    def has_user(self, name):
        return self.has(self.client.get_user_id, "userName", name)

    def has_group(self, name):
        return self.has(self.client.get_group_id, "displayName", name)

    def has(self, operation, attribute, value):
        unique = {"UniqueAttribute": {"AttributePath": attribute, "AttributeValue": value}}
        try:
            operation(IdentityStoreId=self.id, AlternateIdentifier=unique)
        except self.client.exceptions.ResourceNotFoundException:
            return False
        return True


@pytest.fixture
def store(server):
    return Store(server)


def clean(provider, users, groups):
    for kind, identifiers in (("Groups", groups), ("Users", users)):
        for identifier in identifiers:
            provider("DELETE", f"/{kind}/{identifier}", expect=204)


def test_okta(server, store):
    okta = Provider(server, "Okta SCIM Client 1.0.0")
    okta("GET", "/Users?startIndex=1&count=2", expect=200)
    made = {}
    for name in ("okta.ann", "okta.bob"):
        assert okta.search("Users", f'userName eq "{name}"', startIndex=1, count=100) == []
        made[name] = okta.create("Users", {
            "schemas": [USER], "userName": name, "name": {"givenName": name[5:].title(), "familyName": "Okta"},
            "emails": [{"primary": True, "value": f"{name}@example.com", "type": "work"}], "displayName": name, "locale": "en-US",
            "externalId": f"00u{name}", "groups": [], "password": "1mz050nq-Random", "active": True,
        })
    ann, bob = (made[name]["id"] for name in ("okta.ann", "okta.bob"))
    assert okta("POST", "/Users", {"schemas": [USER], "userName": "OKTA.ANN", "active": True})[0] == 409
    assert (store.user(ann)["Name"]["GivenName"], store.external_id(ann)) == ("Ann", "00uokta.ann")
    # Push Groups: an empty one, then the members; the name is sent with every change of them.
    team = okta.create("Groups", {"schemas": [GROUP], "displayName": "okta-team", "members": []})["id"]
    display = {"op": "replace", "value": {"id": team, "displayName": "okta-team"}}
    okta.change("Groups", team, display, {"op": "add", "path": "members", "value": [{"value": ann, "display": "okta.ann"}]})
    okta.change("Groups", team, {"op": "add", "path": "members", "value": [{"value": ann, "display": "okta.ann"}, {"value": bob}]})
    assert store.members(team) == {ann, bob}
    okta.change("Groups", team, {"op": "replace", "value": {"id": team, "displayName": "okta-renamed"}})
    assert store.group(team)["DisplayName"] == "okta-renamed" and store.members(team) == {ann, bob}
    okta.change(
        "Groups", team, {"op": "remove", "path": f'members[value eq "{ann}"]'}, {"op": "add", "path": "members", "value": [{"value": bob}]}
    )
    assert store.members(team) == {bob}
    okta.change("Groups", team, {"op": "replace", "path": "members", "value": [{"value": ann, "display": "okta.ann"}]})
    assert store.members(team) == {ann}
    okta.change("Groups", team, {"op": "replace", "path": "members", "value": []})
    assert store.members(team) == set()
    okta("PUT", f"/Groups/{team}", {"schemas": [GROUP], "id": team, "displayName": "okta-renamed", "members": [{"value": bob}]}, expect=200)
    assert store.members(team) == {bob}
    # Profile: GET, then PUT of the whole object. A rename keeps the person.
    whole = okta("GET", f"/Users/{ann}", expect=200)
    okta("PUT", f"/Users/{ann}", {**whole, "userName": "okta.anna", "nickName": "Annie"}, expect=200)
    assert (store.user(ann)["UserName"], store.user(ann)["NickName"]) == ("okta.anna", "Annie") and not store.has_user("okta.ann")
    # Deactivation: PATCH without a path (catalogue applications), PUT (one's own); never DELETE.
    okta.change("Users", ann, {"op": "replace", "value": {"active": False}})
    okta("PUT", f"/Users/{bob}", {**okta("GET", f"/Users/{bob}", expect=200), "active": False}, expect=200)
    assert (store.status(ann), store.status(bob)) == ("DISABLED", "DISABLED")
    okta.change("Users", ann, {"op": "replace", "value": {"active": True}})
    assert store.status(ann) == "ENABLED"
    clean(okta, (ann, bob), (team,))
    assert not store.has_group("okta-renamed") and not store.has_user("okta.anna")


def entra_user(name, **more):
    return {
        "schemas": [USER, ENTERPRISE], "externalId": name, "userName": f"{name}@contoso.example", "active": True, "displayName": name,
        "emails": [{"primary": True, "type": "work", "value": f"{name}@contoso.example"}],
        "meta": {"resourceType": "User"}, "name": {"formatted": name, "familyName": "Contoso", "givenName": name}, **more,
    }


def entra_first_cycle(entra, names):
    """Test Connection, then people and a group, found by what Entra matches by."""
    assert entra.search("Users", f'userName eq "{uuid.uuid4()}"') == []
    schemas = entra("GET", "/Schemas", expect=200)
    assert {USER, GROUP, ENTERPRISE} <= {schema["id"] for schema in schemas["Resources"]}
    users = []
    for name in names:
        assert entra.search("Users", f'externalId eq "{name}"') == []
        users.append(entra.create("Users", entra_user(name, roles=[{"primary": "True", "value": "User", "type": "WindowsAzureActiveDirectoryRole"}]))["id"])
        assert [user["id"] for user in entra.search("Users", f'emails[type eq "work"].value eq "{name}@contoso.example"')] == users[-1:]
    team = f"{names[0]}-team"
    assert entra.search("Groups", f'displayName eq "{team}"', excludedAttributes="members") == []
    group = entra("POST", "/Groups", {
        "schemas": [GROUP, ENTRA_GROUP], "externalId": str(uuid.uuid4()), "displayName": team, "meta": {"resourceType": "Group"},
    }, expect=201)["id"]
    assert "members" not in entra("GET", f"/Groups/{group}?excludedAttributes=members", expect=200)
    return users, group


def test_entra_in_its_own_dialect(server, store):
    entra = Provider(server, "Microsoft.Azure.SyncFabric")
    (ann, bob), team = entra_first_cycle(entra, ("entra-ann", "entra-bob"))
    for user in (ann, bob):
        entra.change("Groups", team, {"op": "Add", "path": "members", "value": [{"$ref": None, "value": user}]})
    assert store.members(team) == {ann, bob}
    entra.change(
        "Users", ann,
        {"op": "Replace", "path": "userName", "value": "entra-anna@contoso.example"},
        {"op": "Replace", "path": 'emails[type eq "work"].value', "value": "entra-anna@contoso.example"},
        {"op": "Add", "path": 'phoneNumbers[type eq "mobile"].value', "value": "+1 (555) 010-99"},
        {"op": "Add", "path": f"{ENTERPRISE}:manager", "value": bob},
    )
    shown = store.user(ann)
    assert (shown["UserName"], shown["Emails"][0]["Value"]) == ("entra-anna@contoso.example",) * 2
    assert [(phone["Type"], phone["Value"]) for phone in shown["PhoneNumbers"]] == [("mobile", "+1 (555) 010-99")], "verbatim"
    assert entra("GET", f"/Users/{ann}", expect=200)[ENTERPRISE]["manager"]["value"] == bob
    entra.change("Users", bob, {"op": "Replace", "path": "active", "value": "False"})
    assert store.status(bob) == "DISABLED"
    assert len(entra.search("Users", 'externalId eq "entra-bob"')) == 1, "the disabled are still found"
    entra.change("Users", bob, {"op": "Replace", "path": "active", "value": "True"})
    assert store.status(bob) == "ENABLED"
    entra.change("Groups", team, {"op": "Remove", "path": "members", "value": [{"$ref": None, "value": ann}]})
    assert store.members(team) == {bob}, "only who is named is removed"
    entra.change("Groups", team, {"op": "Replace", "path": "displayName", "value": "entra-renamed"})
    assert store.group(team)["DisplayName"] == "entra-renamed" and store.members(team) == {bob}
    clean(entra, (ann, bob), (team,))


def test_entra_in_the_standards_dialect(server, store):
    entra = Provider(server, "Microsoft.Azure.SyncFabric", base_query="aadOptscim062020")
    (ann, bob), team = entra_first_cycle(entra, ("strict-ann", "strict-bob"))
    entra.change("Groups", team, {"op": "add", "path": "members", "value": [{"value": ann}]})
    entra.change("Groups", team, {"op": "add", "path": "members", "value": [{"value": bob}]})
    assert store.members(team) == {ann, bob}
    entra.change("Users", ann, {"op": "replace", "value": {
        "displayName": "Anna", "name.givenName": "Anna", f"{ENTERPRISE}:employeeNumber": "701984", f"{ENTERPRISE}:department": "Sales",
    }})
    assert (store.user(ann)["DisplayName"], store.user(ann)["Name"]) == ("Anna", {
        "Formatted": "strict-ann", "FamilyName": "Contoso", "GivenName": "Anna"
    })
    assert entra("GET", f"/Users/{ann}", expect=200)[ENTERPRISE] == {"employeeNumber": "701984", "department": "Sales"}
    entra.change("Users", bob, {"op": "replace", "path": "active", "value": False})
    assert store.status(bob) == "DISABLED"
    entra.change("Groups", team, {"op": "remove", "path": f'members[value eq "{ann}"]'})
    assert store.members(team) == {bob}
    entra("DELETE", f"/Users/{bob}", expect=204)
    assert store.members(team) == set(), "a person who is deleted is nobody's member"
    clean(entra, (ann,), (team,))


def test_jumpcloud(server, store):
    jumpcloud = Provider(server, "JumpCloud/1.0")
    # Activation: a test user and a test group, read back and deleted.
    probe = jumpcloud.create("Users", {"schemas": [USER, ENTERPRISE], "userName": "jc_test_user", "active": True})["id"]
    probe_group = jumpcloud.create("Groups", {"schemas": [GROUP], "displayName": "jc_test_group", "members": [{"value": probe}]})["id"]
    clean(jumpcloud, (probe,), (probe_group,))
    assert not store.has_user("jc_test_user") and not store.has_group("jc_test_group")
    body = {
        "userName": "jc.ann", "externalId": "5f1b2c3d4e5f6a7b8c9d0e1f", "displayName": "Ann Cloud", "active": True,
        "name": {"givenName": "Ann", "familyName": "Cloud"}, "emails": [{"type": "work", "value": "jc.ann@example.com", "primary": True}],
        "phoneNumbers": [{"type": "work", "value": "tel:+1-555-010-1000"}], "schemas": [ENTERPRISE, USER],
    }
    ann = jumpcloud.create("Users", body)["id"]
    bob = jumpcloud.create("Users", {**body, "userName": "jc.bob", "externalId": "5f1b2c3d4e5f6a7b8c9d0e2f", "emails": None})["id"]
    assert (store.external_id(ann), store.user(ann)["PhoneNumbers"][0]["Value"]) == (body["externalId"], "tel:+1-555-010-1000")
    team = jumpcloud.create("Groups", {"schemas": [GROUP], "displayName": "jc-team"})["id"]
    jumpcloud.change("Groups", team, {"op": "add", "path": "members", "value": [{"value": ann}]})
    jumpcloud.change("Groups", team, {"op": "add", "path": "members", "value": [{"value": bob}]})
    jumpcloud.change("Groups", team, {"op": "remove", "path": "members", "value": [{"value": ann}]})
    assert store.members(team) == {bob}
    full = {**body, "userName": "jc.anna", "photos": [{"type": "photo", "value": "https://example.com/a.png"}], ENTERPRISE: {"department": "Ops"}}
    jumpcloud("PUT", f"/Users/{ann}", full, expect=200)
    assert store.user(ann)["UserName"] == "jc.anna"
    jumpcloud("PUT", f"/Users/{ann}", {**body, "userName": "jc.anna", "emails": None, "phoneNumbers": []}, expect=200)
    assert not store.user(ann).get("Emails") and not store.user(ann).get("PhoneNumbers")
    jumpcloud.change("Users", ann, {"op": "replace", "path": "active", "value": False}, {"op": "replace", "path": "title", "value": "Was"})
    assert (store.status(ann), store.user(ann)["Title"]) == ("DISABLED", "Was"), "a deactivated person's attributes go on changing"
    jumpcloud.change("Groups", team, {"op": "replace", "path": "displayName", "value": "jc-renamed"})
    assert store.group(team)["DisplayName"] == "jc-renamed" and store.members(team) == {bob}
    clean(jumpcloud, (ann, bob), (team,))


def test_onelogin(server, store):
    onelogin = Provider(server, "OneLogin SCIM Client")
    assert onelogin.search("Users", 'userName eq "ol.ann"') == []
    body = {
        "schemas": [USER], "userName": "ol.ann", "externalId": "184932077", "name": {"givenName": "Ann", "familyName": "One"},
        "displayName": "Ann One", "emails": {"value": "ol.ann@example.com", "type": "work"}, "active": True,
    }
    ann = onelogin.create("Users", body)["id"]
    assert [email["Value"] for email in store.user(ann)["Emails"]] == ["ol.ann@example.com"], "a lone object is a list of one"
    team = onelogin.create("Groups", {"schemas": [GROUP], "displayName": "ol-team"})["id"]
    onelogin.change("Groups", team, {"op": "add", "path": "members", "value": [{"value": ann}]})
    assert store.members(team) == {ann}
    onelogin("PUT", f"/Users/{ann}", {**body, "userName": "ol.anna", "emails": [{"value": "ol.anna@example.com"}]}, expect=200)
    assert (store.user(ann)["UserName"], store.user(ann)["Emails"][0]["Value"]) == ("ol.anna", "ol.anna@example.com")
    onelogin("PUT", f"/Users/{ann}", {**body, "userName": "ol.anna", "active": False}, expect=200)
    assert store.status(ann) == "DISABLED"
    onelogin.change("Groups", team, {"op": "remove", "path": f'members[value eq "{ann}"]'})
    assert store.members(team) == set()
    clean(onelogin, (ann,), (team,))


def test_ping(server, store):
    ping = Provider(server, "PingFederate SCIM Client")
    body = {
        "schemas": [USER], "userName": "ping.ann", "externalId": "ping-1", "displayName": "Ann Ping", "active": True,
        "name": {"givenName": "Ann", "familyName": "Ping"}, "emails": [{"type": "work", "value": "ping.ann@example.com", "primary": True}],
        "addresses": [{"type": "work", "streetAddress": "1 Main", "locality": "Town", "region": "TX", "postalCode": "1", "country": "US"}],
    }
    assert ping.search("Users", 'userName eq "ping.ann"') == []
    ann = ping.create("Users", body)["id"]
    people = [ann, *(ping.create("Users", {"schemas": [USER], "userName": f"ping.{n}", "active": True})["id"] for n in range(3))]
    assert store.user(ann)["Addresses"][0]["PostalCode"] == "1"
    team = ping.create("Groups", {"schemas": [GROUP], "displayName": "ping-team"})["id"]
    # 1.1.0.5: incremental changes only
    ping.change("Groups", team, {"op": "add", "path": "members", "value": [{"value": person} for person in people]})
    ping.change("Groups", team, {"op": "remove", "path": f'members[value eq "{people[1]}"]'})
    assert store.members(team) == {people[0], *people[2:]}
    # before: remove all, then the new list, in one request
    ping.change("Groups", team, {"op": "remove", "path": "members"}, {"op": "add", "path": "members", "value": [{"value": ann}]})
    assert store.members(team) == {ann}
    ping("PUT", f"/Users/{ann}", {**body, "userName": "ping.anna"}, expect=200)
    ping.change("Groups", team, {"op": "replace", "path": "displayName", "value": "ping-renamed"})
    assert (store.user(ann)["UserName"], store.group(team)["DisplayName"]) == ("ping.anna", "ping-renamed")
    ping.change("Users", ann, {"op": "replace", "path": "active", "value": False})
    assert store.status(ann) == "DISABLED"
    clean(ping, people, (team,))


def test_ssosync(server, store):
    """Google's directory: finds by name, PUTs people, changes members in chunks of 100."""
    google = Provider(server, "Go-http-client/2.0")
    body = {
        "schemas": [USER], "userName": "g.ann@example.com", "name": {"givenName": "Ann", "familyName": "G"}, "displayName": "Ann G",
        "active": True, "emails": [{"value": "g.ann@example.com", "type": "work", "primary": True}], "addresses": [{"type": "work"}],
    }
    assert google.search("Users", 'userName eq "g.ann@example.com"') == []
    ann = google.create("Users", body)["id"]
    crowd = [google("POST", "/Users", {**body, "userName": f"g.{n}", "emails": []}, expect=201)["id"] for n in range(120)]
    assert google.search("Groups", 'displayName eq "g-team@example.com"') == []
    team = google.create("Groups", {"schemas": [GROUP], "displayName": "g-team@example.com", "members": []})["id"]
    for start in (0, 100):
        google.change("Groups", team, {"op": "add", "path": "members", "value": [{"value": who} for who in crowd[start:start + 100]]})
    assert store.members(team) == set(crowd)
    google.change(
        "Groups", team,
        {"op": "replace", "path": "displayName", "value": "g-renamed@example.com"}, {"op": "replace", "path": "externalId", "value": "01abc"},
    )
    assert (store.group(team)["DisplayName"], store.group(team)["ExternalIds"][0]["Id"]) == ("g-renamed@example.com", "01abc")
    google.change("Groups", team, {"op": "remove", "path": "members", "value": [{"value": who} for who in crowd[20:]]})
    assert store.members(team) == set(crowd[:20])
    google("PUT", f"/Users/{ann}", {**body, "id": ann, "displayName": "Anna G", "active": False}, expect=200)
    assert (store.user(ann)["DisplayName"], store.status(ann)) == ("Anna G", "DISABLED")
    clean(google, (ann, *crowd), (team,))
