// SPDX-License-Identifier: Apache-2.0

package import Charging
package import Quantities

extension Tx {
    /// The session by its number at its station (1.6), locked.
    package func lockSession(number: Int64, at station: StationID) throws -> SessionRecord? {
        try all(Lookup<SessionRecord>.session(number: number, at: station)).first
    }

    /// The session by the station's own name for it (2.x), locked.
    package func lockSession(named name: String, at station: StationID) throws -> SessionRecord? {
        try all(Lookup<SessionRecord>.session(named: name, at: station)).first
    }

    /// The session that a 1.6 start with this content began, locked (C30).
    package func lockSession(startKey: String, at station: StationID) throws -> SessionRecord? {
        try all(Lookup<SessionRecord>.session(startKey: startKey, at: station)).first
    }

    /// Those of these sessions that have no bill and are not final, locked in the order of their ids: whoever holds several
    /// takes them in the same order.
    package func lockUnpaidSessions(among ids: [SessionID]) throws -> [SessionRecord] {
        try all(
            SessionRecord.self,
            where: "id IN ({{texts $1}}) AND bill IS NULL AND final_at IS NULL ORDER BY id {{for update}}",
            [.text(Self.list(ids))])
    }

    /// Sessions of an EVSE that are not ended, newest first, with their beginnings.
    package func openSessions(of evse: EVSEID) throws -> [(id: SessionID, startedAt: Instant)] {
        try openSessions(
            rows(
                "SELECT id, started_at FROM session WHERE evse = $1 AND status IN ('starting', 'running')",
                [.text(evse.text)]))
    }

    /// The same of an EVSE that is known by its number.
    package func openSessions(at station: StationID, evse number: Int64) throws -> [(
        id: SessionID, startedAt: Instant
    )] {
        let statement = Statement.openSessions(at: station, evse: number)
        return try openSessions(rows(statement.sql, statement.values))
    }

    private func openSessions(_ rows: [Row]) throws -> [(id: SessionID, startedAt: Instant)] {
        try rows.compactMap { row in
            guard let id = SessionID(try row.text("id")) else { return nil }
            return (id, Instant(nanoseconds: try row.int("started_at")))
        }
        .sorted { ($0.startedAt, $0.id.text) > ($1.startedAt, $1.id.text) }
    }

    /// The sessions of an EVSE that began before an instant, newest first.
    package func sessions(of evse: EVSEID, startedBefore instant: Instant, limit: Int) throws
        -> [SessionRecord]
    {
        try all(
            SessionRecord.self, where: "evse = $1 AND started_at <= $2",
            [.text(evse.text), .int(instant.nanoseconds)], orderBy: "started_at DESC, id DESC", limit: limit)
    }

    /// Sessions in one of these states, newest first.
    package func sessions(
        of organisation: OrganisationID, in states: [SessionStatus], limit: Int
    ) throws -> [SessionRecord] {
        let list = states.map { "'\($0.rawValue)'" }.joined(separator: ", ")
        return try all(
            SessionRecord.self, where: SQL(raw: "organisation = $1 AND status IN (\(list))"),
            [.text(organisation.text)], orderBy: "started_at DESC, id DESC", limit: limit)
    }

    /// Ended sessions whose quiet time is over.
    package func sessionsDue(at instant: Instant, limit: Int) throws -> [SessionID] {
        try rows(
            "SELECT id FROM session WHERE due_at IS NOT NULL AND due_at <= $1 ORDER BY due_at, id LIMIT $2",
            [.int(instant.nanoseconds), .int(Int64(limit))]
        ).compactMap { SessionID(try $0.text("id")) }
    }

    /// Running sessions that somebody pays for and whose live bill is older than `instant`.
    package func sessionsToRate(before instant: Instant, limit: Int) throws -> [SessionID] {
        try rows(
            """
            SELECT id FROM session
            WHERE status = 'running' AND bill IS NOT NULL AND (rated_at IS NULL OR rated_at < $1)
            ORDER BY started_at, id LIMIT $2
            """,
            [.int(instant.nanoseconds), .int(Int64(limit))]
        ).compactMap { SessionID(try $0.text("id")) }
    }

