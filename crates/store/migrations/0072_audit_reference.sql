-- Under which correlation a call is recorded whose own id is another: made with a temporary credential. Not part of the chain.
CREATE TABLE audit_reference (
    request_id  TEXT PRIMARY KEY,
    correlation TEXT NOT NULL,
    sequence    BIGINT NOT NULL
);
