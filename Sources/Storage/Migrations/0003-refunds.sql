-- Money given back for a payment. A credit note is filed when it is asked for; the money leg is confirmed later.
CREATE TABLE refund (
    id TEXT PRIMARY KEY,
    organisation TEXT NOT NULL REFERENCES organisation (id),
    payment TEXT NOT NULL REFERENCES payment (id),
    bill TEXT REFERENCES bill (id),
    session TEXT,
    credit_note TEXT NOT NULL REFERENCES document (id),
    status TEXT NOT NULL,
    machine {{json}} NOT NULL,
    currency TEXT NOT NULL,
    amount_minor BIGINT NOT NULL CHECK (amount_minor > 0),
    reason TEXT NOT NULL,
    asked_by TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    succeeded_at BIGINT,
    version BIGINT NOT NULL
);
CREATE INDEX refund_payment ON refund (payment);
CREATE INDEX refund_organisation ON refund (organisation, id);

-- Which refund an attempt is for; other attempts have none.
ALTER TABLE attempt ADD COLUMN refund TEXT;
