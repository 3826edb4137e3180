-- The tables of the first kilowatt-hour. Money is in minor units, energy in mWh, instants in nanoseconds UTC.
-- Rows with a `version` change only by compare-and-set; rows without one are written once.

CREATE TABLE installation (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
);

CREATE TABLE organisation (
    id TEXT PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('test', 'live')),
    name TEXT NOT NULL,
    legal_name TEXT NOT NULL,
    vat_id TEXT,
    address {{json}} NOT NULL,
    currency TEXT NOT NULL,
    time_zone TEXT NOT NULL,
    country TEXT NOT NULL,
    support_phone TEXT,
    email TEXT,
    policy {{json}} NOT NULL,
    created_at BIGINT NOT NULL,
    version BIGINT NOT NULL
);

CREATE TABLE api_key (
    id TEXT PRIMARY KEY,
    organisation TEXT NOT NULL REFERENCES organisation (id),
    scope TEXT NOT NULL,
    name TEXT NOT NULL,
    secret_hash TEXT NOT NULL UNIQUE,
    hint TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT,
    revoked_at BIGINT,
    version BIGINT NOT NULL
);

CREATE TABLE gateway_account (
    id TEXT PRIMARY KEY,
    organisation TEXT NOT NULL REFERENCES organisation (id),
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    secret TEXT NOT NULL,
    webhook_secret TEXT NOT NULL,
    base_url TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    version BIGINT NOT NULL,
    UNIQUE (organisation, name)
);

CREATE TABLE tariff (
    id TEXT PRIMARY KEY,
    organisation TEXT NOT NULL REFERENCES organisation (id),
    name TEXT NOT NULL,
    currency TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    archived_at BIGINT,
    version BIGINT NOT NULL
);

CREATE TABLE tariff_version (
    id TEXT PRIMARY KEY,
    organisation TEXT NOT NULL REFERENCES organisation (id),
    tariff TEXT NOT NULL REFERENCES tariff (id),
    number BIGINT NOT NULL,
    starts_at BIGINT NOT NULL,
    body {{bytes}} NOT NULL,
    hash TEXT NOT NULL,
    hold_minor BIGINT,
    published_at BIGINT,
    created_at BIGINT NOT NULL,
    version BIGINT NOT NULL,
    UNIQUE (tariff, number)
);

CREATE TABLE site (
    id TEXT PRIMARY KEY,
    organisation TEXT NOT NULL REFERENCES organisation (id),
    name TEXT NOT NULL,
    address {{json}} NOT NULL,
    time_zone TEXT NOT NULL,
    country TEXT NOT NULL,
    tax_profile {{json}} NOT NULL,
    support_phone TEXT,
    host TEXT,
    default_tariff TEXT REFERENCES tariff (id),
    created_at BIGINT NOT NULL,
    archived_at BIGINT,
    version BIGINT NOT NULL
);

CREATE TABLE station (
    id TEXT PRIMARY KEY,
    organisation TEXT NOT NULL REFERENCES organisation (id),
    site TEXT NOT NULL REFERENCES site (id),
    ocpp_identity TEXT NOT NULL UNIQUE,
    security_profile BIGINT NOT NULL,
    password_hash TEXT,
    tariff TEXT REFERENCES tariff (id),
    meter_interval_seconds BIGINT NOT NULL,
    ocpp_version TEXT,
    vendor TEXT,
    model TEXT,
    serial_number TEXT,
    firmware_version TEXT,
    booted_at BIGINT,
    connected_at BIGINT,
    last_seen_at BIGINT,
    created_at BIGINT NOT NULL,
    version BIGINT NOT NULL
);

CREATE TABLE station_waiting (
    identity TEXT PRIMARY KEY,
    address TEXT NOT NULL,
    offered TEXT NOT NULL,
    has_password BOOLEAN NOT NULL,
    first_seen_at BIGINT NOT NULL,
    last_seen_at BIGINT NOT NULL,
    count BIGINT NOT NULL,
    refused_until BIGINT
);

