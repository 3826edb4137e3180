// SPDX-License-Identifier: Apache-2.0
import CPostgreSQL
import Foundation

/// One connection to PostgreSQL, confined to the thread that opened it, in pipeline mode.
///
/// Round trips decide the speed. So BEGIN travels with the first statement, `later` statements travel with
/// the next read or with COMMIT, and nobody waits for a ROLLBACK: its answer is read before the next one's.
final class PostgresConnection: Connection {
    /// What was sent and will be answered, in this order.
    private enum Awaited {
        case statement(Prepared)
        case preparation(Prepared)
        case control
        case sync
    }

    /// A statement this connection has prepared, or is about to.
    private final class Prepared {
        let name: String
        let text: String
        var columns: Columns?
        var isReady = false

        init(name: String, text: String) {
            self.name = name
            self.text = text
        }
    }

    /// libpq's connection.
    let handle: OpaquePointer
    /// Whether it is lost: then everything fails, and the owner makes a new one.
    private(set) var isBroken = false
    /// Whether COMMIT of the present transaction has left: after a loss nobody knows its outcome.
    private(set) var hasSentCommit = false
    /// The SQLSTATE of the last failure.
    private(set) var lastState = ""
    /// How long the server may be silent before the connection is given up.
    var patience: Duration
    private var awaited: [Awaited] = []
    private var statements: [String: Prepared] = [:]
    private var begin: String?
    private var made = 0

    /// Connects, waiting at most until `deadline`.
    init(_ address: PostgresAddress, until deadline: ContinuousClock.Instant) throws(StoreError) {
        handle = try address.connect(until: deadline)
        patience = address.patience
        do {
            PQsetnonblocking(handle, 1)
            PQsetNoticeProcessor(handle, { _, _ in }, nil)
            PQenterPipelineMode(handle)
            try script(address.settings)
        } catch {
            PQfinish(handle)
            throw error
        }
    }

    deinit { PQfinish(handle) }

    /// Begins a transaction; it is sent with the first statement.
    func begin(readOnly: Bool) {
        hasSentCommit = false
        lastState = ""
        begin =
            readOnly
            ? "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY" : "BEGIN ISOLATION LEVEL READ COMMITTED"
    }

    /// Commits what was sent, if anything was, together with the statements that wait.
    func commit() throws(StoreError) {
        guard begin == nil else {
            begin = nil
            return
        }
        hasSentCommit = true
        try send(control: "COMMIT")
        let last = try finishPipeline()
        hasSentCommit = false
        // The answer to COMMIT of a transaction that had failed before is ROLLBACK, without an error.
        if last.tag == "ROLLBACK" {
            throw .failed(state: "25P02", message: "the transaction had failed before")
        }
    }

    /// Undoes what was sent, without waiting for the answer.
    func rollback() {
        guard begin == nil, !isBroken else {
            begin = nil
            return
        }
        // Answers of this transaction must not be taken for those of the next one.
        abandon()
        guard !isBroken else { return }
        do throws(StoreError) {
            try send(control: "ROLLBACK")
            try sync()
            try flush()
        } catch {
            // The connection is lost, and the transaction with it.
            isBroken = true
        }
    }

    /// Fails what was sent and not yet answered. Statements without BEGIN are one transaction up to Sync, so
    /// an error in front of it takes them all back.
    func abandon() {
        guard !isBroken, !awaited.isEmpty else { return }
        do throws(StoreError) {
            try send(control: "SELECT 1 / 0")
            _ = try finishPipeline()
        } catch {
            // The error is the purpose.
        }
    }

    func rows(_ sql: SQL, _ values: [SQLValue]) throws(StoreError) -> [Row] {
        try later(sql, values)
        return try finishPipeline().rows
    }

    func rows(ofEach statements: [Statement]) throws(StoreError) -> [[Row]] {
        guard !statements.isEmpty else { return [] }
        for statement in statements { try later(statement.sql, statement.values) }
        return try answers().suffix(statements.count).map(\.rows)
    }

    func run(_ sql: SQL, _ values: [SQLValue]) throws(StoreError) -> Int {
        try later(sql, values)
        return try finishPipeline().count
    }

