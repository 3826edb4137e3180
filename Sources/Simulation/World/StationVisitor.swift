// SPDX-License-Identifier: Apache-2.0

import Billing
import Charging
import Quantities
import Storage

/// A station during one visit: says what stations say, some of it twice, some of it late.
struct StationVisitor: Sendable {
    let door: StationDesk
    let desk: Desk
    let station: StationID
    let story: Story

    /// Takes the start command that is waiting, and says yes or no; gives the token to start with.
    func startCommand(accepting: Bool) async throws -> String? {
        for command in try await door.claimCommands(for: [station]) {
            guard case .start(_, _, let token, _) = command.command else {
                try await door.recordReply(.accepted, to: command)
                continue
            }
            try await door.recordReply(accepting ? .accepted : .refused(reason: "Rejected"), to: command)
            return accepting ? token.uid : nil
        }
        return nil
    }

    /// Start, readings, stop; the meter tells the truth.
    func charge(token: String, chance: inout SeededGenerator) async throws {
        let begun = desk.clock.now
        let start = Energy(wattHours: 1_000_000)
        let presented = PresentedToken(uid: token)
        let answer = try await say(
            TransactionReport(
                reference: .new, evse: 1, connector: 1, token: presented,
                facts: [
                    Fact(.started(register: start), measuredAt: begun, receivedAt: begun),
                    Fact(.token(presented), measuredAt: begun, receivedAt: begun),
                ]), &chance)
        guard case .transaction(let told) = answer else { return }
        guard told.token?.status == .accepted else {
            return try await stop(told.number, at: begun, start, &chance)
        }
        var readings: [TransactionReport] = []
        for minute in 1...story.minutes {
            let at = begun + .minutes(minute)
            let delivered = Energy(milliwattHours: story.energy.milliwattHours / story.minutes * minute)
            let reading = Reading(.importRegister, value: (start + delivered).milliwattHours)
            readings.append(
                TransactionReport(
                    reference: .number(told.number), evse: 1,
                    facts: [Fact(.reading(reading), measuredAt: at, receivedAt: at, offline: story.isLate)]))
        }
        if !story.isLate {
            for reading in readings {
                desk.clock.advance(by: .minutes(1))
                _ = try await say(reading, &chance)
                try await obeyStop(told.number)
            }
        } else {
            desk.clock.advance(by: .minutes(story.minutes))
        }
        try await stop(told.number, at: begun + .minutes(story.minutes), start + story.energy, &chance)
        if story.isLate {
            for reading in readings.shuffled(using: &chance) { _ = try await say(reading, &chance) }
        }
    }

    private func stop(
        _ number: Int64, at: Instant, _ register: Energy, _ chance: inout SeededGenerator
    ) async throws {
        let ended = Fact(
            .ended(register: register, reason: "Local"), measuredAt: at, receivedAt: desk.clock.now)
        _ = try await say(TransactionReport(reference: .number(number), facts: [ended]), &chance)
    }

    /// A stop that the server asked for is answered; this station goes on to its end, as some do.
    private func obeyStop(_ number: Int64) async throws {
        for command in try await door.claimCommands(for: [station]) {
            try await door.recordReply(.accepted, to: command)
        }
    }

    /// Sends a message, and sometimes sends it again under another id, as stations do.
    private func say(_ report: TransactionReport, _ chance: inout SeededGenerator) async throws
        -> StationAnswer
    {
        let answer = try await send(report, id: "m\(chance.next())")
        guard chance.next() % 100 < story.repeats else { return answer }
        return try await send(report, id: "m\(chance.next())")
    }

    private func send(_ report: TransactionReport, id: String) async throws -> StationAnswer {
        let now = desk.clock.now
        let frame = ReceivedFrame(
            station: station, connection: desk.ids.new(at: now), version: "1.6", messageID: id,
            action: "simulated",
            bytes: Array("\(report.reference) \(report.facts.map(\.contentKey))".utf8), receivedAt: now)
        return try await door.receive(.transaction(report), in: frame)
    }
}
