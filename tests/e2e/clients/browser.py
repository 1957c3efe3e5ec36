"""The person's browser, as `BROWSER=… %s` starts it: a real Chromium that signs in and allows the client.

The drivers open https://oidc.us-east-1.amazonaws.com/authorize, an address that is built into them. Chromium maps that name
to this machine and accepts exactly the server's own key for it.
"""

import os
import sys
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import sync_playwright


# The fields of each provider's form. Nothing else of a foreign page is relied on.
FORMS = {
    "directory": ("#user_name", "#password", "button[type=submit]"),
    "idp": ("#user_name", "#password", "button[type=submit]"),
    "keycloak": ("#username", "#password", "#kc-login"),
    "simplesamlphp": ("#username", "#password", "#submit_button, button[type=submit], input[type=submit]"),
    "nanoidp": ("#username", "#password", "button[type=submit]"),
}


THANKS = "Thank you for using Amazon Redshift! You can now close this window."


def sign_in(page):
    """At the identity source that the test names, or at the directory."""
    source = os.environ.get("SIGN_IN_WITH")
    if source:
        page.get_by_role("link", name=f"Sign in with {source}").click()
    name, password, submit = FORMS[os.environ.get("SIGN_IN_AT", "directory")]
    page.locator(name).fill(os.environ["SIGN_IN_AS"])
    page.locator(password).fill(os.environ["DEMO_PASSWORD"])
    page.locator(submit).first.click()
    page.wait_for_load_state()


def main(url):
    https = urlsplit(os.environ["GATEHOUSE_HTTPS"])
    arguments = [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        f"--host-resolver-rules=MAP oidc.us-east-1.amazonaws.com:443 {https.hostname}:{https.port}",
        f"--ignore-certificate-errors-spki-list={os.environ['GATEHOUSE_SPKI']}",
    ]
    pictures = os.environ.get("GATEHOUSE_PICTURES")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=arguments)
        page = browser.new_page(viewport={"width": 390, "height": 844})
        page.goto(url)
        if pictures:
            page.screenshot(path=f"{pictures}/sign-in.png")
        sign_in(page)
        # The consent page, or the page that says why not; a foreign provider's answer posts itself first.
        page.wait_for_selector(f"button[name=decision], [role=alert]:not(:empty), body:has-text('{THANKS}')")
        if page.locator(f"body:has-text('{THANKS}')").count():
            # The driver's own page: it has the assertion.
            browser.close()
            return
        allow = page.get_by_role("button", name="Allow")
        if not allow.count():
            # Nothing to allow: the page says why. What a person reads is what the test gets.
            if pictures:
                page.screenshot(path=f"{pictures}/refused.png")
            told = page.locator("main").inner_text()
            way_back = page.get_by_role("link", name="Return to")
            if way_back.count():
                way_back.click()
            browser.close()
            Path(os.environ["REFUSAL"]).write_text(told)
            return
        if pictures:
            page.screenshot(path=f"{pictures}/consent.png")
        allow.click()
        page.wait_for_load_state()
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1])
