-- What records of the audit trail are found by. Not part of the chain: made of the records, and made anew for those that came before.
CREATE TABLE audit_event (
    sequence   INTEGER PRIMARY KEY,
    at_ms      BIGINT NOT NULL,
    id         TEXT NOT NULL UNIQUE,
    name       TEXT NOT NULL,
    source     TEXT NOT NULL,
    read_only  BOOLEAN NOT NULL,
    user_name  TEXT,
    access_key TEXT
);
CREATE INDEX audit_event_by_time ON audit_event (at_ms, sequence);
CREATE INDEX audit_event_by_name ON audit_event (name, sequence);
CREATE INDEX audit_event_by_source ON audit_event (source, sequence);
CREATE INDEX audit_event_by_read_only ON audit_event (read_only, sequence);
CREATE INDEX audit_event_by_user ON audit_event (user_name, sequence);
CREATE INDEX audit_event_by_access_key ON audit_event (access_key, sequence);
CREATE TABLE audit_event_resource (
    sequence INTEGER NOT NULL REFERENCES audit_event (sequence),
    type     TEXT NOT NULL,
    name     TEXT NOT NULL,
    PRIMARY KEY (sequence, type, name)
);
CREATE INDEX audit_event_resource_by_type ON audit_event_resource (type, sequence);
CREATE INDEX audit_event_resource_by_name ON audit_event_resource (name, sequence);
-- Every record up to this one was looked at.
CREATE TABLE audit_event_progress (sequence BIGINT NOT NULL);
INSERT INTO audit_event_progress VALUES (0);
