-- Since when a subscriber takes nothing, and when it last came back: NULL for never. Only a return makes waiting
-- deliveries due at once, so nobody looks for them after each delivery that was taken.
ALTER TABLE webhook_endpoint ADD COLUMN away_since BIGINT;
ALTER TABLE webhook_endpoint ADD COLUMN back_at BIGINT;
UPDATE webhook_endpoint SET away_since = (
    SELECT MIN(last_sent_at) FROM webhook_delivery
    WHERE endpoint = webhook_endpoint.id AND webhook_delivery.status = 'waiting' AND attempts > 0);

-- Mails on their way. The address is kept until the mail was sent or given up, and no longer.
CREATE TABLE mail (
    id TEXT PRIMARY KEY,
    organisation TEXT NOT NULL REFERENCES organisation (id),
    kind TEXT NOT NULL CHECK (kind IN ('document', 'webhook_failing')),
    object TEXT NOT NULL,
    recipient TEXT,
    language TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('waiting', 'sent', 'failed')),
    attempts BIGINT NOT NULL,
    answer TEXT,
    created_at BIGINT NOT NULL,
    sent_at BIGINT,
    next_at BIGINT,
    version BIGINT NOT NULL
);
CREATE INDEX mail_object ON mail (object, id);
CREATE INDEX mail_recipient ON mail (recipient) WHERE recipient IS NOT NULL;

-- The version of the API that a key was made for (api.md section 1); NULL for keys of before there was a choice.
ALTER TABLE api_key ADD COLUMN api_version TEXT;

-- Words of the client's own, kept and given back.
ALTER TABLE refund ADD COLUMN metadata {{json}};
ALTER TABLE token ADD COLUMN metadata {{json}};
ALTER TABLE driver ADD COLUMN metadata {{json}};
