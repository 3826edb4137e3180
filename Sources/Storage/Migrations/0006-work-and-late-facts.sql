-- Questions for a person: what is at stake, the facts, and when a default decides. A question is open once for each
-- reason and object; when the same is in doubt again after it was decided, it is asked again.
ALTER TABLE work_item RENAME TO work_item_before;
CREATE TABLE work_item (
    id TEXT PRIMARY KEY,
    organisation TEXT NOT NULL REFERENCES organisation (id),
    reason TEXT NOT NULL,
    object TEXT NOT NULL,
    session TEXT,
    station TEXT,
    detail TEXT NOT NULL,
    facts {{json}} NOT NULL,
    -- What could not be acted on, as it was understood; read again when a person says so.
    message {{json}},
    currency TEXT,
    amount_minor BIGINT,
    state TEXT NOT NULL CHECK (state IN ('open', 'closed')),
    decision TEXT,
    decided_by TEXT,
    note TEXT,
    opened_at BIGINT NOT NULL,
    -- When the stated default decides, if there is one (charging.md section 8).
    default_at BIGINT,
    closed_at BIGINT,
    version BIGINT NOT NULL
);
INSERT INTO work_item (id, organisation, reason, object, detail, facts, currency, amount_minor, state, decision,
    decided_by, note, opened_at, closed_at, version)
SELECT id, organisation, reason, object, detail, '[]', currency, amount_minor, state, decision, decided_by, note,
    opened_at, closed_at, version FROM work_item_before;
DROP TABLE work_item_before;
CREATE UNIQUE INDEX work_item_open ON work_item (organisation, reason, object) WHERE state = 'open';
CREATE INDEX work_item_session ON work_item (session);
CREATE INDEX work_item_default ON work_item (default_at) WHERE default_at IS NOT NULL;

-- Facts that came after the bill was final: evidence for a correction, never part of the bill.
ALTER TABLE session_fact ADD COLUMN late BOOLEAN NOT NULL DEFAULT FALSE;

ALTER TABLE session ADD COLUMN clock_offset BIGINT;
ALTER TABLE session ADD COLUMN station_asked_at BIGINT;
ALTER TABLE session ADD COLUMN drained_at BIGINT;
ALTER TABLE session ADD COLUMN signed_frames BIGINT NOT NULL DEFAULT 0;

-- By how much a station's clock is wrong; NULL while nothing says so.
ALTER TABLE station ADD COLUMN clock {{json}};

-- Whether a token stops any session (OCPP use case C16), and what it may spend.
ALTER TABLE token ADD COLUMN master_pass BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE token ADD COLUMN limits {{json}};
-- How many sessions an account may have at once; NULL for any number.
ALTER TABLE account ADD COLUMN sessions_at_once BIGINT;

-- Other texts by which readers tell a token: bytes reversed, with separators, without leading zeros. Confirmed by a
-- person when the card is enrolled, never guessed while charging.
CREATE TABLE token_alias (
    organisation TEXT NOT NULL REFERENCES organisation (id),
    folded TEXT NOT NULL,
    token TEXT NOT NULL REFERENCES token (id),
    uid TEXT NOT NULL,
    confirmed_by TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (organisation, folded)
);
CREATE INDEX token_alias_token ON token_alias (token);
