ALTER TABLE directory_users ADD COLUMN origin TEXT NOT NULL DEFAULT 'api';
UPDATE directory_users SET origin = 'scim' WHERE external_id IS NOT NULL;
ALTER TABLE directory_groups ADD COLUMN origin TEXT NOT NULL DEFAULT 'api';
UPDATE directory_groups SET origin = 'scim' WHERE external_id IS NOT NULL;

-- A membership's number stays while it does, and isn't given again.
CREATE TABLE directory_memberships (
    number   INTEGER PRIMARY KEY AUTOINCREMENT,
    group_id TEXT NOT NULL REFERENCES directory_groups (id) ON DELETE CASCADE,
    user_id  TEXT NOT NULL REFERENCES directory_users (id) ON DELETE CASCADE,
    UNIQUE (group_id, user_id)
);
INSERT INTO directory_memberships (group_id, user_id) SELECT group_id, user_id FROM directory_members ORDER BY group_id, user_id;
DROP TABLE directory_members;
ALTER TABLE directory_memberships RENAME TO directory_members;
CREATE INDEX directory_members_by_user ON directory_members (user_id);

CREATE TABLE directory_settings (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
);
INSERT INTO directory_settings (name, value) VALUES ('membership_salt', lower(hex(randomblob(32))));

CREATE TABLE directory_secrets (
    user_id     TEXT PRIMARY KEY REFERENCES directory_users (id) ON DELETE CASCADE,
    hash        TEXT,
    must_change BOOLEAN NOT NULL,
    changed     TEXT NOT NULL
);
INSERT INTO directory_secrets (user_id, hash, must_change, changed)
    SELECT user_id, hash, FALSE, '1970-01-01T00:00:00Z' FROM directory_passwords;
DROP TABLE directory_passwords;
ALTER TABLE directory_secrets RENAME TO directory_passwords;

CREATE TABLE directory_reset_links (
    user_id TEXT PRIMARY KEY REFERENCES directory_users (id) ON DELETE CASCADE,
    hash    TEXT NOT NULL UNIQUE,
    created TEXT NOT NULL,
    expires TEXT NOT NULL,
    ended   TEXT
);

ALTER TABLE directory_scim_tokens ADD COLUMN last_used TEXT;
