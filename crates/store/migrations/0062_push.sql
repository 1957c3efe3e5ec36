CREATE TABLE push_target (
    id              TEXT PRIMARY KEY,
    name            TEXT NOT NULL,
    url             TEXT NOT NULL,
    sealed_token    TEXT NOT NULL,
    private_network INTEGER NOT NULL,
    -- An SSO application's id, or a JSON array of group ids.
    application     TEXT,
    groups          TEXT,
    pushed_groups   TEXT NOT NULL,
    deprovision     TEXT NOT NULL,
    enabled         INTEGER NOT NULL,
    paused          TEXT,
    version         INTEGER NOT NULL,
    created         TEXT NOT NULL,
    modified        TEXT NOT NULL,
    CHECK ((application IS NULL) <> (groups IS NULL))
);
-- What the servers accepted from us. Whom it was about may be deleted in the directory: what is there stays ours.
CREATE TABLE push_user (
    target_id TEXT NOT NULL REFERENCES push_target (id) ON DELETE CASCADE,
    user_id   TEXT NOT NULL,
    remote    TEXT NOT NULL,
    sent      TEXT NOT NULL,
    PRIMARY KEY (target_id, user_id)
) WITHOUT ROWID;
CREATE UNIQUE INDEX push_user_by_remote ON push_user (target_id, remote);
CREATE TABLE push_group (
    target_id    TEXT NOT NULL REFERENCES push_target (id) ON DELETE CASCADE,
    group_id     TEXT NOT NULL,
    remote       TEXT NOT NULL,
    display_name TEXT NOT NULL,
    created      INTEGER NOT NULL,
    PRIMARY KEY (target_id, group_id)
) WITHOUT ROWID;
-- Members by the server's ids.
CREATE TABLE push_member (
    target_id TEXT NOT NULL REFERENCES push_target (id) ON DELETE CASCADE,
    group_id  TEXT NOT NULL,
    remote    TEXT NOT NULL,
    PRIMARY KEY (target_id, group_id, remote)
) WITHOUT ROWID;
CREATE INDEX push_member_by_remote ON push_member (target_id, remote);
CREATE TABLE push_failed (
    target_id  TEXT NOT NULL REFERENCES push_target (id) ON DELETE CASCADE,
    -- People are first in order: 0 a person, 1 a group.
    kind       INTEGER NOT NULL,
    object_id  TEXT NOT NULL,
    name       TEXT NOT NULL,
    message    TEXT NOT NULL,
    attempts   INTEGER NOT NULL,
    since      TEXT NOT NULL,
    next_retry TEXT NOT NULL,
    PRIMARY KEY (target_id, kind, object_id)
) WITHOUT ROWID;
