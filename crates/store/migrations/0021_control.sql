CREATE TABLE redshift_idc_application (
    arn                         TEXT PRIMARY KEY,
    name                        TEXT NOT NULL UNIQUE,
    idc_instance_arn            TEXT NOT NULL,
    idc_managed_application_arn TEXT NOT NULL UNIQUE,
    idc_display_name            TEXT NOT NULL,
    identity_namespace          TEXT NOT NULL,
    iam_role_arn                TEXT NOT NULL,
    onboard_status              TEXT NOT NULL,
    created                     TEXT NOT NULL
);
CREATE TABLE cluster (
    identifier          TEXT PRIMARY KEY,
    node_type           TEXT NOT NULL,
    master_username     TEXT NOT NULL,
    db_name             TEXT NOT NULL,
    endpoint_address    TEXT NOT NULL,
    endpoint_port       INTEGER NOT NULL,
    status              TEXT NOT NULL,
    idc_application_arn TEXT REFERENCES redshift_idc_application (arn) ON DELETE SET NULL,
    namespace_arn       TEXT NOT NULL,
    created             TEXT NOT NULL
);
