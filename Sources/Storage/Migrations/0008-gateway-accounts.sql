-- Gateway accounts: whom they act for, a second webhook secret while it is being changed (F27), the one that new
-- payments go to, and what came of the last check.
ALTER TABLE gateway_account ADD COLUMN connected_account TEXT;
ALTER TABLE gateway_account ADD COLUMN former_webhook_secret TEXT;
ALTER TABLE gateway_account ADD COLUMN preferred_at BIGINT;
ALTER TABLE gateway_account ADD COLUMN checked_at BIGINT;
ALTER TABLE gateway_account ADD COLUMN check_result TEXT;
