"""SCIM over the wire: the conformance tool, every provider's own requests, paging, sort, search, Bulk, dry runs, the AWS profile."""

import json
import subprocess
import urllib.parse

import pytest
from conftest import CLIENTS, TOOLS, Server, binary
from helpers import Scim

BULK = "urn:ietf:params:scim:api:messages:2.0:BulkRequest"
SEARCH = "urn:ietf:params:scim:api:messages:2.0:SearchRequest"
DRY_RUN = "urn:gatehouse:params:scim:api:messages:2.0:DryRun"
USER = "urn:ietf:params:scim:schemas:core:2.0:User"
GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
# Another tenant of the same shape.
OTHER_TENANT = "d-0123456789"


@pytest.fixture
def scim(server):
    return Scim(server)


def test_the_conformance_tool_finds_nothing(fresh_server):
    """At least 135 checks over the full schema: a thinner /Schemas would give fewer."""
    server = fresh_server()
    done = subprocess.run(
        [TOOLS / "scim/bin/python", CLIENTS / "scim_conformance.py", server["GATEHOUSE_HTTP"] + "/scim/v2", server["SCIM_TOKEN"]],
        capture_output=True, text=True, timeout=120,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    results = [json.loads(line) for line in done.stdout.splitlines()]
    assert [result for result in results if result["status"] != "SUCCESS"] == []
    assert len(results) >= 135, len(results)


@pytest.fixture
def crowd(scim):
    """30 people whose names nobody else has."""
    made = [scim.create_user(f"crowd{number:02}", title=f"T{number % 3}")["id"] for number in range(30)]
    yield made
    for identifier in made:
        scim("DELETE", f"/Users/{identifier}", expect=204)


def query(**parameters):
    return "?" + urllib.parse.urlencode(parameters)


def walk(scim, path, **parameters):
    """Every page of a cursor list."""
    found, cursor = [], ""
    while cursor is not None:
        page = scim("GET", path + query(cursor=cursor, **parameters), expect=200)
        assert "startIndex" not in page
        found += page["Resources"]
        cursor = page.get("nextCursor")
    return found


def test_index_and_cursor_pages_hold_everybody_once(scim, crowd):
    by_cursor = [user["id"] for user in walk(scim, "/Users", count=7)]
    by_index, start = [], 1
    while True:
        page = scim("GET", "/Users" + query(startIndex=start, count=7), expect=200)
        by_index += [user["id"] for user in page["Resources"]]
        start += page["itemsPerPage"]
        if start > page["totalResults"]:
            break
    assert by_cursor == by_index and len(set(by_index)) == len(by_index) and set(crowd) <= set(by_index)
    filtered = walk(scim, "/Users", count=4, filter='userName sw "crowd" and title eq "T1"')
    assert len(filtered) == 10
    status, error = scim("GET", "/Users" + query(cursor="not-one-of-ours"))
    assert (status, error["scimType"]) == (400, "invalidCursor")


def test_sort(scim, crowd):
    page = scim("GET", "/Users" + query(filter='userName sw "CROWD"', sortBy="userName", sortOrder="descending", count=3), expect=200)
    assert [user["userName"] for user in page["Resources"]] == ["crowd29", "crowd28", "crowd27"]
    scim.patch("Users", crowd[5], {"op": "remove", "path": "title"})
    page = scim("GET", "/Users" + query(filter='userName sw "crowd"', sortBy="title", count=100), expect=200)
    assert page["Resources"][-1]["id"] == crowd[5], "a missing value is last in ascending order (RFC 7644 3.4.2.3)"


def test_search_over_both_types(scim, crowd):
    group = scim.create_group("crowd-group", crowd[0])
    body = {"schemas": [SEARCH], "filter": 'userName eq "crowd00" or displayName eq "crowd-group"', "attributes": ["id"]}
    found = scim("POST", "/.search", body, expect=200)
    assert {resource["id"] for resource in found["Resources"]} == {crowd[0], group["id"]}
    only = scim("POST", "/Users/.search", {"schemas": [SEARCH], "filter": 'groups.value eq "%s"' % group["id"]}, expect=200)
    assert [user["id"] for user in only["Resources"]] == [crowd[0]]
    scim("DELETE", f"/Groups/{group['id']}", expect=204)


def test_bulk_with_references_in_any_order(scim):
    operations = [
        {"method": "POST", "path": "/Groups", "bulkId": "team", "data": {
            "schemas": [GROUP], "displayName": "bulk-team", "members": [{"value": "bulkId:one"}, {"value": "bulkId:two"}]}},
        {"method": "POST", "path": "/Users", "bulkId": "one", "data": {"schemas": [USER], "userName": "bulk-one", "active": True}},
        {"method": "POST", "path": "/Users", "bulkId": "two", "data": {"schemas": [USER], "userName": "bulk-two", "active": True}},
        {"method": "PATCH", "path": "/Users/bulkId:two", "data": {
            "schemas": [PATCH], "Operations": [{"op": "replace", "path": "title", "value": "Second"}]}},
        {"method": "POST", "path": "/Users", "bulkId": "again", "data": {"schemas": [USER], "userName": "BULK-ONE"}},
    ]
    answer = scim("POST", "/Bulk", {"schemas": [BULK], "Operations": operations}, expect=200)
    assert [operation["status"] for operation in answer["Operations"]] == ["201", "201", "201", "200", "409"]
    assert answer["Operations"][4]["response"]["scimType"] == "uniqueness"
    team = scim.group("bulk-team")
    assert {member["value"] for member in team["members"]} == {scim.user("bulk-one")["id"], scim.user("bulk-two")["id"]}
    assert scim.user("bulk-two")["title"] == "Second"
    stop = scim("POST", "/Bulk", {"schemas": [BULK], "failOnErrors": 1, "Operations": [operations[4], operations[3]]}, expect=200)
    assert len(stop["Operations"]) == 1
    removals = [{"method": "DELETE", "path": f"/Users/{scim.user(name)['id']}"} for name in ("bulk-one", "bulk-two")]
    removals.append({"method": "DELETE", "path": f"/Groups/{team['id']}"})
    answer = scim("POST", "/Bulk", {"schemas": [BULK], "Operations": removals}, expect=200)
    assert [operation["status"] for operation in answer["Operations"]] == ["204"] * 3


def test_a_dry_run_tells_who_gains_and_loses_which_table(server, scim):
    sales, ethan = scim.group("awssso-sales"), scim.user("ethan")
    body = {"schemas": [PATCH], "Operations": [{"op": "remove", "path": f'members[value eq "{ethan["id"]}"]'}]}
    answer = scim("PATCH", f"/Groups/{sales['id']}", body, {"Gatehouse-Dry-Run": "true"}, expect=200)
    assert answer["schemas"] == [DRY_RUN]
    text = json.dumps(answer)
    assert "sales_schema.store_sales" in text and "ethan" in text, answer
    assert ethan["id"] in {member["value"] for member in scim.group("awssso-sales")["members"]}, "nothing has changed"
    body = {"schemas": [PATCH], "Operations": [{"op": "replace", "value": {"active": False}}]}
    answer = scim("PATCH", f"/Users/{ethan['id']}", body, {"Gatehouse-Dry-Run": "true"}, expect=200)
    assert "sales_schema.store_sales" in json.dumps(answer)
    assert scim.user("ethan")["active"] is True
    duplicate = {"schemas": [USER], "userName": "ETHAN"}
    status, error = scim("POST", "/Users", duplicate, {"Gatehouse-Dry-Run": "true"})
    assert (status, error["scimType"]) == (409, "uniqueness"), "the answer that the request itself would get"


def test_the_tenant_address(server, scim):
    """AWS's form of the address; another tenant's is as good as no token."""
    tenant = server["IDC_INSTANCE_ARN"] and Scim(server)
    store = json.loads(
        subprocess.run(
            [TOOLS / "py/bin/aws", "sso-admin", "list-instances", "--output", "json"], env=server.client_env(), capture_output=True,
            text=True, check=True,
        ).stdout
    )["Instances"][0]["IdentityStoreId"]
    tenant.url = f"{server['GATEHOUSE_HTTPS']}/{store}/scim/v2/"
    assert tenant.user("ethan")["userName"] == "ethan"
    tenant.url = f"{server['GATEHOUSE_HTTPS']}/{OTHER_TENANT}/scim/v2"
    assert tenant("GET", "/Users")[0] == 401


def test_the_aws_profile(tmp_path):
    """`--scim-profile idc`: what AWS's own endpoint refuses (standards.md 1.5)."""
    server = Server(tmp_path / "data", command=[binary(), "up", "--demo"], options=["--scim-profile", "idc"]).start()
    try:
        scim = Scim(server)
        scim.create_user("compat")
        status, error = scim("POST", "/Users", {"schemas": [USER], "userName": "incomplete", "active": True})
        assert status == 400, error
        status, _ = scim("GET", "/Users" + query(filter='userName sw "comp"'))
        assert status == 400
        group = scim.create_group("compat-group", scim.user("compat")["id"])
        assert scim("GET", f"/Groups/{group['id']}", expect=200).get("members", []) == []
        add = {"op": "add", "path": "members", "value": [{"value": scim.user("ethan")["id"]}]}
        assert scim.patch("Groups", group["id"], add, expect=204) is None
        assert scim("POST", "/Bulk", {"schemas": [BULK], "Operations": []})[0] in (404, 501)
    finally:
        server.stop()
