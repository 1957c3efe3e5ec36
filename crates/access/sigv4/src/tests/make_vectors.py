"""Writes vectors.json and random.json: requests that botocore signed. Run it beside them; it needs no network."""
import datetime
import json
import pathlib
import random
import urllib.parse
from unittest import mock

import botocore.auth
import botocore.awsrequest
import botocore.credentials

NOW = datetime.datetime(2026, 2, 28, 23, 59, 30, tzinfo=datetime.timezone.utc)
KEY, SECRET = "AKIAGATEHOUSEEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
HOST = "127.0.0.1:18777"
FORM = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}
JSON = {"Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": "SWBExternalService.ListInstances"}

CASES = [
    # name, method, path and query, headers, body, service, presigned, session token
    ("form post", "POST", "/", FORM, "Action=DescribeClusters&Version=2012-12-01&ClusterIdentifier=a%20b", "redshift", False, None),
    ("json post", "POST", "/", JSON, '{"MaxResults": 3}', "sso", False, None),
    ("session token", "POST", "/", FORM, "Action=GetCallerIdentity&Version=2011-06-15", "sts", False, "FwoGZXIvYXdzEBYaD//+=="),
    ("query order and encoding", "GET", "/?b=2&a=%C3%A9&a=1&B=~_.-&c=x%2Fy%2Bz&empty=", {}, "", "sts", False, None),
    ("path encoded twice", "GET", "/a%20b/c%2Fd/%E4%BD%A0/", {}, "", "sts", False, None),
    ("path dots", "GET", "/one/./two/../three//four", {}, "", "sts", False, None),
    ("header spaces", "GET", "/", {"X-Amz-Meta-Note": "  two   words  "}, "", "sts", False, None),
    ("presigned get", "GET", "/?Action=GetCallerIdentity&Version=2011-06-15", {}, "", "sts", True, None),
    ("presigned with token", "GET", "/?Action=GetCallerIdentity&Version=2011-06-15", {}, "", "sts", True, "FwoGZXIvYXdzEBYaD//+=="),
]


def sign(name, method, target, headers, body, service, presigned, token):
    credentials = botocore.credentials.Credentials(KEY, SECRET, token)
    request = botocore.awsrequest.AWSRequest(method=method, url=f"http://{HOST}{target}", headers=dict(headers), data=body.encode())
    kind = botocore.auth.SigV4QueryAuth if presigned else botocore.auth.SigV4Auth
    naive = NOW.replace(tzinfo=None)
    with mock.patch("botocore.auth.get_current_datetime", create=True, return_value=naive):
        kind(credentials, service, "us-east-1").add_auth(request)
    prepared = request.prepare()
    path, _, query = prepared.url.removeprefix(f"http://{HOST}").partition("?")
    sent = [["host", HOST]] + [[k, v if isinstance(v, str) else v.decode()] for k, v in prepared.headers.items()]
    return {"name": name, "method": method, "path": path, "query": query, "headers": sent, "body": body,
            "service": service, "token": token}


def drawn(number, dice):
    """A request whose every part is drawn."""
    letters = "abcXYZ019 ~-_.%&=+/é你;:@!$'(),*#?\"<>[]{}|^`\\\t"
    text = lambda most: "".join(dice.choice(letters) for _ in range(dice.randrange(most)))
    quoted = lambda most, safe="": urllib.parse.quote(text(most), safe=safe)
    presigned = dice.random() < 0.3
    method = "GET" if presigned else dice.choice(["GET", "POST", "PUT", "DELETE"])
    path = "/" + "/".join(quoted(6) for _ in range(dice.randrange(4)))
    query = "&".join(f"{quoted(5) or 'a'}={quoted(8)}" for _ in range(dice.randrange(5)))
    headers = {} if presigned else {f"X-Amz-Meta-{index}": " ".join(text(9).split()).encode("ascii", "ignore").decode() or "-" for index in range(dice.randrange(4))}
    body = "" if method == "GET" else urllib.parse.urlencode([(text(6) or "a", text(20)) for _ in range(dice.randrange(5))])
    token = None if dice.random() < 0.6 else "".join(dice.choice("abcXYZ019+/=") for _ in range(40))
    service = dice.choice(["sts", "redshift", "iam", "sso"])
    return (f"random {number}", method, path + (f"?{query}" if query else ""), headers, body, service, presigned, token)


dice = random.Random(20261122)
drawn_cases = {"now": int(NOW.timestamp()), "key": KEY, "secret": SECRET, "region": "us-east-1",
               "cases": [sign(*drawn(number, dice)) for number in range(120)]}
pathlib.Path(__file__).with_name("random.json").write_text(json.dumps(drawn_cases, ensure_ascii=False) + "\n")
out = {"now": int(NOW.timestamp()), "key": KEY, "secret": SECRET, "region": "us-east-1", "cases": [sign(*case) for case in CASES]}
pathlib.Path(__file__).with_name("vectors.json").write_text(json.dumps(out, indent=1) + "\n")
