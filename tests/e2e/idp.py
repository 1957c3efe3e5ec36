"""The built-in identity provider, as its administrator and its people use it."""

import base64
import hashlib
import hmac
import json
import ssl
import struct
import time
import urllib.error
import urllib.request

from browser import until
from helpers import gatehouse

PASSWORD = "provider-Password-1"


def idp(server, *arguments, **options):
    return gatehouse(server, "idp", *arguments, **options)


def add_person(server, name, *groups, password=PASSWORD, **more):
    """Somebody with a password. Their e-mail address is their name where that is one."""
    options = [part for group in groups for part in ("--group", group)]
    for option, value in {"given": name.split("@")[0].title(), "family": "Example", **more}.items():
        options += [f"--{option}", value]
    email = name if "@" in name else f"{name}@example.com"
    return idp(server, "person", "add", name, "--email", email, "--password-file", "-", *options, stdin=password)


class Api:
    """The administration API with the token of endpoints.env."""

    def __init__(self, server, token=None, base="/api/v1"):
        self.base, self.token = server["IDP_URL"] + base, token or server["IDP_API_TOKEN"]
        self.tls = ssl.create_default_context(cafile=server["GATEHOUSE_CA"])

    def __call__(self, method, path, body=None, headers=None):
        data = body if isinstance(body, bytes) else None if body is None else json.dumps(body).encode()
        given = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json", **(headers or {})}
        request = urllib.request.Request(self.base + path, data, given, method=method)
        try:
            with urllib.request.urlopen(request, context=self.tls, timeout=30) as answer:
                text = answer.read()
                return answer.status, json.loads(text) if text else None
        except urllib.error.HTTPError as error:
            text = error.read()
            return error.code, json.loads(text) if text else None


def totp(secret, at=None):
    """RFC 6238 with the secret as the page shows it, in words."""
    key = base64.b32decode("".join(secret.split()).upper() + "=" * (-len("".join(secret.split())) % 8))
    digest = hmac.new(key, struct.pack(">Q", int(at or time.time()) // 30), hashlib.sha1).digest()
    place = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[place:place + 4])[0] & 0x7FFFFFFF) % 1_000_000:06}"


def sign_in(someone, name, password=PASSWORD):
    """The provider's form; ends on whatever comes then, also at another site."""
    someone.page.locator("#user_name").fill(name)
    someone.page.locator("#password").fill(password)
    before = someone.page.url
    someone.page.keyboard.press("Enter")
    until(someone.page, "before => location.href !== before || !!document.querySelector('[role=alert]:not(:empty)')", before)
    someone.page.wait_for_load_state("networkidle")
