-- Whom a saved card belongs to at its gateway, and how far a gateway's lists were read.
ALTER TABLE payment_method ADD COLUMN customer TEXT;

-- One place per gateway account and list: settlement lines, changed payments.
CREATE TABLE gateway_cursor (
    id TEXT PRIMARY KEY,
    gateway_account TEXT NOT NULL REFERENCES gateway_account (id),
    list TEXT NOT NULL,
    place TEXT,
    read_at BIGINT NOT NULL,
    version BIGINT NOT NULL
);

-- Whose card a set-up is for, and what its owner agreed to.
ALTER TABLE payment ADD COLUMN account TEXT;
ALTER TABLE payment ADD COLUMN consent {{json}};
CREATE INDEX payment_account ON payment (account, created_at);
