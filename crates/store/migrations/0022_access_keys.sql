CREATE TABLE access_key (
    id      TEXT PRIMARY KEY,
    secret  TEXT NOT NULL,
    account TEXT NOT NULL,
    created TEXT NOT NULL
);
