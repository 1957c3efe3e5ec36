"""SimpleSAMLphp from Debian, as a SAML identity provider: PHP's own web server and a configuration of the test's."""

import os
import signal
import subprocess
import time
import urllib.request
from pathlib import Path

from helpers import free_port

WWW = Path("/usr/share/simplesamlphp/www")
CONFIG = """<?php
$config = [
    'baseurlpath' => '%(url)s/', 'certdir' => '%(folder)s/', 'loggingdir' => '%(folder)s/', 'datadir' => '%(folder)s/', 'tempdir' => '%(folder)s/tmp',
    'secretsalt' => 'only-for-tests-0123456789', 'auth.adminpassword' => 'only-for-tests', 'timezone' => 'UTC', 'logging.handler' => 'file',
    'logging.level' => 7, 'enable.saml20-idp' => true, 'store.type' => 'phpsession', 'session.cookie.secure' => false,
    'session.phpsession.savepath' => '%(folder)s/sessions', 'module.enable' => ['exampleauth' => true, 'core' => true, 'saml' => true],
    'trusted.url.domains' => [], 'metadata.sources' => [['type' => 'flatfile', 'directory' => '%(folder)s/metadata']],
    'language.default' => 'en', 'theme.use' => 'default', 'language.available' => ['en'],
];
"""
SOURCES = """<?php
$config = ['people' => ['exampleauth:UserPass', %s]];
"""
HOSTED = """<?php
$metadata['%(url)s/idp'] = [
    'host' => '__DEFAULT__', 'privatekey' => 'key.pem', 'certificate' => 'cert.pem', 'auth' => 'people',
    'signature.algorithm' => 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256',
    'NameIDFormat' => 'urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress',
    'authproc' => [3 => ['class' => 'saml:AttributeNameID', 'attribute' => 'mail', 'Format' => 'urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress']],
];
"""
REMOTE = """<?php
$metadata['%s'] = [
    'AssertionConsumerService' => '%s', 'SingleLogoutService' => '%s', 'NameIDFormat' => 'urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress',
    'saml20.sign.assertion' => %s, 'saml20.sign.response' => true,
];
"""


class SimpleSamlPhp:
    """`people` is {user name: (password, e-mail, groups)}."""

    def __init__(self, folder, people):
        self.folder, self.port, self.process = folder / "simplesamlphp", free_port(), None
        self.url = f"http://localhost:{self.port}"
        for name in ("metadata", "tmp", "sessions"):
            (self.folder / name).mkdir(parents=True)
        at = {"url": self.url, "folder": self.folder}
        (self.folder / "config.php").write_text(CONFIG % at)
        listed = ", ".join(
            f"'{name}:{password}' => ['uid' => ['{name}'], 'mail' => ['{mail}'], 'groups' => [{', '.join(map(repr, groups))}]]"
            for name, (password, mail, groups) in people.items()
        )
        (self.folder / "authsources.php").write_text(SOURCES % listed)
        (self.folder / "metadata/saml20-idp-hosted.php").write_text(HOSTED % at)
        (self.folder / "metadata/saml20-sp-remote.php").write_text("<?php\n")
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "3650", "-subj", "/CN=simplesamlphp",
             "-keyout", self.folder / "key.pem", "-out", self.folder / "cert.pem"],
            check=True, capture_output=True,
        )

    def service_provider(self, entity_id, acs, slo, sign_assertion=True):
        (self.folder / "metadata/saml20-sp-remote.php").write_text(REMOTE % (entity_id, acs, slo, str(sign_assertion).lower()))

    def start(self, deadline_seconds=120):
        environment = {**os.environ, "SIMPLESAMLPHP_CONFIG_DIR": str(self.folder), "PHP_CLI_SERVER_WORKERS": "2"}
        log = open(self.folder / "log.txt", "wb")
        command = ["php", "-S", f"localhost:{self.port}", "-t", WWW]
        self.process = subprocess.Popen(command, env=environment, stdout=log, stderr=log, start_new_session=True)
        deadline = time.monotonic() + deadline_seconds
        while True:
            try:
                self.metadata()
                return self
            except OSError:
                told = (self.folder / "log.txt").read_text()[-2000:]
                assert self.process.poll() is None and time.monotonic() < deadline, f"SimpleSAMLphp didn't start:\n{told}"
                time.sleep(0.1)

    def metadata(self):
        with urllib.request.urlopen(f"{self.url}/saml2/idp/metadata.php", timeout=10) as answer:
            return answer.read().decode()

    def tile(self, entity_id, relay_state=""):
        """Where a person begins at the identity provider."""
        return f"{self.url}/saml2/idp/SSOService.php?spentityid={entity_id}" + (f"&RelayState={relay_state}" if relay_state else "")

    def stop(self):
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
