-- A copy of a cluster's data. It outlives its cluster: no foreign key.
CREATE TABLE redshift_snapshot (
    id             TEXT PRIMARY KEY,
    identifier     TEXT NOT NULL UNIQUE,
    kind           TEXT NOT NULL,
    is_final       INTEGER NOT NULL,
    status         TEXT NOT NULL,
    -- What the cluster was like, as JSON.
    source         TEXT NOT NULL,
    bytes          INTEGER NOT NULL,
    seconds        INTEGER NOT NULL,
    created        TEXT NOT NULL,
    retained_since TEXT NOT NULL,
    retention_days INTEGER,
    tags           TEXT NOT NULL
);
CREATE TABLE redshift_restored (
    warehouse_id TEXT PRIMARY KEY REFERENCES redshift_cluster (warehouse_id) ON DELETE CASCADE,
    snapshot     TEXT NOT NULL,
    bytes        INTEGER NOT NULL,
    seconds      INTEGER NOT NULL
);
