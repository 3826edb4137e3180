-- Workers ask every second which sessions go on, of whatever organisation.
DROP INDEX session_status;
CREATE INDEX session_status ON session (status, organisation, started_at);

-- The sessions of a customer, and what a token with a limit has spent.
CREATE INDEX session_account ON session (account, created_at) WHERE account IS NOT NULL;
CREATE INDEX session_token ON session (token, started_at) WHERE token IS NOT NULL;

-- What goes on at an EVSE, asked at each start: without this index all sessions that it ever had are looked through.
CREATE INDEX session_open ON session (evse, started_at, id) WHERE status IN ('starting', 'running');

-- The log of a station needs an index of its own only for what belongs to no session.
DROP INDEX frame_station;
CREATE INDEX frame_station ON frame (station, id) WHERE session IS NULL;
DROP INDEX frame_session;
CREATE INDEX frame_session ON frame (session, id, message_id) WHERE session IS NOT NULL;
