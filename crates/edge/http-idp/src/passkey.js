// Passkeys: asks the browser for one and sends its answer with the form of the page. Without this script such forms stay hidden.
"use strict";
(() => {
  if (!window.PublicKeyCredential || !navigator.credentials) return;

  const toBytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (letter) => letter.charCodeAt(0));
  const toText = (buffer) =>
    btoa(Array.from(new Uint8Array(buffer), (byte) => String.fromCharCode(byte)).join(""))
      .replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  const withBytes = (list) => (list || []).map((entry) => ({ ...entry, id: toBytes(entry.id) }));

  const creation = (options) => ({
    ...options,
    challenge: toBytes(options.challenge),
    user: { ...options.user, id: toBytes(options.user.id) },
    excludeCredentials: withBytes(options.excludeCredentials),
  });
  const request = (options) => ({
    ...options,
    challenge: toBytes(options.challenge),
    allowCredentials: withBytes(options.allowCredentials),
  });

  const answer = (credential) => {
    const given = credential.response;
    const response = { clientDataJSON: toText(given.clientDataJSON) };
    if (given.attestationObject) {
      response.attestationObject = toText(given.attestationObject);
      response.transports = given.getTransports ? given.getTransports() : [];
    } else {
      response.authenticatorData = toText(given.authenticatorData);
      response.signature = toText(given.signature);
      response.userHandle = given.userHandle ? toText(given.userHandle) : null;
    }
    return JSON.stringify({
      id: credential.id,
      rawId: toText(credential.rawId),
      type: credential.type,
      authenticatorAttachment: credential.authenticatorAttachment,
      clientExtensionResults: credential.getClientExtensionResults(),
      response,
    });
  };

  const WORDS = {
    NotAllowedError: "No passkey was used: it was cancelled, took too long, or this device has none for this site. Try again, or use another way.",
    InvalidStateError: "This device or key is enrolled already. Use another one.",
    SecurityError: "The browser refuses passkeys at this address. Open the page under its own host name with https.",
    NotSupportedError: "This device can't make a passkey of the kind that is needed.",
  };

  const SUPERSEDED = "superseded";

  for (const form of document.querySelectorAll("form[data-passkey]")) {
    const create = form.dataset.passkey === "create";
    const options = JSON.parse(form.dataset.options).publicKey;
    const message = form.querySelector("[data-message]");
    let waiting = null;

    const send = (credential) => {
      form.elements.namedItem("credential").value = answer(credential);
      form.submit();
    };
    const ask = async (extra) => {
      if (waiting) waiting.abort(SUPERSEDED);
      waiting = new AbortController();
      const how = { ...extra, signal: waiting.signal, publicKey: create ? creation(options) : request(options) };
      send(create ? await navigator.credentials.create(how) : await navigator.credentials.get(how));
    };

    // The browser offers passkeys beside the saved user names, without a word when there is none.
    const conditional = form.dataset.conditional !== undefined && PublicKeyCredential.isConditionalMediationAvailable;
    const offer = () => {
      if (!conditional) return;
      PublicKeyCredential.isConditionalMediationAvailable()
        .then((available) => (available ? ask({ mediation: "conditional" }) : undefined))
        .catch(() => undefined);
    };

    form.addEventListener("submit", (event) => {
      event.preventDefault();
      message.textContent = "";
      ask({}).catch((error) => {
        // The button was pressed again: the newer question is the one that is open.
        if (error === SUPERSEDED) return;
        message.textContent = WORDS[error.name] || `The passkey can't be used: ${error.message || error.name}`;
        offer();
      });
    });
    form.hidden = false;
    for (const part of document.querySelectorAll(`[data-without-script="${form.id}"]`)) part.hidden = true;
    offer();
  }
})();
