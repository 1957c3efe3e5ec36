-- What a server is being asked to create or to add members to: until its answer is written down, it may have.
CREATE TABLE push_begun (
    target_id TEXT NOT NULL REFERENCES push_target (id) ON DELETE CASCADE,
    -- As in push_failed.
    kind      INTEGER NOT NULL,
    object_id TEXT NOT NULL,
    PRIMARY KEY (target_id, kind, object_id)
) WITHOUT ROWID;
