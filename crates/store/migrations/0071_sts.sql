-- What ends temporary credentials before their time. Times are microseconds since 1970.
CREATE TABLE sts_revoked_role (
    role_id TEXT PRIMARY KEY,
    -- Sessions issued up to then are over.
    until   BIGINT NOT NULL
);
CREATE TABLE sts_revoked_session (
    access_key_id TEXT PRIMARY KEY,
    -- Until then it must be remembered.
    expires       BIGINT NOT NULL
);
CREATE INDEX sts_revoked_session_by_expiry ON sts_revoked_session (expires);
-- Assertions that were used and count once: hashes, and until when they could be used again (seconds since 1970).
CREATE TABLE sts_mark (
    key   TEXT PRIMARY KEY,
    until BIGINT NOT NULL
);
CREATE INDEX sts_mark_by_until ON sts_mark (until);
-- The latest end of a mark that was forgotten.
CREATE TABLE sts_forgotten (until BIGINT NOT NULL);
INSERT INTO sts_forgotten VALUES (-1);
