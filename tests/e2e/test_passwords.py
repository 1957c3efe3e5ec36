"""Passwords as people meet them: one-time links and one-time passwords through a real Chromium, keyboard only."""

import contextlib
import subprocess
import urllib.error
import urllib.parse
import urllib.request

import pytest
from browser import chromium as launched
from browser import until
from conftest import binary
from helpers import Scim, gatehouse
from oauth import Flow

FIRST, SECOND = "the first horse 1", "the second horse 2"


def link(server, name, *options):
    return gatehouse(server, "user", "reset-password", name, "--link", *options)["Url"]


def one_time(server, name):
    return gatehouse(server, "user", "reset-password", name)["OneTimePassword"]


@pytest.fixture
def person(server, request):
    """Somebody of the test's own, with a password that their provider pushed over SCIM."""
    scim, name = Scim(server), f"pw-{request.node.name.split('[')[0].removeprefix('test_').replace('_', '-')}"[:60]
    identifier = scim.create_user(name, password=FIRST)["id"]
    yield name
    scim("DELETE", f"/Users/{identifier}", expect=204)


class Keyboard:
    """A page that is worked with the keyboard alone."""

    def __init__(self, page):
        self.page = page

    def goto(self, address):
        return self.page.goto(address).status

    def fill(self, *texts):
        """Types into the field that has the focus and the ones after it, then Enter; the status of the page this leads to."""
        self.reach_a_field()
        for number, text in enumerate(texts):
            if number:
                self.page.keyboard.press("Tab")
            self.page.keyboard.type(text)
        with self.page.expect_navigation() as answer:
            self.page.keyboard.press("Enter")
        return answer.value.status

    def reach_a_field(self):
        """With the Tab key, from wherever the focus is; a page with a choice before its form has set none."""
        for _ in range(10):
            if self.page.evaluate("document.activeElement.tagName === 'INPUT'"):
                return
            self.page.keyboard.press("Tab")
        raise AssertionError("no field can be reached with the keyboard")

    def focus(self):
        """Where typing goes. Chromium moves the focus with the first picture of a page, after it has loaded."""
        until(self.page, "() => document.activeElement !== document.body")
        return self.page.evaluate("document.activeElement.id || document.activeElement.innerText")

    def text(self):
        return self.page.locator("main").inner_text()


@pytest.fixture(scope="module")
def chromium(server):
    with launched(server) as running:
        yield running


@pytest.fixture
def browser(chromium):
    """Opens a browser of its own: other cookies, this width, this colour scheme."""
    with contextlib.ExitStack() as opened:
        def open_one(width=390, scheme="light"):
            context = chromium.new_context(viewport={"width": width, "height": 844}, color_scheme=scheme)
            opened.callback(context.close)
            page = context.new_page()
            page.set_default_timeout(10_000)
            return Keyboard(page)

        yield open_one


def signed_in(server, keys, name, password):
    keys.goto(server["GATEHOUSE_HTTPS"] + "/signin")
    keys.fill(name, password)
    return f"signed in as {name}" in keys.text()


@pytest.mark.parametrize(("width", "scheme"), [(390, "dark"), (1280, "light")])
def test_a_link_is_used_once(server, person, browser, width, scheme):
    old, keys = browser(), browser(width, scheme)
    assert signed_in(server, old, person, FIRST), "a password that SCIM set works"
    address = link(server, person)
    assert keys.goto(address) == 200 and keys.goto(address) == 200, "looking uses nothing up"
    assert keys.focus() == "new_password"
    assert keys.page.locator("input:visible").count() == 2, "the user name is for password managers only"
    assert keys.page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "nothing to scroll sideways"
    assert keys.fill(SECOND, "something else") == 400
    assert keys.page.get_by_role("alert").inner_text() == "The two entries differ. Type the same password twice."
    assert keys.focus() == "new_password"
    assert keys.fill(SECOND, SECOND) == 200 and "Your password is changed" in keys.text()
    assert keys.goto(address) == 410 and "used already" in keys.text()
    old.page.reload()
    assert "You are signed in" not in old.text(), "the old session has ended"
    assert not signed_in(server, old, person, FIRST)
    assert signed_in(server, keys, person, SECOND)


def test_a_short_password_never_leaves_the_page(server, person, browser):
    keys = browser()
    keys.goto(link(server, person))
    keys.focus()
    for key in ("short", "Tab", "short"):
        keys.page.keyboard.press(key) if key == "Tab" else keys.page.keyboard.type(key)
    keys.page.keyboard.press("Enter")
    assert keys.page.locator("#new_password").evaluate("field => field.validity.tooShort")
    assert keys.focus() == "new_password", "the browser leads back to what is wrong"


