CREATE TABLE center_instance (
    arn               TEXT PRIMARY KEY,
    identity_store_id TEXT NOT NULL,
    owner_account     TEXT NOT NULL,
    name              TEXT,
    created           TEXT NOT NULL
);
CREATE TABLE center_application (
    arn                 TEXT PRIMARY KEY,
    provider_arn        TEXT NOT NULL,
    name                TEXT NOT NULL,
    status              TEXT NOT NULL,
    assignment_required INTEGER NOT NULL,
    created             TEXT NOT NULL
);
CREATE TABLE center_assignment (
    application_arn TEXT NOT NULL REFERENCES center_application (arn) ON DELETE CASCADE,
    principal_type  TEXT NOT NULL,
    principal_id    TEXT NOT NULL,
    PRIMARY KEY (application_arn, principal_type, principal_id)
);
CREATE INDEX center_assignment_by_principal ON center_assignment (principal_type, principal_id);