    func later(_ sql: SQL, _ values: [SQLValue]) throws(StoreError) {
        if let begin {
            self.begin = nil
            try send(control: begin)
        }
        let prepared = try prepared(sql)
        try PostgresValues(values).withPointers { count, pointers, lengths, formats throws(StoreError) in
            try accepted(
                PQsendQueryPrepared(handle, prepared.name, count, pointers, lengths, formats, 1))
        }
        awaited.append(.statement(prepared))
        // Keeps both sides' buffers from filling up while nobody reads.
        if awaited.count.isMultiple(of: 100) { try flush() }
    }

    /// Sends what waits and reads all answers. Without BEGIN these statements are one transaction of their
    /// own.
    func flushLater() throws(StoreError) { _ = try finishPipeline() }

    /// Runs statements without values, several at once, outside of any pipeline.
    func script(_ text: String) throws(StoreError) {
        _ = try finishPipeline()
        guard PQexitPipelineMode(handle) == 1 else { throw lost() }
        try accepted(PQsendQuery(handle, Dialect.postgres.expand(text)))
        try flush()
        var failure: StoreError?
        while let result = try nextResult() {
            defer { PQclear(result) }
            if PQresultStatus(result) == PGRES_FATAL_ERROR { failure = failure ?? error(of: result) }
        }
        guard !isBroken, PQenterPipelineMode(handle) == 1 else { throw failure ?? lost() }
        if let failure { throw failure }
    }

    /// Notices a server that has closed the connection while nobody used it, so that a COMMIT does not find
    /// out.
    func notice() {
        var waiting = pollfd(fd: socket, events: Int16(POLLIN), revents: 0)
        guard !isBroken, poll(&waiting, 1, 0) > 0 else { return }
        // The first read takes the server's last words, the second one finds the end.
        for _ in 0..<2 where PQconsumeInput(handle) != 1 { isBroken = true }
    }

    /// Forgets what is prepared, after the server said that a plan no longer fits. Names are not used twice.
    func forgetStatements() { statements = [:] }

    /// The payloads that arrived for channels we listen to. Reads what the socket has, without waiting.
    func notifications() throws(StoreError) -> [String] {
        guard PQconsumeInput(handle) == 1 else { throw lost() }
        var payloads: [String] = []
        while let notification = PQnotifies(handle) {
            payloads.append(String(cString: notification.pointee.extra))
            PQfreemem(notification)
        }
        return payloads
    }

    /// The socket to wait on.
    var socket: Int32 { PQsocket(handle) }

    private func prepared(_ sql: SQL) throws(StoreError) -> Prepared {
        if let known = statements[sql.text] { return known }
        if statements.count >= 500 {
            // Not in the middle of a transaction's answers: what is awaited keeps its own reference.
            try send(control: "DEALLOCATE ALL")
            statements = [:]
        }
        made += 1
        let prepared = Prepared(name: "s\(made)", text: Dialect.postgres.expand(sql.text))
        try accepted(PQsendPrepare(handle, prepared.name, prepared.text, 0, nil))
        awaited.append(.preparation(prepared))
        statements[sql.text] = prepared
        return prepared
    }

    private func send(control text: String) throws(StoreError) {
        try accepted(PQsendQueryParams(handle, text, 0, nil, nil, nil, nil, 1))
        awaited.append(.control)
    }

    private func sync() throws(StoreError) {
        try accepted(PQpipelineSync(handle))
        awaited.append(.sync)
    }

    private func accepted(_ code: Int32) throws(StoreError) {
        if code != 1 || isBroken { throw lost() }
    }

    private func flush() throws(StoreError) {
        let deadline = ContinuousClock.now + patience
        while true {
            switch PQflush(handle) {
            case 0: return
            case 1:
                // The server may not read on before we have read.
                let ready = try wait(for: Int16(POLLIN | POLLOUT), until: deadline)
                if ready & Int16(POLLIN) != 0, PQconsumeInput(handle) != 1 { throw lost() }
            default: throw lost()
            }
        }
    }

    /// What the last statement of a pipeline brought.
    private struct Answer {
        var rows: [Row] = []
        var count = 0
        var tag = ""
        var isSkipped = false
    }

    /// Ends the pipeline and reads every answer; the first error of them is thrown after all are read.
    private func finishPipeline() throws(StoreError) -> Answer { try answers().last ?? Answer() }