def test_wrong_replaced_and_foreign_links(server, person, browser):
    keys = browser()
    first = link(server, person)
    second = link(server, person, "--minutes", "1")
    for address in (first, server["GATEHOUSE_HTTPS"] + "/reset/wrong", second[:-1]):
        assert keys.goto(address) == 404 and "ask your administrator" in keys.text(), address
    # Somebody who has no page of ours (no cookie, no token) can't use even the right one.
    form = urllib.parse.urlencode({"new_password": SECOND, "again": SECOND}).encode()
    with pytest.raises(urllib.error.HTTPError) as refused:
        Flow(server).browser.open(urllib.request.Request(second, form), timeout=10)
    assert refused.value.code == 403
    assert keys.goto(second) == 200
    Scim(server).set_active(person, False)
    assert keys.fill(SECOND, SECOND) == 410, "it ended with the deactivation, while the page was open"
    said = gatehouse(server, "user", "reset-password", person, "--link", expect=1)
    assert "Activate the user first" in said, said
    Scim(server).set_active(person, True)
    assert keys.goto(second) == 410 and signed_in(server, keys, person, FIRST)


def test_a_one_time_password_must_be_changed(server, person, browser):
    before, keys = browser(), browser()
    assert signed_in(server, before, person, FIRST)
    once = one_time(server, person)
    before.page.reload()
    assert "You are signed in" not in before.text()
    assert not signed_in(server, keys, person, FIRST) and keys.focus() == "password", "the old one is gone"
    assert keys.fill(once) == 200 and "Choose a password" in keys.text()
    chooser = keys.page.url
    keys.goto(server["GATEHOUSE_HTTPS"] + "/signin")
    assert "You are signed in" not in keys.text(), "it opens nothing else"
    keys.goto(chooser)
    assert keys.fill(once, once) == 400 and "must differ from the one-time password" in keys.text()
    assert keys.fill(SECOND, SECOND) == 200
    assert not signed_in(server, browser(), person, once) and signed_in(server, keys, person, SECOND)


def test_a_program_goes_on_after_the_forced_change(server, browser):
    """From the program's address to the choice, through it, back to the consent."""
    keys, once = browser(), one_time(server, "nina")
    try:
        keys.goto(server["GATEHOUSE_HTTPS"] + Flow(server).authorize_address())
        assert keys.fill("nina", once) == 200 and keys.fill(SECOND, SECOND) == 200
        keys.page.get_by_role("link", name="Sign in").focus()
        keys.page.keyboard.press("Enter")
        keys.page.wait_for_selector("#user_name")
        keys.fill("nina", SECOND)
        assert "/authorize" in keys.page.url, keys.page.url
    finally:
        scim = Scim(server)
        scim.patch("Users", scim.user("nina")["id"], {"op": "replace", "path": "password", "value": server["DEMO_PASSWORD"]})


def test_scim_sets_the_password(server, person, browser):
    scim, keys = Scim(server), browser()
    identifier = scim.user(person)["id"]
    shown = scim.patch("Users", identifier, {"op": "replace", "path": "password", "value": SECOND})
    assert "password" not in shown
    assert not signed_in(server, keys, person, FIRST) and signed_in(server, browser(), person, SECOND)
    body = {"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": [{"op": "replace", "path": "password", "value": "short"}]}
    status, error = scim("PATCH", f"/Users/{identifier}", body)
    assert (status, error["scimType"]) == (400, "invalidValue") and "short" not in error["detail"], error
    once = one_time(server, person)
    scim.patch("Users", identifier, {"op": "replace", "path": "password", "value": FIRST})
    assert not signed_in(server, browser(), person, once) and signed_in(server, browser(), person, FIRST), "SCIM's is nobody's one-time"


def test_what_the_command_line_says(server, tmp_path):
    nobody = gatehouse(server, "user", "reset-password", "nobody-at-all", expect=1)
    assert '"nobody-at-all"' in nobody and "identitystore list-users" in nobody, nobody
    unknown = gatehouse(server, "scim-token", "delete", "nope", expect=1)
    assert '"nope"' in unknown and "gatehouse scim-token list" in unknown, unknown
    for folder in (tmp_path, tmp_path / "absent", server.data_dir / "lock"):
        said = subprocess.run([binary(), "scim-token", "list", "--data-dir", folder], capture_output=True, text=True, timeout=30)
        assert said.returncode == 1 and "no server has run in" in said.stderr and "--data-dir" in said.stderr, said.stderr
    # It ran, and stopped.
    gone = server.data_dir.parent / "gone"
    gone.mkdir()
    text = (server.data_dir / "endpoints.env").read_text()
    (gone / "endpoints.env").write_text(text.replace(server["GATEHOUSE_HTTP"], "http://127.0.0.1:1"))
    said = subprocess.run([binary(), "scim-token", "list", "--data-dir", gone], capture_output=True, text=True, timeout=30)
    assert said.returncode == 1 and "no server answers at 127.0.0.1:1" in said.stderr and "gatehouse up" in said.stderr, said.stderr
