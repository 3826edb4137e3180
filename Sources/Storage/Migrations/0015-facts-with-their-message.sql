-- What a message tells of a running session lies in the message's own row: a reading touches half as many pages. The rows have
-- become wide, so they lie in the order in which they came, and their key has a tree of its own again.
CREATE TABLE wide_frame (
    id TEXT NOT NULL PRIMARY KEY,
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
    facts {{json}},
    late BOOLEAN NOT NULL DEFAULT FALSE,
    received_at BIGINT NOT NULL
);
INSERT INTO wide_frame (id, station, connection, ocpp_version, direction, message_id, action, body, sha256, duplicate_of, state,
    findings, answer, session, received_at)
SELECT id, station, connection, ocpp_version, direction, message_id, action, body, sha256, duplicate_of, state, findings,
    answer, session, received_at FROM frame ORDER BY id;
DROP TABLE frame;
ALTER TABLE wide_frame RENAME TO frame;
CREATE INDEX frame_station ON frame (station, id);
CREATE INDEX frame_session ON frame (session, message_id) WHERE session IS NOT NULL;
