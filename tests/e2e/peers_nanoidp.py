"""nanoidp from PyPI: OpenID Connect, and SAML that signs the Response alone."""

import json
import os
import signal
import subprocess
import time
import urllib.request

from conftest import TOOLS
from helpers import free_port


class NanoIdp:
    """`people` is {user name: {password, email, groups}}."""

    def __init__(self, folder, people, redirect_uri="https://127.0.0.1/unused", acs="https://127.0.0.1/unused"):
        self.folder, self.port, self.process = folder / "nanoidp", free_port(), None
        self.url = f"http://localhost:{self.port}"
        self.people, self.redirect_uri, self.acs = people, redirect_uri, acs
        (self.folder / "keys").mkdir(parents=True)

    def start(self, deadline_seconds=120):
        # JSON is YAML.
        settings = {
            "config_version": 1, "server": {"host": "127.0.0.1", "port": self.port},
            "jwt": {"keys_dir": str(self.folder / "keys")},
            "oauth": {"issuer": self.url, "audience": "gatehouse", "require_pkce": True, "clients": [
                {"client_id": "gatehouse", "client_secret": "nanoidp-secret", "redirect_uris": [self.redirect_uri]}]},
            "saml": {"default_acs_url": self.acs, "export_groups": True},
        }
        (self.folder / "settings.yaml").write_text(json.dumps(settings))
        (self.folder / "users.yaml").write_text(json.dumps({"config_version": 1, "users": self.people}))
        log = open(self.folder / "log.txt", "wb")
        command = [TOOLS / "nanoidp/bin/nanoidp", "--host", "127.0.0.1", "--port", str(self.port), "--config", self.folder]
        self.process = subprocess.Popen(command, env=dict(os.environ), stdout=log, stderr=log, start_new_session=True)
        deadline = time.monotonic() + deadline_seconds
        while True:
            try:
                self.metadata()
                return self
            except OSError:
                told = (self.folder / "log.txt").read_text()[-2000:]
                assert self.process.poll() is None and time.monotonic() < deadline, f"nanoidp didn't start:\n{told}"
                time.sleep(0.1)

    def metadata(self):
        with urllib.request.urlopen(f"{self.url}/saml/metadata", timeout=10) as answer:
            return answer.read().decode()

    def stop(self):
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
