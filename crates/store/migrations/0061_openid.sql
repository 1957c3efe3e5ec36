CREATE TABLE openid_grants (
    id              TEXT PRIMARY KEY,
    user_id         TEXT NOT NULL,
    user_name       TEXT NOT NULL,
    application_id  TEXT NOT NULL,
    scopes          TEXT NOT NULL,
    nonce           TEXT,
    authenticated   TEXT NOT NULL,
    methods         TEXT NOT NULL,
    session_id      TEXT NOT NULL,
    correlation     TEXT NOT NULL,
    created         TEXT NOT NULL,
    ends            TEXT NOT NULL,
    code_hash       TEXT,
    code_redirect   TEXT,
    code_challenge  TEXT,
    code_expires    TEXT,
    code_used       TEXT,
    refresh_family  TEXT,
    refresh_newest  TEXT,
    refresh_expires TEXT,
    revoked         TEXT,
    revoked_reason  TEXT
);
CREATE TABLE openid_access_tokens (
    hash     TEXT PRIMARY KEY,
    grant_id TEXT NOT NULL REFERENCES openid_grants (id) ON DELETE CASCADE,
    scopes   TEXT NOT NULL,
    issued   TEXT NOT NULL,
    expires  TEXT NOT NULL
);
CREATE INDEX openid_access_tokens_by_grant ON openid_access_tokens (grant_id);
CREATE TABLE openid_devices (
    hash           TEXT PRIMARY KEY,
    user_code_hash TEXT NOT NULL,
    application_id TEXT NOT NULL,
    scopes         TEXT NOT NULL,
    created        TEXT NOT NULL,
    expires        TEXT NOT NULL,
    state          TEXT NOT NULL,
    grant_id       TEXT
);
