-- Debts, saved cards, disputes, invoices and settlement lines; refunds that no credit note stands behind.

-- An unpaid remainder with its owner: an account, or the instrument of a guest (I26).
CREATE TABLE debt (
    id TEXT PRIMARY KEY,
    organisation TEXT NOT NULL REFERENCES organisation (id),
    bill TEXT NOT NULL REFERENCES bill (id),
    account TEXT REFERENCES account (id),
    fingerprint TEXT,
    currency TEXT NOT NULL,
    amount_minor BIGINT NOT NULL CHECK (amount_minor > 0),
    status TEXT NOT NULL CHECK (status IN ('open', 'paid', 'written_off')),
    cause TEXT NOT NULL,
    collector TEXT,
    reminders BIGINT NOT NULL,
    next_reminder_at BIGINT,
    retries BIGINT NOT NULL,
    next_retry_at BIGINT,
    opened_at BIGINT NOT NULL,
    closed_at BIGINT,
    version BIGINT NOT NULL,
    UNIQUE (bill, cause)
);
CREATE INDEX debt_account ON debt (account) WHERE status = 'open';
CREATE INDEX debt_fingerprint ON debt (organisation, fingerprint) WHERE status = 'open';

-- A card that may be charged without its owner being there, and what the owner agreed to.
CREATE TABLE payment_method (
    id TEXT PRIMARY KEY,
    organisation TEXT NOT NULL REFERENCES organisation (id),
    account TEXT REFERENCES account (id),
    checkout TEXT REFERENCES checkout (id),
    gateway_account TEXT NOT NULL REFERENCES gateway_account (id),
    reference TEXT NOT NULL,
    instrument {{json}} NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('usable', 'detached')),
    is_default BOOLEAN NOT NULL,
    consent {{json}} NOT NULL,
    created_at BIGINT NOT NULL,
    version BIGINT NOT NULL
);
CREATE INDEX payment_method_account ON payment_method (account);
CREATE INDEX payment_method_checkout ON payment_method (checkout);

CREATE TABLE dispute (
    id TEXT PRIMARY KEY,
    organisation TEXT NOT NULL REFERENCES organisation (id),
    payment TEXT NOT NULL REFERENCES payment (id),
    reference TEXT NOT NULL,
    status TEXT NOT NULL,
    machine {{json}} NOT NULL,
    currency TEXT NOT NULL,
    amount_minor BIGINT NOT NULL,
    fee_minor BIGINT NOT NULL,
    reason TEXT NOT NULL,
    due_at BIGINT,
    withdrawn BOOLEAN NOT NULL,
    evidence {{bytes}},
    missing {{json}} NOT NULL,
    assembled_at BIGINT,
    submitted_at BIGINT,
    submitted_by TEXT,
    opened_at BIGINT NOT NULL,
    closed_at BIGINT,
    version BIGINT NOT NULL,
    UNIQUE (payment, reference)
);
CREATE INDEX dispute_organisation ON dispute (organisation, id);

CREATE TABLE invoice (
    id TEXT PRIMARY KEY,
    organisation TEXT NOT NULL REFERENCES organisation (id),
    account TEXT NOT NULL REFERENCES account (id),
    period TEXT NOT NULL,
    document TEXT NOT NULL REFERENCES document (id),
    label TEXT NOT NULL,
    currency TEXT NOT NULL,
    net_minor BIGINT NOT NULL,
    tax_minor BIGINT NOT NULL,
    paid_minor BIGINT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('open', 'paid')),
    due_at BIGINT NOT NULL,
    issued_at BIGINT NOT NULL,
    paid_at BIGINT,
    version BIGINT NOT NULL,
    UNIQUE (account, period, currency)
);

-- What a gateway says that it did with our money: every line once, whatever is imported again.
CREATE TABLE settlement_line (
    id TEXT PRIMARY KEY,
    organisation TEXT NOT NULL REFERENCES organisation (id),
    gateway_account TEXT NOT NULL REFERENCES gateway_account (id),
    line_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    currency TEXT NOT NULL,
    gross_minor BIGINT NOT NULL,
    fee_minor BIGINT NOT NULL,
    payment TEXT,
    payout TEXT,
    state TEXT NOT NULL CHECK (state IN ('matched', 'unmatched')),
    restated BIGINT NOT NULL,
    occurred_at BIGINT NOT NULL,
    available_at BIGINT,
    imported_at BIGINT NOT NULL,
    version BIGINT NOT NULL,
    UNIQUE (gateway_account, line_id)
);
CREATE INDEX settlement_line_payment ON settlement_line (payment);

