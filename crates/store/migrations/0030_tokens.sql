CREATE TABLE oauth_clients (
    id            TEXT PRIMARY KEY,
    name          TEXT NOT NULL,
    secret_hash   TEXT NOT NULL,
    scopes        TEXT NOT NULL,
    redirect_uris TEXT NOT NULL,
    refreshes     INTEGER NOT NULL,
    issued        TEXT NOT NULL,
    expires       TEXT NOT NULL,
    used          INTEGER NOT NULL
);
CREATE TABLE oauth_grants (
    id             TEXT PRIMARY KEY,
    user_id        TEXT NOT NULL,
    user_name      TEXT NOT NULL,
    client_id      TEXT NOT NULL,
    scopes         TEXT NOT NULL,
    issuer         TEXT NOT NULL,
    application    TEXT NOT NULL,
    correlation    TEXT NOT NULL,
    created        TEXT NOT NULL,
    ends           TEXT NOT NULL,
    revoked        TEXT,
    revoked_reason TEXT
);
CREATE TABLE oauth_codes (
    hash         TEXT PRIMARY KEY,
    grant_id     TEXT NOT NULL REFERENCES oauth_grants (id) ON DELETE CASCADE,
    redirect_uri TEXT NOT NULL,
    challenge    TEXT NOT NULL,
    expires      TEXT NOT NULL,
    used         TEXT
);
CREATE INDEX oauth_codes_by_grant ON oauth_codes (grant_id);
CREATE TABLE oauth_access_tokens (
    hash     TEXT PRIMARY KEY,
    grant_id TEXT NOT NULL REFERENCES oauth_grants (id) ON DELETE CASCADE,
    issued   TEXT NOT NULL,
    expires  TEXT NOT NULL
);
CREATE INDEX oauth_access_tokens_by_grant ON oauth_access_tokens (grant_id);
CREATE TABLE oauth_refresh_tokens (
    hash     TEXT PRIMARY KEY,
    grant_id TEXT NOT NULL REFERENCES oauth_grants (id) ON DELETE CASCADE,
    issued   TEXT NOT NULL,
    expires  TEXT NOT NULL,
    used     TEXT
);
CREATE INDEX oauth_refresh_tokens_by_grant ON oauth_refresh_tokens (grant_id);
CREATE TABLE browser_sessions (
    hash        TEXT PRIMARY KEY,
    user_id     TEXT NOT NULL,
    correlation TEXT NOT NULL,
    created     TEXT NOT NULL,
    last_seen   TEXT NOT NULL
);
