"""The real JDBC driver of Redshift: a small Java program, and sqlline. Both are compiled or started once a call, as a person would."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import CLIENTS, TOOLS

JARS = TOOLS / "jdbc"
PASSWORD_OF_TRUST = "changeit"


class Jdbc:
    """Programs on the driver, which trust one server's authority."""

    def __init__(self, folder):
        self.classes, self.desktop = folder / "classes", folder / "desktop"
        sources = CLIENTS / "jdbc"
        run("javac", "-d", self.classes, sources / "Query.java")
        run("javac", "-nowarn", "--patch-module", f"java.desktop={sources / 'desktop'}", "-d", self.desktop, sources / "desktop/java/awt/Desktop.java")
        self.folder = folder

    def trust(self, server):
        """A trust store with the server's authority, for the AWS SDK; the driver's own connection has sslrootcert."""
        store = self.folder / f"{server['SQL_PORT']}.p12"
        if not store.exists():
            run("keytool", "-importcert", "-noprompt", "-alias", "gatehouse", "-file", server["GATEHOUSE_CA"], "-keystore", store,
                "-storetype", "PKCS12", "-storepass", PASSWORD_OF_TRUST)
        return [f"-Djavax.net.ssl.trustStore={store}", f"-Djavax.net.ssl.trustStorePassword={PASSWORD_OF_TRUST}",
                "--patch-module", f"java.desktop={self.desktop}"]

    def environment(self, server, **more):
        inherited = {key: value for key, value in os.environ.items() if not key.startswith(("AWS_", "PG"))}
        return {
            **inherited, **server.env, "AWS_EC2_METADATA_DISABLED": "true", "GATEHOUSE_SPKI": server.spki(),
            "BROWSER": str(browser_script(self.folder)), **more,
        }

    def query(self, server, url, properties, *statements, **environment):
        """Lines: `connected URL`, `row…` per row, `done N`, `error SQLSTATE message`."""
        command = [
            "java", *self.trust(server), "-cp", f"{self.classes}:{JARS}/*", "Query", url,
            *(f"{name}={value}" for name, value in {"sslrootcert": server["GATEHOUSE_CA"], **properties}.items()), "--", *statements,
        ]
        done = subprocess.run(command, env=self.environment(server, **environment), capture_output=True, text=True, timeout=120)
        assert done.returncode in (0, 3), done.stderr
        return [line.split("\t") for line in done.stdout.splitlines()]

    def sqlline(self, server, url, properties, script, **environment):
        """What sqlline prints for a script of its commands and statements."""
        given = {"sslrootcert": server["GATEHOUSE_CA"], **properties}
        user, password = given.pop("user", ""), given.pop("password", "")
        options = ";".join(f"{name}={value}" for name, value in given.items())
        command = [
            "java", *self.trust(server), "-cp", f"{JARS}/*", "sqlline.SqlLine", "-d", "com.amazon.redshift.Driver", "-u", f"{url}?{options}",
            "-n", user, "-p", password, "--color=false", "--outputformat=csv",
        ]
        done = subprocess.run(
            command, env=self.environment(server, **environment), capture_output=True, text=True, timeout=120, input=script + "\n!quit\n"
        )
        return done.stdout + done.stderr


def browser_script(folder):
    """A program that takes an address, as desktops start browsers."""
    script = Path(folder) / "browser.sh"
    if not script.exists():
        script.write_text(f'#!/bin/sh\nexec {sys.executable} {CLIENTS / "browser.py"} "$1"\n')
        script.chmod(0o755)
    return script


def run(*command):
    done = subprocess.run([*map(str, command)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="session")
def jdbc(tmp_path_factory):
    return Jdbc(tmp_path_factory.mktemp("jdbc"))
