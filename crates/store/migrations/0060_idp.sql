-- What only the built-in identity provider has. Groups and people are named without foreign keys: they are of another port, and what
-- belongs to who is gone is deleted when their end is announced.

CREATE TABLE idp_settings (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
);

CREATE TABLE idp_applications (
    id          TEXT PRIMARY KEY,
    slug        TEXT NOT NULL UNIQUE,
    label       TEXT NOT NULL,
    description TEXT NOT NULL,
    hidden      BOOLEAN NOT NULL,
    active      BOOLEAN NOT NULL,
    client_id   TEXT UNIQUE,
    connector   TEXT NOT NULL,
    version     INTEGER NOT NULL,
    created     TEXT NOT NULL,
    modified    TEXT NOT NULL
);

CREATE TABLE idp_application_groups (
    application_id TEXT NOT NULL REFERENCES idp_applications (id) ON DELETE CASCADE,
    group_id       TEXT NOT NULL,
    PRIMARY KEY (application_id, group_id)
) WITHOUT ROWID;

CREATE TABLE idp_factors (
    user_id        TEXT PRIMARY KEY,
    totp_sealed    BLOB,
    totp_enrolled  TEXT,
    totp_last_step INTEGER,
    recovery       TEXT
);

CREATE TABLE idp_passkeys (
    id        TEXT PRIMARY KEY,
    user_id   TEXT NOT NULL REFERENCES idp_factors (user_id) ON DELETE CASCADE,
    position  INTEGER NOT NULL,
    passkey   TEXT NOT NULL,
    created   TEXT NOT NULL,
    last_used TEXT
);
CREATE INDEX idp_passkeys_by_user ON idp_passkeys (user_id);

CREATE TABLE idp_signing_keys (
    id            TEXT PRIMARY KEY,
    owner         TEXT NOT NULL,
    state         TEXT NOT NULL CHECK (state IN ('next', 'current', 'retired')),
    retired_until TEXT CHECK ((state = 'retired') = (retired_until IS NOT NULL)),
    created       TEXT NOT NULL,
    certificate   BLOB NOT NULL,
    sealed        BLOB NOT NULL
);
-- One key of an owner signs, and one comes next.
CREATE UNIQUE INDEX idp_signing_keys_one ON idp_signing_keys (owner, state) WHERE state <> 'retired';

CREATE TABLE idp_api_tokens (
    id        TEXT PRIMARY KEY,
    name      TEXT NOT NULL,
    hash      TEXT NOT NULL UNIQUE,
    created   TEXT NOT NULL,
    expires   TEXT NOT NULL,
    revoked   TEXT,
    last_used TEXT
);

CREATE TABLE idp_sessions (
    id            TEXT PRIMARY KEY,
    hash          TEXT NOT NULL UNIQUE,
    user_id       TEXT NOT NULL,
    correlation   TEXT NOT NULL,
    factors       TEXT NOT NULL,
    authenticated TEXT NOT NULL,
    last_seen     TEXT NOT NULL
);

CREATE TABLE idp_session_participants (
    session_id     TEXT NOT NULL REFERENCES idp_sessions (id) ON DELETE CASCADE,
    position       INTEGER NOT NULL,
    application_id TEXT NOT NULL,
    name_id        TEXT NOT NULL,
    name_id_format TEXT NOT NULL,
    PRIMARY KEY (session_id, position)
) WITHOUT ROWID;
