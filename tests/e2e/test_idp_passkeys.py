"""Passkeys at the built-in identity provider with Chromium's own authenticator: the page's script, not only the server."""

import pytest
from browser import Authenticator, chromium, person
from conftest import Server, binary
from idp import add_person, sign_in

NAME = "keyholder"


@pytest.fixture(scope="module")
def provider(tmp_path_factory):
    server = Server(tmp_path_factory.mktemp("idp-passkeys") / "data", command=[binary(), "up"]).start()
    add_person(server, NAME)
    yield server
    assert server.stop() == 0


@pytest.fixture(scope="module")
def browser(provider):
    with chromium(provider) as running:
        yield running


def test_a_passkey_is_offered_beside_the_names_and_a_second_press_is_no_failure(provider, browser):
    console = provider["IDP_URL"]
    with person(browser) as owner:
        device = Authenticator(owner)
        owner.goto(console)
        sign_in(owner, NAME)
        owner.goto(console + "/account/passkeys/add")
        owner.page.locator("#passkey-name").fill("My laptop")
        owner.page.keyboard.press("Enter")
        owner.page.wait_for_selector("ol.codes")
        assert not owner.violations()
        owner.goto(console + "/account/passkeys/add")
        owner.page.locator("#passkey-name").fill("The same again")
        owner.page.keyboard.press("Enter")
        owner.page.get_by_text("enrolled already").wait_for()
        owner.goto(console + "/account")
        device.touched(False)
        owner.press("Sign out")
        owner.goto(console + "/signin")
        button = owner.page.get_by_role("button", name="Sign in with a passkey")
        for _ in range(3):
            button.click()
            # The question that was superseded has been told so by then.
            owner.page.evaluate("new Promise((done) => setTimeout(done, 200))")
            assert owner.page.locator("[data-message]").inner_text() == ""
        device.touched(True)
        button.click()
        owner.page.wait_for_url(console)
        owner.press("Sign out")
        owner.goto(console + "/signin")
        # Nothing is pressed: the browser's list of names has the passkey, and this authenticator takes it.
        owner.page.wait_for_url(console)
        assert not [line for line in owner.said if "Content Security Policy" in line], owner.said
