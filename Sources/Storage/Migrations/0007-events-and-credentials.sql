-- What happened, written in the transaction that did it (api.md section 3.11), and who wants to hear of it.
CREATE TABLE event (
    id TEXT PRIMARY KEY,
    organisation TEXT NOT NULL,
    type TEXT NOT NULL,
    object TEXT NOT NULL,
    sequence BIGINT NOT NULL,
    data TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    UNIQUE (object, sequence)
);
CREATE INDEX event_organisation ON event (organisation, id);
CREATE INDEX event_age ON event (created_at);

-- The number of the last event of each object; it outlives the events, so that numbers never begin again.
CREATE TABLE event_sequence (
    object TEXT PRIMARY KEY,
    last BIGINT NOT NULL
);

CREATE TABLE webhook_endpoint (
    id TEXT PRIMARY KEY,
    organisation TEXT NOT NULL REFERENCES organisation (id),
    url TEXT NOT NULL,
    types {{json}} NOT NULL,
    payload TEXT NOT NULL CHECK (payload IN ('full', 'thin')),
    status TEXT NOT NULL CHECK (status IN ('active', 'failing', 'deleted')),
    secret TEXT NOT NULL,
    old_secret TEXT,
    old_secret_until BIGINT,
    failing_since BIGINT,
    created_at BIGINT NOT NULL,
    version BIGINT NOT NULL
);
CREATE INDEX webhook_endpoint_organisation ON webhook_endpoint (organisation, status);

CREATE TABLE webhook_delivery (
    id TEXT PRIMARY KEY,
    organisation TEXT NOT NULL,
    endpoint TEXT NOT NULL REFERENCES webhook_endpoint (id),
    event TEXT NOT NULL,
    type TEXT NOT NULL,
    object TEXT NOT NULL,
    replay BIGINT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('waiting', 'delivered', 'failed')),
    attempts BIGINT NOT NULL,
    answer BIGINT,
    error TEXT,
    first_sent_at BIGINT,
    last_sent_at BIGINT,
    next_at BIGINT,
    created_at BIGINT NOT NULL,
    version BIGINT NOT NULL,
    UNIQUE (endpoint, event, replay)
);
CREATE INDEX webhook_delivery_endpoint ON webhook_delivery (endpoint, id);
CREATE INDEX webhook_delivery_event ON webhook_delivery (event);

-- What narrows a key (api.md section 2); NULL narrows nothing.
ALTER TABLE api_key ADD COLUMN sites {{json}};
ALTER TABLE api_key ADD COLUMN refund_limit {{json}};
ALTER TABLE api_key ADD COLUMN allowed_ips {{json}};

-- A short-lived credential of one account.
CREATE TABLE driver_token (
    secret_hash TEXT PRIMARY KEY,
    organisation TEXT NOT NULL REFERENCES organisation (id),
    account TEXT NOT NULL REFERENCES account (id),
    made_by TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX driver_token_expiry ON driver_token (expires_at);

-- Months of the books that are closed: nothing is booked into them any more.
CREATE TABLE ledger_period (
    organisation TEXT NOT NULL REFERENCES organisation (id),
    month TEXT NOT NULL,
    closed_by TEXT NOT NULL,
    closed_at BIGINT NOT NULL,
    PRIMARY KEY (organisation, month)
);
