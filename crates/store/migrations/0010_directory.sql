CREATE TABLE directory_users (
    id            TEXT PRIMARY KEY,
    user_name     TEXT NOT NULL,
    user_name_key TEXT NOT NULL UNIQUE,
    external_id   TEXT UNIQUE,
    active        BOOLEAN NOT NULL,
    display_name  TEXT,
    given_name    TEXT,
    family_name   TEXT,
    email         TEXT,
    attributes    TEXT NOT NULL,
    version       BIGINT NOT NULL,
    created       TEXT NOT NULL,
    modified      TEXT NOT NULL
);
CREATE TABLE directory_groups (
    id               TEXT PRIMARY KEY,
    display_name     TEXT NOT NULL,
    display_name_key TEXT NOT NULL UNIQUE,
    external_id      TEXT UNIQUE,
    attributes       TEXT NOT NULL,
    version          BIGINT NOT NULL,
    created          TEXT NOT NULL,
    modified         TEXT NOT NULL
);
CREATE TABLE directory_members (
    group_id TEXT NOT NULL REFERENCES directory_groups (id) ON DELETE CASCADE,
    user_id  TEXT NOT NULL REFERENCES directory_users (id) ON DELETE CASCADE,
    PRIMARY KEY (group_id, user_id)
);
CREATE INDEX directory_members_by_user ON directory_members (user_id);
CREATE TABLE directory_passwords (
    user_id TEXT PRIMARY KEY REFERENCES directory_users (id) ON DELETE CASCADE,
    hash    TEXT NOT NULL
);
CREATE TABLE directory_scim_tokens (
    id      TEXT PRIMARY KEY,
    hash    TEXT NOT NULL,
    created TEXT NOT NULL,
    expires TEXT NOT NULL,
    revoked TEXT
);
