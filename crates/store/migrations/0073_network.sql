CREATE TABLE network_vpc (
    id         TEXT PRIMARY KEY,
    cidr       TEXT NOT NULL,
    ipv6       TEXT,
    is_default INTEGER NOT NULL,
    tags       TEXT NOT NULL,
    created    TEXT NOT NULL
);

CREATE TABLE network_subnet (
    id               TEXT PRIMARY KEY,
    vpc_id           TEXT NOT NULL REFERENCES network_vpc (id),
    cidr             TEXT NOT NULL,
    ipv6             TEXT,
    zone             TEXT NOT NULL,
    default_for_zone INTEGER NOT NULL,
    tags             TEXT NOT NULL,
    created          TEXT NOT NULL
);

-- The rules are one JSON text: a group is read and written whole, and has at most 120.
CREATE TABLE network_security_group (
    id          TEXT PRIMARY KEY,
    vpc_id      TEXT NOT NULL REFERENCES network_vpc (id),
    name        TEXT NOT NULL,
    description TEXT NOT NULL,
    rules       TEXT NOT NULL,
    tags        TEXT NOT NULL,
    created     TEXT NOT NULL
);

-- The subnets are a JSON list.
CREATE TABLE network_subnet_group (
    name        TEXT PRIMARY KEY,
    description TEXT NOT NULL,
    vpc_id      TEXT NOT NULL REFERENCES network_vpc (id),
    subnets     TEXT NOT NULL,
    tags        TEXT NOT NULL,
    created     TEXT NOT NULL
);
