-- Messages and facts are most of what a busy server writes. They lie in the order of their keys, without a second tree that
-- finds the key, and have the indexes that are asked for: the log of a station in time, the messages of a session.
CREATE TABLE narrow_fact (
    session TEXT NOT NULL REFERENCES session (id),
    content_key TEXT NOT NULL,
    position BIGINT NOT NULL,
    fact {{json}} NOT NULL,
    frame TEXT,
    late BOOLEAN NOT NULL DEFAULT FALSE,
    PRIMARY KEY (session, content_key)
) {{by key}};
INSERT INTO narrow_fact (session, content_key, position, fact, frame, late)
SELECT session, content_key, position, fact, frame, late FROM session_fact;
DROP TABLE session_fact;
ALTER TABLE narrow_fact RENAME TO session_fact;

CREATE TABLE narrow_frame (
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
    received_at BIGINT NOT NULL
) {{by key}};
INSERT INTO narrow_frame (id, station, connection, ocpp_version, direction, message_id, action, body, sha256, duplicate_of,
    state, findings, answer, session, received_at)
SELECT id, station, connection, ocpp_version, direction, message_id, action, body, sha256, duplicate_of, state, findings,
    answer, session, received_at FROM frame;
DROP TABLE frame;
ALTER TABLE narrow_frame RENAME TO frame;
CREATE INDEX frame_station ON frame (station, id);
CREATE INDEX frame_session ON frame (session, message_id) WHERE session IS NOT NULL;
