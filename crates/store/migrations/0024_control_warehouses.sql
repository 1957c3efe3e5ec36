ALTER TABLE redshift_idc_application ADD COLUMN tags TEXT NOT NULL DEFAULT '{}';
CREATE TABLE qev2_idc_application (
    arn                         TEXT PRIMARY KEY,
    name                        TEXT NOT NULL UNIQUE,
    idc_instance_arn            TEXT NOT NULL,
    idc_managed_application_arn TEXT NOT NULL UNIQUE,
    idc_display_name            TEXT NOT NULL,
    onboard_status              TEXT NOT NULL,
    tags                        TEXT NOT NULL,
    created                     TEXT NOT NULL
);
CREATE TABLE redshift_cluster (
    warehouse_id        TEXT PRIMARY KEY,
    identifier          TEXT NOT NULL UNIQUE,
    node_type           TEXT NOT NULL,
    master_username     TEXT NOT NULL,
    db_name             TEXT NOT NULL,
    port                INTEGER NOT NULL,
    status              TEXT NOT NULL,
    idc_application_arn TEXT REFERENCES redshift_idc_application (arn) ON DELETE SET NULL,
    iam_roles           TEXT NOT NULL,
    default_iam_role    TEXT,
    publicly_accessible INTEGER NOT NULL,
    tags                TEXT NOT NULL,
    created             TEXT NOT NULL
);
CREATE INDEX redshift_cluster_by_application ON redshift_cluster (idc_application_arn);
CREATE TABLE serverless_namespace (
    warehouse_id        TEXT PRIMARY KEY,
    name                TEXT NOT NULL UNIQUE,
    admin_username      TEXT NOT NULL,
    db_name             TEXT NOT NULL,
    idc_application_arn TEXT REFERENCES redshift_idc_application (arn) ON DELETE SET NULL,
    iam_roles           TEXT NOT NULL,
    default_iam_role    TEXT,
    tags                TEXT NOT NULL,
    status              TEXT NOT NULL,
    created             TEXT NOT NULL
);
CREATE INDEX serverless_namespace_by_application ON serverless_namespace (idc_application_arn);
CREATE TABLE serverless_workgroup (
    id                  TEXT PRIMARY KEY,
    name                TEXT NOT NULL UNIQUE,
    namespace_name      TEXT NOT NULL UNIQUE REFERENCES serverless_namespace (name),
    port                INTEGER,
    publicly_accessible INTEGER NOT NULL,
    tags                TEXT NOT NULL,
    status              TEXT NOT NULL,
    created             TEXT NOT NULL
);
-- What ever happened here, and must not happen by itself again.
CREATE TABLE control_milestone (
    name TEXT PRIMARY KEY
);
-- A cluster of before was the default listener's, and its warehouse is the last part of its namespace's ARN.
INSERT INTO redshift_cluster
    SELECT substr(namespace_arn, instr(namespace_arn, ':namespace:') + 11), identifier, node_type, master_username, db_name, 0,
           status, idc_application_arn, '[]', NULL, 0, '{}', created
    FROM cluster;
INSERT INTO control_milestone SELECT 'cluster-made' WHERE EXISTS (SELECT 1 FROM cluster);
DROP TABLE cluster;