    /// Sessions of which facts may still change something, with their stations.
    package func unsettledSessions() throws -> [(session: SessionID, station: StationID)] {
        try rows(
            "SELECT id, station FROM session WHERE status IN ('starting', 'running', 'ended') ORDER BY id", []
        ).compactMap { row in
            guard let id = SessionID(try row.text("id")), let station = StationID(try row.text("station"))
            else { return nil }
            return (id, station)
        }
    }

    /// Adds a fact unless the session already has one of the same content; says whether it was new.
    package func insert(
        _ fact: Fact, key: String, of session: SessionID, frame: FrameID?, isLate: Bool = false
    ) throws -> Bool {
        let statement = try Statement.insert(fact, key: key, of: session, frame: frame, isLate: isLate)
        return try run(statement.sql, statement.values, forgets: false) == 1
    }

    /// The same for a session that this transaction began, of which nobody asks what was new.
    package func insertFirst(
        _ facts: [(fact: Fact, key: String)], of session: SessionID, frame: FrameID?
    ) throws {
        later(
            Statement.insertFact, row: Statement.factRow,
            try facts.map { try Statement.values(of: $0.fact, $0.key, session, frame, isLate: false) },
            tail: "ON CONFLICT DO NOTHING")
    }

    /// Facts that were received after the bill was final are evidence for a correction, and no part of it.
    package func markLate(of session: SessionID, since instant: Instant) throws {
        let values: [SQLValue] = [.text(session.text), .int(instant.nanoseconds)]
        _ = try run(
            "UPDATE session_fact SET late = TRUE WHERE session = $1 AND late = FALSE AND position > $2",
            values)
        _ = try run(
            """
            UPDATE frame SET late = TRUE
            WHERE session = $1 AND late = FALSE AND facts IS NOT NULL AND received_at > $2
            """, values)
    }

    /// Notes that a message with signed meter data came for a session.
    package func countSignedFrame(of session: SessionID) throws {
        _ = try run(
            "UPDATE session SET signed_frames = signed_frames + 1, version = version + 1 WHERE id = $1",
            [.text(session.text)])
    }

    /// The facts of a session, each once, in the order of receipt; those that came after its bill was final only if
    /// asked for.
    package func facts(of session: SessionID, includingLate: Bool = false) throws -> [Fact] {
        try factsToFold(of: session, includingLate: includingLate).eachOnce
    }

    /// The same in any order and number, which is how a fold takes them.
    package func factsToFold(of session: SessionID, includingLate: Bool = false) throws -> [Fact] {
        // Only the columns that are needed: this is read for every fold of a session.
        try rows(
            includingLate
                ? """
                SELECT fact AS facts FROM session_fact WHERE session = $1
                UNION ALL SELECT facts FROM frame WHERE session = $1 AND facts IS NOT NULL
                """
                : """
                SELECT fact AS facts FROM session_fact WHERE session = $1 AND late = FALSE
                UNION ALL SELECT facts FROM frame WHERE session = $1 AND facts IS NOT NULL AND late = FALSE
                """,
            [.text(session.text)]
        )
        .flatMap { try [Fact](column: $0.text("facts")) }
    }

    /// The same for several sessions at once, without what came after their bills were final.
    package func factsToFold(of sessions: [SessionID]) throws -> [SessionID: [Fact]] {
        let list: SQLValue = .text(try Self.list(sessions))
        var facts: [SessionID: [Fact]] = [:]
        for row in try rows(
            """
            SELECT session, fact AS facts FROM session_fact WHERE session IN ({{texts $1}}) AND late = FALSE
            UNION ALL SELECT session, facts FROM frame
            WHERE session IN ({{texts $1}}) AND facts IS NOT NULL AND late = FALSE
            """, [list])
        {
            guard let session = SessionID(try row.text("session")) else { continue }
            facts[session, default: []] += try [Fact](column: row.text("facts"))
        }
        return facts
    }

    /// What messages told of a session while it went on, which has no rows of its own (`FrameRecord.facts`).
    package func factsInFrames(of session: SessionID) throws -> [Fact] {
        try rows("SELECT facts FROM frame WHERE session = $1 AND facts IS NOT NULL", [.text(session.text)])
            .flatMap { try [Fact](column: $0.text("facts")) }
    }