CREATE TABLE evse (
    id TEXT PRIMARY KEY,
    organisation TEXT NOT NULL REFERENCES organisation (id),
    station TEXT NOT NULL REFERENCES station (id),
    number BIGINT NOT NULL,
    evse_code TEXT NOT NULL UNIQUE,
    evse_id TEXT NOT NULL,
    current_type TEXT NOT NULL CHECK (current_type IN ('ac', 'dc')),
    power_max BIGINT NOT NULL,
    connectors {{json}} NOT NULL,
    tariff TEXT REFERENCES tariff (id),
    status TEXT NOT NULL,
    wire_status TEXT,
    status_at BIGINT,
    version BIGINT NOT NULL,
    UNIQUE (station, number)
);

CREATE TABLE account (
    id TEXT PRIMARY KEY,
    organisation TEXT NOT NULL REFERENCES organisation (id),
    kind TEXT NOT NULL CHECK (kind IN ('personal', 'fleet')),
    name TEXT NOT NULL,
    email TEXT,
    funding TEXT CHECK (funding IN ('wallet', 'invoice', 'payment_method')),
    status TEXT NOT NULL CHECK (status IN ('active', 'blocked')),
    credit_limit_minor BIGINT,
    created_at BIGINT NOT NULL,
    version BIGINT NOT NULL
);

-- I6: what is reserved never exceeds what is there, under any concurrency; the database itself says no.
CREATE TABLE wallet (
    id TEXT PRIMARY KEY,
    organisation TEXT NOT NULL REFERENCES organisation (id),
    account TEXT NOT NULL REFERENCES account (id),
    currency TEXT NOT NULL,
    posted BIGINT NOT NULL,
    pending BIGINT NOT NULL CHECK (pending >= 0),
    floor BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    version BIGINT NOT NULL,
    UNIQUE (account, currency),
    CHECK (posted - pending >= floor)
);

CREATE TABLE token (
    id TEXT PRIMARY KEY,
    organisation TEXT NOT NULL REFERENCES organisation (id),
    kind TEXT NOT NULL,
    uid TEXT NOT NULL,
    folded TEXT NOT NULL,
    account TEXT REFERENCES account (id),
    checkout TEXT,
    status TEXT NOT NULL CHECK (status IN ('active', 'blocked')),
    valid_until BIGINT,
    created_at BIGINT NOT NULL,
    version BIGINT NOT NULL,
    UNIQUE (organisation, folded)
);

