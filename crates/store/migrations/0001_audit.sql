CREATE TABLE audit (
    sequence    INTEGER PRIMARY KEY,
    at          TEXT NOT NULL,
    step        TEXT NOT NULL,
    outcome     TEXT NOT NULL,
    correlation TEXT NOT NULL,
    principal   TEXT NOT NULL,
    action      TEXT NOT NULL,
    target      TEXT NOT NULL,
    fields      TEXT NOT NULL,
    hash        TEXT NOT NULL
);
CREATE INDEX audit_by_correlation ON audit (correlation);
