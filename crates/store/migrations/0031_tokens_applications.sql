ALTER TABLE oauth_grants ADD COLUMN parent_id TEXT;
-- An application's code may be without a challenge.
CREATE TABLE oauth_codes_new (
    hash         TEXT PRIMARY KEY,
    grant_id     TEXT NOT NULL REFERENCES oauth_grants (id) ON DELETE CASCADE,
    redirect_uri TEXT NOT NULL,
    challenge    TEXT,
    expires      TEXT NOT NULL,
    used         TEXT
);
INSERT INTO oauth_codes_new SELECT hash, grant_id, redirect_uri, challenge, expires, used FROM oauth_codes;
DROP TABLE oauth_codes;
ALTER TABLE oauth_codes_new RENAME TO oauth_codes;
CREATE INDEX oauth_codes_by_grant ON oauth_codes (grant_id);
