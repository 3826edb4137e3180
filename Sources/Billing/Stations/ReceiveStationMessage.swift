// SPDX-License-Identifier: Apache-2.0

package import Charging
import Digests
import Logging
package import Quantities
import Storage

/// Step 2, Session: stores what a station sent, interprets it, and says what to answer.
///
/// One transaction for frame and meaning. When it returns, everything is durable; until then the station keeps its
/// message. Prices are not made here: a broken tariff must never keep a station from being answered.
package struct ReceiveStationMessage: Sendable {
    let desk: Desk
    /// The sessions of which facts wait to be folded; nil if none ever wait.
    let running: RunningSessions?

    package init(desk: Desk, running: RunningSessions? = nil) {
        self.desk = desk
        self.running = running
    }

    /// The same frame again gets the first answer again. Throws only if nothing could be stored (C44, C45).
    package func callAsFunction(_ message: StationMessage, in frame: ReceivedFrame) async throws
        -> StationReply
    {
        let row = frame.row(id: desk.ids.new(at: frame.receivedAt), direction: .inbound)
        do {
            return try await desk.store.transaction { tx in
                try interpret(message, row, at: frame.receivedAt, in: tx)
            }
        } catch let error as StoreError {
            throw error
        } catch {
            return try await leaveForAPerson(message, row, because: "\(error)")
        }
    }

    private func interpret(
        _ message: StationMessage, _ frame: FrameRecord, at now: Instant, in tx: Tx
    ) throws -> StationReply {
        if case .transaction(let report) = message {
            let questions = report.questions(at: frame.station)
            try tx.foresee([.row(StationRecord.self, frame.station)] + questions)
        }
        guard let station = try tx.find(StationRecord.self, frame.station) else {
            throw StationRefusal.stationIsGone(frame.station)
        }
        let visit = StationVisit(
            desk: desk, station: try LearnClock(desk: desk)(message, at: station, in: tx, now: now),
            frame: frame.id, message: (frame.messageId, frame.sha256), now: now, running: running)
        let reply = try answer(message, at: visit, in: tx)
        var stored = frame
        stored.answer = reply.answer
        stored.session = reply.session
        if let first = reply.repeats {
            stored.state = FrameState.duplicate.rawValue
            stored.duplicateOf = first.text
        } else if let session = reply.session, frame.carriesSignedData {
            try tx.countSignedFrame(of: session)
        }
        try tx.keep(stored)
        return reply
    }

    /// What a message means, without storing it: also used when a person has it read again.
    func answer(_ message: StationMessage, at visit: StationVisit, in tx: Tx) throws -> StationReply {
        switch message {
        case .boot(let boot):
            return StationReply(answer: try RecordBoot(visit: visit)(boot, in: tx))
        case .status(let report):
            try RecordStatus(visit: visit)(report, in: tx)
            return StationReply(answer: .received)
        case .authorize(let token):
            let check = try CheckToken(desk: desk)(token, at: visit.station, in: tx, now: visit.now)
            return StationReply(answer: .token(check.answer))
        case .transaction(let report):
            return try RecordTransaction(visit: visit)(report, in: tx)
        case .readings(let evse, let facts):
            let session = try RecordReadings(visit: visit)(facts, evse: Int64(evse), in: tx)
            return StationReply(answer: .received, session: session)
        case .journal:
            return StationReply(answer: .received)
        }
    }

    /// What could not be interpreted is stored, answered normally and given to a person (charging.md §2).
    private func leaveForAPerson(
        _ message: StationMessage, _ frame: FrameRecord, because why: String
    ) async throws -> StationReply {
        desk.log.error("frame left uninterpreted", metadata: ["frame": "\(frame.id)", "why": "\(why)"])
        return try await desk.store.transaction { tx in
            // Never a number that another session has: what the station tells under it would become that one's (C29).
            let answer = try message.plainAnswer {
                try tx.nextNumber(of: BeginSession.numbers, for: frame.station.text)
            }
            var row = frame
            row.state = FrameState.uninterpreted.rawValue
            row.findings.append(why)
            row.answer = answer
            try tx.keep(row)
            if let station = try tx.find(StationRecord.self, frame.station) {
                try tx.open(
                    WorkItemRecord(
                        id: desk.ids.new(at: frame.receivedAt), organisation: station.organisation,
                        reason: WorkReason.uninterpreted.rawValue, object: frame.id.text, station: station.id,
                        detail: "\(frame.action) from \(station.ocppIdentity): \(why)", message: message,
                        state: "open", openedAt: frame.receivedAt))
            }
            return StationReply(answer: answer)
        }
    }
}

/// Learns by how much a station's clock is wrong, from what it tells as it happens (charging.md §7). A right clock is
/// never written down.
struct LearnClock {
    let desk: Desk

    func callAsFunction(
        _ message: StationMessage, at station: StationRecord, in tx: Tx, now: Instant
    ) throws -> StationRecord {
        guard let measuredAt = message.toldLiveAt, !message.mayRepeatOld(of: station, now: now) else {
            return station
        }
        var clock = station.clock ?? ClockOffset()
        guard clock.learn(measuredAt: measuredAt, receivedAt: now),
            var row = try tx.lock(StationRecord.self, id: station.id)
        else { return station }
        row.clock = clock
        try tx.update(&row)
        return row
    }
}

