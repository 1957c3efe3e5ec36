"""scim2-tester against a running server: one JSON line per check.

    scim_conformance.py URL TOKEN
"""

import json
import sys

import httpx2
from scim2_client.engines.httpx2 import SyncSCIMClient
from scim2_tester import check_server

url, token = sys.argv[1:]
client = httpx2.Client(base_url=url, headers={"Authorization": f"Bearer {token}"}, timeout=30)
scim = SyncSCIMClient(client)
scim.discover()
for result in check_server(scim):
    print(json.dumps({"status": result.status.name, "title": result.title, "reason": result.reason}))
