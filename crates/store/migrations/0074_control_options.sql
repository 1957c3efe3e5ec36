-- A cluster of before has one node, the default groups, no automated snapshots, and a password that its owner chose.
ALTER TABLE redshift_cluster ADD COLUMN options TEXT NOT NULL DEFAULT '{"automated_retention":0}';
ALTER TABLE serverless_namespace ADD COLUMN admin_secret TEXT;
ALTER TABLE serverless_workgroup ADD COLUMN options TEXT NOT NULL DEFAULT '{}';
-- The families' own groups aren't here.
CREATE TABLE redshift_parameter_group (
    name             TEXT PRIMARY KEY,
    family           TEXT NOT NULL,
    description      TEXT NOT NULL,
    parameter_values TEXT NOT NULL,
    tags             TEXT NOT NULL,
    created          TEXT NOT NULL
);