    /// Running sessions that nobody will end: their station booted and forgot them, their connector is free, or
    /// nothing was heard for long (charging.md §5). Who asks looks again before acting.
    package func stuckSessions(at now: Instant, limit: Int) throws -> [SessionID] {
        try rows(
            """
            SELECT session.id AS id FROM session JOIN station ON station.id = session.station
            LEFT JOIN evse ON evse.id = session.evse
            WHERE session.status = 'running' AND (
                (station.ocpp_version = '1.6' AND station.booted_at > session.last_fact_at
                    AND station.booted_at <= $1)
                OR (station.connected_at IS NOT NULL AND evse.status = 'available' AND evse.status_at <= $2
                    AND session.last_fact_at <= $2)
                OR (station.connected_at IS NOT NULL AND session.last_fact_at <= $3)
                OR session.last_fact_at <= $4)
            ORDER BY session.last_fact_at, session.id LIMIT $5
            """,
            [
                .int((now - .minutes(5)).nanoseconds), .int((now - .minutes(10)).nanoseconds),
                .int((now - .hours(12)).nanoseconds), .int((now - .hours(72)).nanoseconds),
                .int(Int64(limit)),
            ]
        ).compactMap { SessionID(try $0.text("id")) }
    }

    /// Running sessions of connected stations that began before an instant, delivered nothing, and were not asked to
    /// stop (charging.md §6, rule 9).
    package func sessionsWithoutEnergy(startedBefore instant: Instant, limit: Int) throws -> [SessionID] {
        try rows(
            """
            SELECT session.id AS id FROM session JOIN station ON station.id = session.station
            WHERE session.status = 'running' AND session.energy <= 0 AND session.started_at <= $1
                AND session.created_at <= $1 AND session.stop_asked_at IS NULL AND station.connected_at IS NOT NULL
            ORDER BY session.started_at, session.id LIMIT $2
            """, [.int(instant.nanoseconds), .int(Int64(limit))]
        ).compactMap { SessionID(try $0.text("id")) }
    }

    /// Running 2.x sessions of connected stations of which nothing was heard since an instant, and which were not asked
    /// about since.
    package func sessionsToAskAbout(silentSince instant: Instant, limit: Int) throws -> [SessionID] {
        try rows(
            """
            SELECT session.id AS id FROM session JOIN station ON station.id = session.station
            WHERE session.status = 'running' AND session.name IS NOT NULL AND session.last_fact_at <= $1
                AND station.connected_at IS NOT NULL
                AND (session.station_asked_at IS NULL OR session.station_asked_at <= $1)
            ORDER BY session.last_fact_at, session.id LIMIT $2
            """, [.int(instant.nanoseconds), .int(Int64(limit))]
        ).compactMap { SessionID(try $0.text("id")) }
    }

    /// Sessions of a station that may be what a message without a known transaction is about: begun within a day of
    /// an instant, newest first.
    package func sessions(
        at station: StationID, startedFrom first: Instant, to last: Instant, limit: Int
    ) throws -> [SessionRecord] {
        try all(
            SessionRecord.self, where: "station = $1 AND started_at >= $2 AND started_at <= $3",
            [.text(station.text), .int(first.nanoseconds), .int(last.nanoseconds)],
            orderBy: "started_at DESC, id DESC", limit: limit)
    }

    /// How many sessions of an account go on now, besides one.
    package func openSessions(of account: AccountID, besides session: SessionID?) throws -> Int64 {
        try count(
            SessionRecord.self,
            where: "account = $1 AND status IN ('starting', 'running') AND id <> $2",
            [.text(account.text), .text(session?.text ?? "")])
    }

    /// Whether an account charges at a station now.
    package func hasOpenSession(of account: AccountID, at station: StationID) throws -> Bool {
        try !rows(
            """
            SELECT id FROM session WHERE account = $1 AND station = $2 AND status IN ('starting', 'running')
            LIMIT 1
            """, [.text(account.text), .text(station.text)]
        ).isEmpty
    }

    /// The sessions that a token began since an instant, oldest first.
    package func sessions(startedWith token: TokenID, since instant: Instant) throws -> [SessionRecord] {
        try all(
            SessionRecord.self, where: "token = $1 AND started_at >= $2",
            [.text(token.text), .int(instant.nanoseconds)], orderBy: "started_at, id")
    }

