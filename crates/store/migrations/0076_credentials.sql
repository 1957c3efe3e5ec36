-- Temporary database credentials. `sealed` has the password and who got it; `number` is the order in which they were made.
CREATE TABLE database_credentials (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    warehouse TEXT NOT NULL,
    login_name TEXT NOT NULL,
    -- seconds since 1970-01-01 UTC
    expires INTEGER NOT NULL,
    sealed TEXT NOT NULL
);
CREATE INDEX database_credentials_expires ON database_credentials (expires);

CREATE TABLE authentication_profiles (
    name TEXT PRIMARY KEY,
    content TEXT NOT NULL
);
