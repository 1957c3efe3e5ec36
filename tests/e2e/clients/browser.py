"""The person's browser, as `BROWSER=… %s` starts it: a real Chromium that signs in and allows the client.

The drivers open https://oidc.us-east-1.amazonaws.com/authorize, an address that is built into them. Chromium maps that name
to this machine and accepts exactly the server's own key for it.
"""

import os
import sys
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import sync_playwright


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
        page.get_by_label("User name").fill(os.environ["SIGN_IN_AS"])
        page.get_by_label("Password").fill(os.environ["DEMO_PASSWORD"])
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_load_state()
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