    /// The next number of a series; numbers are never used again, and a rollback gives them back.
    package func nextNumber(of series: String, for owner: String) throws -> Int64 {
        let statement = Statement.nextNumber(of: series, for: owner)
        return try rows(statement.sql, statement.values)[0].int("last")
    }
}

/// One stored fact of a session.
package struct FactRecord: Record, Hashable {
    package static let table = "session_fact"

    package let session: SessionID
    package let contentKey: String
    package let position: Int64
    package let fact: Fact
    package let frame: FrameID?
    package let late: Bool
}

extension Tx {
    /// The frame of a session with this message id and content that was answered, if it came since `instant`.
    package func answeredFrame(
        _ messageID: String, sha256: String, of session: SessionID, since instant: Instant
    ) throws -> FrameRecord? {
        try all(
            FrameRecord.self,
            where: """
                session = $1 AND message_id = $2 AND sha256 = $3 AND direction = 'in' AND received_at >= $4
                AND answer IS NOT NULL AND duplicate_of IS NULL
                """,
            [.text(session.text), .text(messageID), .text(sha256), .int(instant.nanoseconds)],
            orderBy: "received_at", limit: 1
        ).first
    }

    /// Adds a frame to the log.
    package func keep(_ frame: FrameRecord) throws {
        let statement = try Statement.insert(frame)
        later(statement.sql, statement.values, forgets: false)
    }

    /// A frame that could not be interpreted has been, on a person's word.
    package func markInterpreted(_ frame: FrameID, session: SessionID?) throws {
        _ = try run(
            "UPDATE frame SET state = 'interpreted', session = COALESCE(session, $2) WHERE id = $1",
            [.text(frame.text), session.map { .text($0.text) } ?? .null])
    }

    /// The newest frames of a session, oldest first.
    package func frames(of session: SessionID, limit: Int) throws -> [FrameRecord] {
        try all(
            FrameRecord.self, where: "session = $1", [.text(session.text)], orderBy: "received_at, id",
            limit: limit)
    }

    /// Which messages of a station are looked for.
    package struct FrameFilter: Sendable, Hashable {
        /// Its name, exactly.
        package var action: String?
        /// `in` or `out`.
        package var direction: String?
        package var from: Instant?
        package var to: Instant?

        package init() {}
    }

    /// The messages of a station, newest first, before one of them. Their ids begin with the time of receipt.
    ///
    /// Those of sessions are found through the sessions: an index of all messages by station would be one more page to
    /// write for nearly every message, since stations lie far apart in it, and sessions that go on do not.
    package func frames(
        at station: StationID, before: FrameID?, matching filter: FrameFilter = FrameFilter(), limit: Int
    ) throws -> [FrameRecord] {
        var condition = ""
        var values: [SQLValue] = [.text(station.text), .int(Int64(limit))]
        func and(_ text: String, _ value: SQLValue) {
            values.append(value)
            condition += " AND \(text) $\(values.count)"
        }
        if let before { and("id <", .text(before.text)) }
        if let action = filter.action { and("action =", .text(action)) }
        if let direction = filter.direction { and("direction =", .text(direction)) }
        if let from = filter.from { and("received_at >=", .int(from.nanoseconds)) }
        if let to = filter.to { and("received_at <", .int(to.nanoseconds)) }
        // The newest messages are those of the sessions with the newest messages. Materialized: whoever looks for the
        // order first would look through the messages of all stations.
        return try all(
            FrameRecord.self,
            where: SQL(
                raw: """
                    id IN (
                        WITH told AS MATERIALIZED (
                            SELECT id FROM frame WHERE session IN (
                                SELECT id FROM (
                                    SELECT id, (
                                        SELECT MAX(id) FROM frame WHERE session = visit.id\(condition)
                                    ) AS newest FROM session AS visit WHERE station = $1) AS visits
                                WHERE newest IS NOT NULL ORDER BY newest DESC LIMIT $2)\(condition))
                        SELECT id FROM (
                            SELECT id FROM frame WHERE station = $1 AND session IS NULL\(condition)
                            ORDER BY id DESC LIMIT $2) AS apart
                        UNION ALL SELECT id FROM (SELECT id FROM told ORDER BY id DESC LIMIT $2) AS newest)
                    """),
            values, orderBy: "id DESC", limit: limit)
    }