CREATE TABLE quote (
    id TEXT PRIMARY KEY,
    organisation TEXT NOT NULL REFERENCES organisation (id),
    evse TEXT NOT NULL REFERENCES evse (id),
    tariff_version TEXT NOT NULL REFERENCES tariff_version (id),
    tariff_name TEXT NOT NULL,
    tariff {{bytes}} NOT NULL,
    tariff_hash TEXT NOT NULL,
    time_zone TEXT NOT NULL,
    currency TEXT NOT NULL,
    hold_minor BIGINT NOT NULL,
    margin_minor BIGINT NOT NULL,
    hash TEXT NOT NULL,
    expires_at BIGINT NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE TABLE bill (
    id TEXT PRIMARY KEY,
    organisation TEXT NOT NULL REFERENCES organisation (id),
    quote TEXT NOT NULL REFERENCES quote (id),
    session TEXT UNIQUE,
    checkout TEXT UNIQUE,
    account TEXT REFERENCES account (id),
    currency TEXT NOT NULL,
    status TEXT NOT NULL,
    machine {{json}} NOT NULL,
    total_minor BIGINT,
    rated {{bytes}},
    rated_at BIGINT,
    settled_at BIGINT,
    created_at BIGINT NOT NULL,
    version BIGINT NOT NULL
);

CREATE TABLE checkout (
    id TEXT PRIMARY KEY,
    organisation TEXT NOT NULL REFERENCES organisation (id),
    evse TEXT NOT NULL REFERENCES evse (id),
    quote TEXT NOT NULL REFERENCES quote (id),
    bill TEXT NOT NULL REFERENCES bill (id),
    session TEXT,
    token TEXT REFERENCES token (id),
    secret TEXT NOT NULL UNIQUE,
    limit_minor BIGINT,
    language TEXT NOT NULL,
    email TEXT,
    return_url TEXT,
    auto_start BOOLEAN NOT NULL,
    failed_starts BIGINT NOT NULL,
    start_failed_at BIGINT,
    created_at BIGINT NOT NULL,
    version BIGINT NOT NULL
);
CREATE INDEX checkout_evse ON checkout (evse, created_at);

CREATE TABLE payment (
    id TEXT PRIMARY KEY,
    organisation TEXT NOT NULL REFERENCES organisation (id),
    bill TEXT REFERENCES bill (id),
    wallet TEXT REFERENCES wallet (id),
    gateway_account TEXT REFERENCES gateway_account (id),
    purpose TEXT NOT NULL,
    source TEXT NOT NULL,
    status TEXT NOT NULL,
    machine {{json}} NOT NULL,
    currency TEXT NOT NULL,
    amount_minor BIGINT NOT NULL,
    captured_minor BIGINT NOT NULL,
    gateway_reference TEXT,
    instrument {{json}},
    next_action TEXT,
    decline {{json}},
    capture_before BIGINT,
    pending TEXT,
    client_key TEXT,
    created_at BIGINT NOT NULL,
    authorized_at BIGINT,
    captured_at BIGINT,
    released_at BIGINT,
    version BIGINT NOT NULL,
    UNIQUE (bill, client_key)
);
CREATE INDEX payment_bill ON payment (bill);

-- I16: no gateway request is sent without its attempt; the key is unique for good.
CREATE TABLE attempt (
    id TEXT PRIMARY KEY,
    organisation TEXT NOT NULL REFERENCES organisation (id),
    payment TEXT NOT NULL REFERENCES payment (id),
    operation TEXT NOT NULL,
    ordinal BIGINT NOT NULL,
    idempotency_key TEXT NOT NULL UNIQUE,
    amount_minor BIGINT,
    request {{bytes}},
    request_hash TEXT,
    answer {{bytes}},
    status TEXT NOT NULL,
    machine {{json}} NOT NULL,
    sent_at BIGINT,
    next_check_at BIGINT,
    lookups BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    version BIGINT NOT NULL,
    UNIQUE (payment, operation, ordinal)
);
CREATE INDEX attempt_check ON attempt (next_check_at) WHERE next_check_at IS NOT NULL;

CREATE TABLE session (
    id TEXT PRIMARY KEY,
    organisation TEXT NOT NULL REFERENCES organisation (id),
    site TEXT NOT NULL REFERENCES site (id),
    station TEXT NOT NULL REFERENCES station (id),
    evse TEXT REFERENCES evse (id),
    number BIGINT NOT NULL,
    name TEXT,
    start_key TEXT,
    remote_start BIGINT,
    token TEXT REFERENCES token (id),
    token_masked TEXT,
    account TEXT REFERENCES account (id),
    checkout TEXT REFERENCES checkout (id),
    bill TEXT REFERENCES bill (id),
    status TEXT NOT NULL,
    folded {{json}} NOT NULL,
    energy BIGINT NOT NULL,
    started_at BIGINT NOT NULL,
    ended_at BIGINT,
    live {{json}},
    rated_at BIGINT,
    last_fact_at BIGINT NOT NULL,
    due_at BIGINT,
    final_at BIGINT,
    stop_asked_at BIGINT,
    created_at BIGINT NOT NULL,
    version BIGINT NOT NULL,
    UNIQUE (station, number),
    UNIQUE (station, name),
    UNIQUE (station, start_key)
);
CREATE INDEX session_due ON session (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX session_evse ON session (evse, started_at);
CREATE INDEX session_status ON session (organisation, status, started_at);

CREATE TABLE session_fact (
    session TEXT NOT NULL REFERENCES session (id),
    content_key TEXT NOT NULL,
    position BIGINT NOT NULL,
    fact {{json}} NOT NULL,
    frame TEXT,
    PRIMARY KEY (session, content_key)
);

CREATE TABLE frame (
    id TEXT PRIMARY KEY,
    station TEXT NOT NULL,
    connection TEXT NOT NULL,
    ocpp_version TEXT NOT NULL,
    direction TEXT NOT NULL CHECK (direction IN ('in', 'out')),
    message_id TEXT NOT NULL,
    action TEXT NOT NULL,
    body {{bytes}} NOT NULL,
    sha256 TEXT NOT NULL,
    duplicate_of TEXT,
    state TEXT NOT NULL,
    findings {{json}} NOT NULL,
    answer {{json}},
    session TEXT,
    received_at BIGINT NOT NULL
);
CREATE INDEX frame_repeat ON frame (station, message_id);
CREATE INDEX frame_session ON frame (session);

CREATE TABLE command (
    id TEXT PRIMARY KEY,
    organisation TEXT NOT NULL REFERENCES organisation (id),
    station TEXT NOT NULL REFERENCES station (id),
    evse TEXT REFERENCES evse (id),
    session TEXT,
    checkout TEXT,
    kind TEXT NOT NULL,
    body {{json}} NOT NULL,
    status TEXT NOT NULL,
    machine {{json}} NOT NULL,
    remote_start BIGINT,
    token TEXT,
    deadline BIGINT NOT NULL,
    check_at BIGINT,
    created_at BIGINT NOT NULL,
    version BIGINT NOT NULL,
    UNIQUE (station, remote_start)
);
CREATE INDEX command_check ON command (check_at) WHERE check_at IS NOT NULL;

CREATE TABLE outbox (
    id TEXT PRIMARY KEY,
    stream TEXT NOT NULL,
    destination TEXT NOT NULL,
    kind TEXT NOT NULL,
    body TEXT NOT NULL,
    state TEXT NOT NULL,
    due_at BIGINT NOT NULL,
    deadline BIGINT,
    attempts BIGINT NOT NULL,
    leased_by TEXT,
    leased_until BIGINT,
    fence BIGINT NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE INDEX outbox_due ON outbox (destination, due_at) WHERE state IN ('queued', 'leased');
CREATE INDEX outbox_stream ON outbox (stream, created_at) WHERE state IN ('queued', 'leased');

CREATE TABLE inbox (
    id TEXT PRIMARY KEY,
    source TEXT NOT NULL,
    external_id TEXT NOT NULL,
    headers {{json}} NOT NULL,
    body {{bytes}} NOT NULL,
    state TEXT NOT NULL,
    due_at BIGINT NOT NULL,
    attempts BIGINT NOT NULL,
    leased_by TEXT,
    leased_until BIGINT,
    fence BIGINT NOT NULL,
    error TEXT,
    received_at BIGINT NOT NULL,
    UNIQUE (source, external_id)
);
CREATE INDEX inbox_due ON inbox (due_at) WHERE state IN ('received', 'processing', 'deferred');

-- The journal: one gapless, hash-chained sequence per organisation (I12), written once (I2).
CREATE TABLE ledger_chain (
    organisation TEXT PRIMARY KEY REFERENCES organisation (id),
    seq BIGINT NOT NULL,
    hash TEXT NOT NULL
);

CREATE TABLE ledger_transaction (
    id TEXT PRIMARY KEY,
    organisation TEXT NOT NULL REFERENCES organisation (id),
    seq BIGINT NOT NULL,
    template TEXT NOT NULL,
    cause TEXT NOT NULL,
    actor TEXT NOT NULL,
    session TEXT,
    payment TEXT,
    occurred_at BIGINT NOT NULL,
    booked_on TEXT NOT NULL,
    recorded_at BIGINT NOT NULL,
    reverses TEXT,
    record {{bytes}} NOT NULL,
    hash TEXT NOT NULL,
    previous_hash TEXT NOT NULL,
    UNIQUE (organisation, seq),
    UNIQUE (organisation, template, cause)
);
CREATE INDEX ledger_transaction_session ON ledger_transaction (session);

CREATE TABLE ledger_entry (
    "transaction" TEXT NOT NULL REFERENCES ledger_transaction (id),
    line BIGINT NOT NULL,
    organisation TEXT NOT NULL,
    account TEXT NOT NULL,
    currency TEXT NOT NULL,
    amount BIGINT NOT NULL CHECK (amount <> 0),
    session TEXT,
    payment TEXT,
    wallet TEXT,
    PRIMARY KEY ("transaction", line)
);
CREATE INDEX ledger_entry_account ON ledger_entry (organisation, account, currency);

-- A pending transaction reserves; it is resolved exactly once (I7).
CREATE TABLE ledger_pending (
    id TEXT PRIMARY KEY,
    organisation TEXT NOT NULL REFERENCES organisation (id),
    template TEXT NOT NULL,
    cause TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('open', 'posted', 'voided')),
    currency TEXT NOT NULL,
    amount BIGINT NOT NULL CHECK (amount > 0),
    debit TEXT NOT NULL,
    credit TEXT NOT NULL,
    posted BIGINT,
    session TEXT,
    payment TEXT,
    wallet TEXT,
    opened_at BIGINT NOT NULL,
    resolved_at BIGINT,
    version BIGINT NOT NULL,
    UNIQUE (organisation, template, cause),
    CHECK (posted IS NULL OR (posted >= 0 AND posted <= amount))
);

CREATE TABLE number_series (
    organisation TEXT NOT NULL,
    series TEXT NOT NULL,
    last BIGINT NOT NULL,
    hash TEXT NOT NULL,
    PRIMARY KEY (organisation, series)
);

CREATE TABLE document (
    id TEXT PRIMARY KEY,
    organisation TEXT NOT NULL REFERENCES organisation (id),
    kind TEXT NOT NULL,
    series TEXT NOT NULL,
    number BIGINT NOT NULL,
    label TEXT NOT NULL,
    session TEXT,
    bill TEXT,
    account TEXT,
    currency TEXT NOT NULL,
    gross_minor BIGINT NOT NULL,
    content {{bytes}} NOT NULL,
    hash TEXT NOT NULL,
    previous_hash TEXT NOT NULL,
    issued_at BIGINT NOT NULL,
    UNIQUE (organisation, series, number),
    UNIQUE (kind, bill)
);

CREATE TABLE work_item (
    id TEXT PRIMARY KEY,
    organisation TEXT NOT NULL REFERENCES organisation (id),
    reason TEXT NOT NULL,
    object TEXT NOT NULL,
    detail TEXT NOT NULL,
    currency TEXT,
    amount_minor BIGINT,
    state TEXT NOT NULL CHECK (state IN ('open', 'closed')),
    decision TEXT,
    decided_by TEXT,
    note TEXT,
    opened_at BIGINT NOT NULL,
    closed_at BIGINT,
    version BIGINT NOT NULL,
    UNIQUE (organisation, reason, object)
);

CREATE TABLE audit_log (
    id TEXT PRIMARY KEY,
    organisation TEXT NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    object TEXT NOT NULL,
    reason TEXT,
    request TEXT,
    at BIGINT NOT NULL
);

CREATE TABLE idempotency (
    scope TEXT PRIMARY KEY,
    request_hash TEXT NOT NULL,
    status BIGINT,
    headers {{json}},
    body {{bytes}},
    started_at BIGINT NOT NULL
);

CREATE TABLE sandbox_object (
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (kind, name)
);

-- I2, I31: ledger and documents are written once; the database itself says no to anything else.
{{insert only ledger_transaction}}
{{insert only ledger_entry}}
{{insert only document}}
{{insert only audit_log}}