/// What a station is answered, and the session it was about.
package struct StationReply: Hashable, Sendable {
    package var answer: StationAnswer
    package var session: SessionID?
    /// Whether somebody pays for that session, so that its cost is worth knowing.
    package var isPriced: Bool
    /// The message that this one repeats word for word: then the answer is that one's.
    package var repeats: FrameID?
    /// Whether that session goes on.
    package var isOpen: Bool

    package init(
        answer: StationAnswer, session: SessionID? = nil, isPriced: Bool = true, repeats: FrameID? = nil,
        isOpen: Bool = true
    ) {
        self.answer = answer
        self.session = session
        self.isPriced = isPriced
        self.isOpen = isOpen
        self.repeats = repeats
    }
}

/// A message of one station being worked on: what all verbs of this folder need.
package struct StationVisit: Sendable {
    let desk: Desk
    let station: StationRecord
    /// The message; nil when a person decides.
    let frame: FrameID?
    /// The id and the digest of the message, by which it is known when it comes again.
    var message: (id: String, sha256: String)?
    /// When the frame was received.
    let now: Instant
    /// The sessions of which facts wait to be folded.
    var running: RunningSessions?
    /// The number that the station was told when its start could not be read; what is read again has that one.
    var number: Int64?

    /// When something happened by our clock, as far as the station's can be corrected: one that shows a time before 2020 or
    /// in the future says nothing (charging.md §7).
    func time(of measuredAt: Instant?) -> Instant {
        guard let measuredAt else { return now }
        let rules = SessionRules(powerMax: nil, clockOffset: station.clock?.median ?? .zero)
        let at = measuredAt + rules.clockShift
        return at >= .oldestOnAnyClock && at - now <= rules.clockTolerance ? at : now
    }
}

/// Why a message could not be interpreted.
package enum StationRefusal: Error, Hashable {
    /// The station was deleted while it was connected.
    case stationIsGone(StationID)
}

extension StationMessage {
    /// The station's time of a message that was sent as it happened; nil if it may be a replay. Of 1.6 only statuses are
    /// never queued.
    var toldLiveAt: Instant? {
        switch self {
        case .status(let report): report.measuredAt
        case .transaction(let report):
            // Readings are measured before the event that tells them, maybe long before.
            if case .named = report.reference, !report.offline {
                report.facts.compactMap(\.measuredAt).max()
            } else {
                nil
            }
        case .boot, .authorize, .readings, .journal: nil
        }
    }

    /// Whether it may tell what happened before the station came: statuses are repeated after a connection, by some with the
    /// time at which they began.
    fileprivate func mayRepeatOld(of station: StationRecord, now: Instant) -> Bool {
        guard case .status = self, let connectedAt = station.connectedAt else { return false }
        return now - connectedAt < .minutes(1)
    }

    /// The normal answer to a message of this kind that we could not act on; `number` is that of what it begins.
    fileprivate func plainAnswer(number: () throws -> Int64) rethrows -> StationAnswer {
        switch self {
        case .boot: .boot(.accepted, intervalSeconds: RecordBoot.heartbeatSeconds)
        case .authorize: .token(TokenAnswer(status: .invalid))
        case .transaction(let report):
            .transaction(
                TransactionAnswer(
                    number: report.reference == .new ? try number() : report.answerableNumber))
        case .status, .readings, .journal: .received
        }
    }
}

extension TransactionReport {
    /// A positive number to answer with when there is no session (1.6 errata 3.18: never -1 or 0).
    var answerableNumber: Int64 {
        if case .number(let number) = reference, number > 0 { return number }
        return 1
    }
}

extension ReceivedFrame {
    /// The row that keeps this frame.
    func row(id: FrameID, direction: FrameDirection, state: FrameState = .interpreted) -> FrameRecord {
        // A card number in a frame is never stored (I29).
        let bytes = CardNumbers.removed(from: bytes)
        return FrameRecord(
            id: id, station: station, connection: connection, ocppVersion: version,
            direction: direction.rawValue,
            messageId: CardNumbers.removed(from: messageID), action: CardNumbers.removed(from: action),
            body: bytes, sha256: SHA256Digest.hex(of: bytes),
            state: state.rawValue, findings: findings.map { CardNumbers.removed(from: $0) },
            receivedAt: receivedAt)
    }
}

extension FrameRecord {
    /// Whether signed meter data is in it (1.6 format SignedData, 2.x signedMeterValue); it is kept as it came (C63).
    var carriesSignedData: Bool {
        guard ["MeterValues", "StopTransaction", "TransactionEvent"].contains(action), body.count > 200 else {
            return false
        }
        return SignedMark.isIn(body)
    }
}

/// What shows that a message carries signed meter data: `"SignedData"`, `"signedMeterValue"`, `"signedMeterData"`.
package enum SignedMark {
    /// Whether it is there; looked for byte by byte, since every reading passes here.
    package static func isIn(_ bytes: [UInt8]) -> Bool {
        let mark = Array("igned".utf8)
        return bytes.withUnsafeBufferPointer { bytes in
            var place = 1
            while place + mark.count < bytes.count {
                if bytes[place] == mark[0], bytes[place - 1] | 0x20 == UInt8(ascii: "s"),
                    (1..<mark.count).allSatisfy({ bytes[place + $0] == mark[$0] })
                {
                    let next = bytes[place + mark.count]
                    if next == UInt8(ascii: "D") || next == UInt8(ascii: "M") { return true }
                }
                place += 1
            }
            return false
        }
    }
}