    /// The command a start answers, by its number, locked.
    package func lockCommand(remoteStart: Int64, at station: StationID) throws -> CommandRecord? {
        try all(Lookup<CommandRecord>.remoteStart(remoteStart, at: station)).first
    }

    /// The newest start command for a token at a station, locked (1.6: correlation by our one-time token).
    package func lockStartCommand(token folded: String, at station: StationID) throws -> CommandRecord? {
        try all(Lookup<CommandRecord>.start(token: folded, at: station))
            .max { $0.createdAt < $1.createdAt }
    }

    /// Commands whose outcome should be looked at by now.
    package func commandsToCheck(at instant: Instant, limit: Int) throws -> [CommandID] {
        try rows(
            "SELECT id FROM command WHERE check_at IS NOT NULL AND check_at <= $1 ORDER BY check_at, id LIMIT $2",
            [.int(instant.nanoseconds), .int(Int64(limit))]
        ).compactMap { CommandID(try $0.text("id")) }
    }

    /// The commands of a session, oldest first.
    package func commands(of session: SessionID) throws -> [CommandRecord] {
        try all(CommandRecord.self, where: "session = $1", [.text(session.text)], orderBy: "created_at, id")
    }
}

extension Statement {
    static func nextNumber(of series: String, for owner: String) -> Statement {
        Statement(
            """
            INSERT INTO number_series (organisation, series, last, hash) VALUES ($1, $2, 1, '')
            ON CONFLICT (organisation, series) DO UPDATE SET last = number_series.last + 1 RETURNING last
            """, [.text(owner), .text(series)])
    }

    static func openSessions(at station: StationID, evse number: Int64) -> Statement {
        Statement(
            """
            SELECT id, started_at FROM session
            WHERE evse = (SELECT id FROM evse WHERE station = $1 AND number = $2)
                AND status IN ('starting', 'running')
            """, [.text(station.text), .int(number)])
    }

    fileprivate static func insert(
        _ fact: Fact, key: String, of session: SessionID, frame: FrameID?, isLate: Bool
    ) throws -> Statement {
        Statement(
            insertOneFact,
            try values(of: fact, key, session, frame, isLate: isLate))
    }

    fileprivate static let insertFact: SQL =
        "INSERT INTO session_fact (session, content_key, position, fact, frame, late) VALUES"

    fileprivate static let factRow: SQL = "($1, $2, $3, $4, $5, $6)"
    private static let insertOneFact = SQL(
        raw: "\(insertFact.text) \(factRow.text) ON CONFLICT DO NOTHING")

    fileprivate static func values(
        of fact: Fact, _ key: String, _ session: SessionID, _ frame: FrameID?, isLate: Bool
    ) throws -> [SQLValue] {
        [
            .text(session.text), .text(key), .int(fact.order), .text(try fact.column),
            frame.map { .text($0.text) } ?? .null, .bool(isLate),
        ]
    }

    /// Adds a frame; may be repeated. Written out, for this is done for every message.
    package static func insert(_ frame: FrameRecord) throws -> Statement {
        let findings = frame.findings.isEmpty ? "[]" : try ColumnWriter.text(of: frame.findings)
        return Statement(
            """
            INSERT INTO frame (id, station, connection, ocpp_version, direction, message_id, action, body, sha256,
                duplicate_of, state, findings, answer, session, facts, received_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16) ON CONFLICT DO NOTHING
            """,
            [
                .text(frame.id.text), .text(frame.station.text), .text(frame.connection.text),
                .text(frame.ocppVersion), .text(frame.direction), .text(frame.messageId), .text(frame.action),
                .bytes(frame.body), .text(frame.sha256), frame.duplicateOf.map { .text($0) } ?? .null,
                .text(frame.state), .text(findings),
                try frame.answer.map { .text(try $0.column) } ?? .null,
                frame.session.map { .text($0.text) } ?? .null,
                try frame.facts.map { .text(try $0.column) } ?? .null, .int(frame.receivedAt.nanoseconds),
            ])
    }
}
