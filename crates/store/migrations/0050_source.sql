-- Identity sources. The definition is JSON of the crate `source`; secrets in it are sealed.
CREATE TABLE source (
    id         TEXT PRIMARY KEY,
    definition TEXT NOT NULL,
    version    INTEGER NOT NULL,
    created    TEXT NOT NULL,
    modified   TEXT NOT NULL
);
-- directory_enabled: 0 or 1. signing_key: sealed. forgotten_until: the latest end of a mark that was forgotten.
CREATE TABLE source_settings (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
);
-- A provider's unchanging name for a person. One subject names one person, one person has one subject per source.
CREATE TABLE source_link (
    source_id TEXT NOT NULL REFERENCES source (id) ON DELETE CASCADE,
    subject   TEXT NOT NULL,
    user_id   TEXT NOT NULL REFERENCES directory_users (id) ON DELETE CASCADE,
    PRIMARY KEY (source_id, subject),
    UNIQUE (source_id, user_id)
);
CREATE INDEX source_link_by_user ON source_link (user_id);
-- Groups that the sign-ins of a source made, or are about to make: not a reference into the directory.
CREATE TABLE source_group (
    group_id  TEXT PRIMARY KEY,
    source_id TEXT NOT NULL REFERENCES source (id) ON DELETE CASCADE
);
CREATE INDEX source_group_by_source ON source_group (source_id);
-- What was used and counts once: hashes, and until when it could be used again (seconds since 1970).
CREATE TABLE source_mark (
    key   TEXT PRIMARY KEY,
    until INTEGER NOT NULL
);
CREATE INDEX source_mark_by_until ON source_mark (until);
