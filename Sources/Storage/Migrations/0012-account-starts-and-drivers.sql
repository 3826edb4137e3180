-- What an invoice must say of its recipient.
ALTER TABLE account ADD COLUMN invoice_address {{json}};
ALTER TABLE account ADD COLUMN vat_id TEXT;

-- The request that began a start for an account: the same one again is the same start.
ALTER TABLE checkout ADD COLUMN client_key TEXT;
CREATE INDEX checkout_client_key ON checkout (client_key) WHERE client_key IS NOT NULL;

-- The people who charge on an account. Everything about them may be erased; nothing else names them.
CREATE TABLE driver (
    id TEXT PRIMARY KEY,
    organisation TEXT NOT NULL REFERENCES organisation (id),
    account TEXT NOT NULL REFERENCES account (id),
    name TEXT,
    email TEXT,
    language TEXT,
    erased_at BIGINT,
    created_at BIGINT NOT NULL,
    version BIGINT NOT NULL
);
CREATE INDEX driver_account ON driver (account, created_at);

-- Words of the client's own, kept and given back.
ALTER TABLE account ADD COLUMN metadata {{json}};
ALTER TABLE checkout ADD COLUMN metadata {{json}};
ALTER TABLE payment ADD COLUMN metadata {{json}};
