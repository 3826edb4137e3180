// SPDX-License-Identifier: Apache-2.0
import Foundation
import Logging
import Synchronization

/// Carries rings and hints between the nodes of one database, on a connection and a thread of its own.
///
/// Hints are rows of `change_feed`, written with the change itself; NOTIFY only says "look". It is not sent
/// within the transaction, because PostgreSQL lets only one notifying transaction commit at a time: instead
/// one thread per node sends what has gathered since it last did. A ring that dies with its node is made good
/// by looking anyway.
final class PostgresBell: Sendable {
    private struct Gathered {
        var topics: Set<Topic> = []
        var hasChanges = false
        var isClosed = false
    }

    /// The table of hints. Unlogged: a crash of the server may lose hints, after it everything is read again.
    static let table = """
        CREATE UNLOGGED TABLE IF NOT EXISTS change_feed (
            txn BIGINT NOT NULL,
            ordinal BIGINT NOT NULL,
            node TEXT NOT NULL,
            kind TEXT NOT NULL,
            object TEXT NOT NULL,
            version BIGINT,
            written_at BIGINT NOT NULL,
            PRIMARY KEY (txn, ordinal)
        )
        """

    private let address: PostgresAddress
    private let doorbell: Doorbell
    private let log: Logger
    /// Tells our own hints and rings from those of others.
    private let node = String(UInt64.random(in: .min ... .max), radix: 36)
    private let gathered = Mutex(Gathered())
    private let waker: Waker

    init(_ address: PostgresAddress, _ doorbell: Doorbell, _ log: Logger) throws(StoreError) {
        self.address = address
        self.doorbell = doorbell
        self.log = log
        waker = try Waker()
    }

    /// Writes hints down inside the transaction they belong to.
    func record(_ changes: [Change], in tx: Tx) {
        tx.later(
            "INSERT INTO change_feed (txn, ordinal, node, kind, object, version, written_at) VALUES",
            row: """
                (CAST(CAST(pg_current_xact_id() AS TEXT) AS BIGINT), $1, $2, $3, $4, $5,
                    CAST(EXTRACT(EPOCH FROM clock_timestamp()) AS BIGINT))
                """,
            changes.enumerated().map { ordinal, change in
                [
                    .int(Int64(ordinal)), .text(node), .text(change.kind.rawValue), .text(change.id),
                    change.version.map { .int($0) } ?? .null,
                ]
            })
    }

    /// Tells the other nodes, soon. This node was told by itself.
    func ring(_ topics: Set<Topic>, hasChanges: Bool) {
        guard !topics.isEmpty || hasChanges else { return }
        let isFirst = gathered.withLock { gathered in
            let isFirst = gathered.topics.isEmpty && !gathered.hasChanges
            gathered.topics.formUnion(topics)
            gathered.hasChanges = gathered.hasChanges || hasChanges
            return isFirst
        }
        // Whoever rang before has woken it, and it has not taken that yet.
        if isFirst { waker.wake() }
    }

    /// Ends `work`.
    func close() {
        gathered.withLock { $0.isClosed = true }
        waker.wake()
    }

    /// A connection that listens, and the place in the feed from which it has to read.
    struct Listening {
        fileprivate let connection: PostgresConnection
        fileprivate let position: Int64
    }

    /// Connects and listens.
    func listen() throws -> Listening {
        let connection = try PostgresConnection(address, until: .now + .seconds(5))
        _ = try connection.run(SQL(raw: "LISTEN \(quoted(address.channel))"), [])
        return Listening(connection: connection, position: try readFeed(connection, from: nil).position)
    }

    /// Works until it is closed.
    func work(_ first: Listening) {
        var listening: Listening? = first
        var pause = 50
        while !gathered.withLock({ $0.isClosed }) {
            do {
                if let listening { return try carry(listening) }
                listening = try listen()
                pause = 50
                // Only now: what is lost before this moment is made good by ringing everything.
                doorbell.ringAll()
            } catch {
                log.warning("the doorbell has no connection", metadata: ["error": "\(error)"])
                listening = nil
                waker.wait(nil, milliseconds: Int32(pause))
                pause = min(pause * 2, 5000)
            }
        }
    }

