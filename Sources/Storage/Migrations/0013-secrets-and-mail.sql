-- Since when a subscriber takes nothing, and when it last came back: NULL for never. Only a return makes waiting
-- deliveries due at once, so nobody looks for them after each delivery that was taken.
ALTER TABLE webhook_endpoint ADD COLUMN away_since BIGINT;
ALTER TABLE webhook_endpoint ADD COLUMN back_at BIGINT;
UPDATE webhook_endpoint SET away_since = (
    SELECT MIN(last_sent_at) FROM webhook_delivery
    WHERE endpoint = webhook_endpoint.id AND webhook_delivery.status = 'waiting' AND attempts > 0);
