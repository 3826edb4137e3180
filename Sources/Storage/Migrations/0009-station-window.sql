-- Until then a station may come in without its password, because an operator said so. NULL for never.
ALTER TABLE station ADD COLUMN window_until BIGINT;
-- Which start a token of ours belongs to is asked at every start.
CREATE INDEX command_token ON command (station, token) WHERE token IS NOT NULL;
