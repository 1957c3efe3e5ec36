"""A person's Chromium, driven by Playwright: what tests of sign-in pages share."""

import contextlib
import time
from pathlib import Path

from conftest import TOOLS
from playwright.sync_api import Error, sync_playwright

AXE = TOOLS / "axe/package/axe.min.js"
ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]


def until(page, expression, argument=None, seconds=15):
    """Waits until the page says yes. Playwright's own wait evaluates text in the page, which our pages' policy forbids."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            if page.evaluate(expression, argument):
                return
        except Error as error:
            if "context was destroyed" not in str(error) and "navigat" not in str(error):
                raise
        assert time.monotonic() < deadline, (expression, page.url)
        time.sleep(0.05)


class Person:
    """One browser of one person: cookies of its own."""

    def __init__(self, context):
        self.context = context
        self.page = context.new_page()
        self.page.set_default_timeout(30_000)
        self.said = []
        # A refused form-action or a blocked script is silent for the person: here it is kept.
        self.page.on("console", lambda message: self.said.append(message.text) if message.type == "error" else None)

    def goto(self, address):
        answer = self.page.goto(address)
        self.settle()
        return answer.status if answer else None

    def settle(self):
        self.page.wait_for_load_state("load")

    def fill(self, **fields):
        """Fields by their labels (`User_name` is the label "User name")."""
        for label, text in fields.items():
            self.page.get_by_label(label.replace("_", " "), exact=True).fill(text)

    def press(self, name, role="button"):
        """A button or link that leads to another page."""
        with self.page.expect_navigation():
            self.page.get_by_role(role, name=name, exact=True).first.click()
        self.settle()

    def enter(self, **fields):
        """Types into fields by their ids and sends the last one's form with the Enter key."""
        for identifier, text in fields.items():
            self.page.locator(f"#{identifier}").fill(text)
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")
        self.settle()

    def text(self):
        return self.page.locator("main").inner_text()

    def violations(self):
        """What axe finds on this page: each rule with the elements that break it."""
        self.page.evaluate(Path(AXE).read_text())
        found = self.page.evaluate("axe.run(document, {resultTypes: ['violations']})")
        return [(rule["id"], [node["html"][:200] for node in rule["nodes"]]) for rule in found["violations"]]

    def scrolls_sideways(self):
        return self.page.evaluate("document.documentElement.scrollWidth > innerWidth")


class Authenticator:
    """A platform authenticator of one browser, which verifies its user and keeps passkeys. A browser that offers them beside the user
    names goes on by itself as soon as the authenticator answers; one that doesn't (Firefox long didn't) waits for the page's button."""

    def __init__(self, someone, offers=True):
        if not offers:
            someone.context.add_init_script("PublicKeyCredential.isConditionalMediationAvailable = async () => false")
        self.session = someone.context.new_cdp_session(someone.page)
        self.session.send("WebAuthn.enable")
        made = self.session.send("WebAuthn.addVirtualAuthenticator", {"options": {
            "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
            "isUserVerified": True, "automaticPresenceSimulation": True,
        }})
        self.id = made["authenticatorId"]

    def touched(self, at_once):
        """Whether its owner touches it whenever it is asked."""
        self.session.send("WebAuthn.setAutomaticPresenceSimulation", {"authenticatorId": self.id, "enabled": at_once})


@contextlib.contextmanager
def chromium(*servers):
    """A Chromium that takes these servers' certificates."""
    keys = ",".join(server.spki() for server in servers)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=[*ARGUMENTS, f"--ignore-certificate-errors-spki-list={keys}"]
        )
        yield browser
        browser.close()


@contextlib.contextmanager
def person(browser, width=1280, scheme="light", **options):
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme, **options)
    try:
        yield Person(context)
    finally:
        context.close()
