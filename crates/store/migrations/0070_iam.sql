-- Users, groups, roles, policies, providers and access keys of IAM. The definition is JSON of the crate `iam`; secrets in it are sealed.
CREATE TABLE iam_entity (
    kind       TEXT NOT NULL,
    id         TEXT NOT NULL,
    name       TEXT NOT NULL,
    definition TEXT NOT NULL,
    PRIMARY KEY (kind, id),
    UNIQUE (kind, name)
);
-- Every id that was ever given out: none comes back.
CREATE TABLE iam_spent_id (
    id TEXT PRIMARY KEY
);
-- When access keys and roles were last used.
CREATE TABLE iam_used (
    id      TEXT PRIMARY KEY,
    at      TEXT NOT NULL,
    service TEXT NOT NULL,
    region  TEXT NOT NULL
);