    /// The same with the answers to all statements and words that were sent.
    private func answers() throws(StoreError) -> [Answer] {
        guard !awaited.isEmpty else { return [] }
        try sync()
        try flush()
        var answers: [Answer] = []
        var failure: StoreError?
        for item in awaited {
            do throws(StoreError) {
                switch item {
                case .statement(let prepared): answers.append(try receive(prepared))
                case .preparation(let prepared):
                    // Behind an error it was skipped, which is no error of its own.
                    prepared.isReady = !(try receive(nil).isSkipped)
                case .control: answers.append(try receive(nil))
                case .sync: try receiveSync()
                }
            } catch {
                failure = failure ?? error
                if isBroken { break }
            }
        }
        awaited = []
        if isBroken { throw failure ?? lost() }
        if let failure {
            statements = statements.filter { $0.value.isReady }
            throw failure
        }
        return answers
    }

    private func receive(_ prepared: Prepared?) throws(StoreError) -> Answer {
        guard let result = try nextResult() else { throw lost() }
        defer { PQclear(result) }
        var answer = Answer()
        var failure: StoreError?
        switch PQresultStatus(result) {
        case PGRES_COMMAND_OK:
            answer.count = Int(String(cString: PQcmdTuples(result))) ?? 0
            answer.tag = String(cString: PQcmdStatus(result))
        case PGRES_TUPLES_OK:
            let rows = PostgresRows(result)
            let columns = prepared?.columns ?? rows.columns
            prepared?.columns = columns
            do throws(StoreError) {
                answer.rows = try rows.all(columns)
            } catch {
                failure = error
            }
            answer.count = Int(String(cString: PQcmdTuples(result))) ?? 0
        case PGRES_PIPELINE_ABORTED:
            answer.isSkipped = true
        default:
            failure = error(of: result)
        }
        // Every answer ends with a NULL.
        if !isBroken, let extra = try nextResult() {
            PQclear(extra)
            throw lost()
        }
        if let failure { throw failure }
        return answer
    }

    private func receiveSync() throws(StoreError) {
        guard let result = try nextResult() else { throw lost() }
        defer { PQclear(result) }
        guard PQresultStatus(result) == PGRES_PIPELINE_SYNC else {
            throw PQresultStatus(result) == PGRES_FATAL_ERROR ? error(of: result) : lost()
        }
    }

    /// The next answer, or NULL for the end of one.
    private func nextResult() throws(StoreError) -> OpaquePointer? {
        let deadline = ContinuousClock.now + patience
        while PQisBusy(handle) != 0 {
            _ = try wait(for: Int16(POLLIN), until: deadline)
            // A server that ends says why before it closes: then there still is an answer to read.
            if PQconsumeInput(handle) != 1 { break }
        }
        return PQgetResult(handle)
    }

    private func wait(for events: Int16, until deadline: ContinuousClock.Instant) throws(StoreError) -> Int16
    {
        guard let ready = poll(PQsocket(handle), events, until: deadline) else {
            throw lost("no answer in time")
        }
        return ready
    }

    private func error(of result: OpaquePointer) -> StoreError {
        let report = PostgresReport(result)
        lastState = report.state
        if PQstatus(handle) == CONNECTION_BAD || report.endsConnection { isBroken = true }
        return report.error
    }

    private func lost(_ reason: String? = nil) -> StoreError {
        isBroken = true
        return .unavailable(reason ?? String(cString: PQerrorMessage(handle)).trimmedReason)
    }
}

/// Waits until a socket is ready; nil if it is not in time.
func poll(_ socket: Int32, _ events: Int16, until deadline: ContinuousClock.Instant) -> Int16? {
    while true {
        let left = ContinuousClock.now.duration(to: deadline)
        guard left > .zero else { return nil }
        var waiting = pollfd(fd: socket, events: events, revents: 0)
        let milliseconds =
            left.components.seconds * 1000 + left.components.attoseconds / 1_000_000_000_000_000
        if poll(&waiting, 1, Int32(min(milliseconds + 1, 60_000))) > 0 { return waiting.revents }
    }
}

extension String {
    /// libpq's words on one line.
    var trimmedReason: String {
        let lines = split(whereSeparator: \.isNewline).map { $0.drop { $0 == " " || $0 == "\t" } }
        return lines.isEmpty ? "the connection was lost" : lines.joined(separator: "; ")
    }
}