-- What a gateway said it holds for us, beside what our books say (I10).
CREATE TABLE settlement_import (
    id TEXT PRIMARY KEY,
    organisation TEXT NOT NULL REFERENCES organisation (id),
    gateway_account TEXT NOT NULL REFERENCES gateway_account (id),
    currency TEXT NOT NULL,
    lines BIGINT NOT NULL,
    reported_minor BIGINT,
    clearing_minor BIGINT NOT NULL,
    missing_minor BIGINT NOT NULL,
    imported_at BIGINT NOT NULL
);
CREATE INDEX settlement_import_account ON settlement_import (gateway_account, imported_at);

-- A refund may also be money that nobody owed, or a prepaid balance on its way back: without a credit note.
CREATE TABLE refund_without_note (
    id TEXT PRIMARY KEY,
    organisation TEXT NOT NULL REFERENCES organisation (id),
    payment TEXT NOT NULL REFERENCES payment (id),
    bill TEXT REFERENCES bill (id),
    session TEXT,
    kind TEXT NOT NULL CHECK (kind IN ('credit_note', 'undue', 'payout')),
    wallet TEXT REFERENCES wallet (id),
    credit_note TEXT REFERENCES document (id),
    status TEXT NOT NULL,
    machine {{json}} NOT NULL,
    currency TEXT NOT NULL,
    amount_minor BIGINT NOT NULL CHECK (amount_minor > 0),
    reason TEXT NOT NULL,
    asked_by TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    succeeded_at BIGINT,
    version BIGINT NOT NULL,
    CHECK (kind <> 'credit_note' OR credit_note IS NOT NULL)
);
INSERT INTO refund_without_note (id, organisation, payment, bill, session, kind, credit_note, status, machine, currency,
    amount_minor, reason, asked_by, created_at, succeeded_at, version)
SELECT id, organisation, payment, bill, session, 'credit_note', credit_note, status, machine, currency, amount_minor,
    reason, asked_by, created_at, succeeded_at, version FROM refund;
DROP TABLE refund;
ALTER TABLE refund_without_note RENAME TO refund;
CREATE INDEX refund_of_payment ON refund (payment);
CREATE INDEX refund_of_organisation ON refund (organisation, id);

-- Where a bill's money comes from, what of it was given away, and the invoice it is on.
ALTER TABLE bill ADD COLUMN source TEXT;
ALTER TABLE bill ADD COLUMN waived_minor BIGINT NOT NULL DEFAULT 0;
ALTER TABLE bill ADD COLUMN invoice TEXT;
CREATE INDEX bill_invoice ON bill (account, rated_at) WHERE source = 'invoice' AND invoice IS NULL;

ALTER TABLE payment ADD COLUMN method TEXT;
ALTER TABLE payment ADD COLUMN fingerprint TEXT;
ALTER TABLE payment ADD COLUMN debt TEXT;
ALTER TABLE payment ADD COLUMN first_hold_minor BIGINT;
ALTER TABLE payment ADD COLUMN raises BIGINT NOT NULL DEFAULT 0;
ALTER TABLE payment ADD COLUMN looked_at BIGINT;
CREATE INDEX payment_open ON payment (status, created_at);
CREATE INDEX payment_fingerprint ON payment (organisation, fingerprint) WHERE fingerprint IS NOT NULL;
CREATE INDEX payment_wallet ON payment (wallet, created_at);

-- The consent to be charged later without being there, and when the first start failed.
ALTER TABLE checkout ADD COLUMN consent {{json}};
ALTER TABLE checkout ADD COLUMN first_failed_at BIGINT;

-- Reloads by itself, if its owner wants that.
ALTER TABLE wallet ADD COLUMN reload {{json}};

-- When a look-up first found nothing (payments.md §5.3, rule 8).
ALTER TABLE attempt ADD COLUMN not_found_at BIGINT;