    private func carry(_ listening: Listening) throws {
        let connection = listening.connection
        var position = listening.position
        var sweeping = ContinuousClock.now
        while true {
            let taken = gathered.withLock { gathered in
                defer { (gathered.topics, gathered.hasChanges) = ([], false) }
                return gathered
            }
            if taken.isClosed { return }
            try send(taken, on: connection)
            let words = try connection.notifications().compactMap { word -> String? in
                let parts = word.split(separator: " ", maxSplits: 1)
                return parts.count == 2 && parts[0] != node ? String(parts[1]) : nil
            }
            doorbell.publish([], Set(words.map { Topic(rawValue: $0) }))
            let read = try readFeed(connection, from: position)
            position = read.position
            doorbell.publish(read.changes, [])
            if sweeping < .now {
                sweeping = .now + .seconds(60)
                try sweep(connection)
            }
            // A hint that is not yet safe to read will be so when an older transaction ends.
            waker.wait(connection.socket, milliseconds: read.hasMore ? 20 : 2000)
        }
    }

    private func send(_ gathered: Gathered, on connection: PostgresConnection) throws {
        var words = gathered.topics.map(\.rawValue)
        if gathered.hasChanges { words.append("") }
        for word in words {
            try connection.later(
                "SELECT pg_notify($1, $2)", [.text(address.channel), .text("\(node) \(word)")])
        }
        try connection.flushLater()
    }

    /// Reads the hints of other nodes up to the oldest transaction that is still running, so that none is
    /// jumped over (architecture.md §10); nil reads none and finds the place to begin.
    private func readFeed(
        _ connection: PostgresConnection, from position: Int64?
    ) throws -> (changes: [Change], position: Int64, hasMore: Bool) {
        let rows = try connection.rows(
            """
            WITH horizon AS (
                SELECT CAST(CAST(pg_snapshot_xmin(pg_current_snapshot()) AS TEXT) AS BIGINT) AS oldest)
            SELECT oldest, (SELECT MAX(txn) FROM change_feed) AS newest, kind, object, version
            FROM horizon LEFT JOIN change_feed
                ON txn >= CAST($1 AS BIGINT) AND txn < oldest AND node <> $2
            ORDER BY txn, ordinal
            """, [.int(position ?? .max), .text(node)])
        var changes: [Change] = []
        for row in rows {
            guard let kind = try row.optionalText("kind") else { continue }
            changes.append(
                Change(
                    kind: Change.Kind(rawValue: kind), id: try row.text("object"),
                    version: try row.optionalInt("version")))
        }
        let oldest = try rows[0].int("oldest")
        return (changes, oldest, try rows[0].optionalInt("newest").map { $0 >= oldest } ?? false)
    }

    /// Removes hints that everybody has read long ago.
    private func sweep(_ connection: PostgresConnection) throws {
        _ = try connection.run(
            """
            DELETE FROM change_feed
            WHERE written_at < CAST(EXTRACT(EPOCH FROM clock_timestamp()) AS BIGINT) - 600
            """, [])
    }
}

/// A pipe that wakes a thread which waits for a socket.
private final class Waker: Sendable {
    private let readEnd: Int32
    private let writeEnd: Int32

    init() throws(StoreError) {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw .unavailable(String(cString: strerror(errno))) }
        (readEnd, writeEnd) = (ends[0], ends[1])
        for end in ends {
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
        }
    }

    deinit {
        close(readEnd)
        close(writeEnd)
    }

    /// Ends the present or the next `wait`. A full pipe has woken enough.
    func wake() {
        var byte: UInt8 = 1
        _ = write(writeEnd, &byte, 1)
    }

    /// Waits for the socket, for `wake`, or for time to pass; then a moment longer, so that what is rung meanwhile travels
    /// together. The workers of this node were told at once.
    func wait(_ socket: Int32?, milliseconds: Int32) {
        var waiting = [pollfd(fd: readEnd, events: Int16(POLLIN), revents: 0)]
        if let socket { waiting.append(pollfd(fd: socket, events: Int16(POLLIN), revents: 0)) }
        _ = poll(&waiting, nfds_t(waiting.count), milliseconds)
        usleep(10_000)
        var bytes = [UInt8](repeating: 0, count: 256)
        while read(readEnd, &bytes, bytes.count) > 0 {}
    }
}
