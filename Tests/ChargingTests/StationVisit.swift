// SPDX-License-Identifier: Apache-2.0

import Charging
import Quantities

/// What a station tells of one visit, in the facts that each version's door makes of it.
struct StationVisit {
    /// Which protocol the station speaks.
    enum Dialect: String, CaseIterable, Sendable {
        /// Registers come with start and stop; there are no sequence numbers.
        case ocpp16 = "1.6"
        /// Registers come as readings; every event has a number.
        case ocpp2 = "2.x"
    }

    /// What the server makes of one message; saying it again is a repetition.
    typealias Message = [Fact]

    /// Wh on the meter when a visit begins.
    static let register: Int64 = 4_812_345
    /// When it begins, unless it says otherwise.
    static let beginning = Instant(iso8601: "2026-03-02T10:00:00Z") ?? .epoch
    /// A 50 kW station.
    static let rules = SessionRules(powerMax: Power(milliwatts: 50_000_000))

    let dialect: Dialect
    var beginsAt = Self.beginning
    /// Everything received, in order of receipt.
    private(set) var facts: [Fact] = []
    private var sequence: Int64 = 0

    init(_ dialect: Dialect) { self.dialect = dialect }

    /// Step n is n times five minutes after the beginning.
    func at(_ step: Int64) -> Instant { beginsAt + .minutes(5 * step) }

    /// The fold of what was received.
    var session: Session { Session(folding: facts, under: Self.rules) }

    /// Receives a message: each fact gets its place, all were received two hours after the beginning or
    /// later.
    mutating func say(_ message: Message) {
        let now = Self.beginning + .hours(2) + .milliseconds(Int64(facts.count))
        for var fact in message {
            fact.order = Int64(facts.count + 1)
            fact.receivedAt = now
            facts.append(fact)
        }
    }

    /// A start; without a register a 1.6 station says 0 and a 2.x station nothing.
    mutating func begin(_ register: Int64? = Self.register) -> Message {
        switch dialect {
        case .ocpp16: message([.started(register: Energy(wattHours: register ?? 0))], at: 0)
        case .ocpp2:
            message(
                [.started(register: nil)] + (register.map { [reading($0, "Transaction.Begin")] } ?? []), at: 0
            )
        }
    }

    /// A meter value in Wh.
    mutating func sample(_ register: Int64, at step: Int64, _ context: String = "Sample.Periodic") -> Message
    {
        message([reading(register, context)], at: step)
    }

    /// A stop.
    mutating func end(_ register: Int64, at step: Int64, reason: String = "Local") -> Message {
        switch dialect {
        case .ocpp16: message([.ended(register: Energy(wattHours: register), reason: reason)], at: step)
        case .ocpp2:
            message(
                [reading(register, "Transaction.End"), .ended(register: nil, reason: reason)], at: step)
        }
    }

    /// Facts of one moment.
    mutating func message(_ kinds: [Fact.Kind], at step: Int64) -> Message {
        defer { sequence += 1 }
        return kinds.map { kind in
            Fact(
                kind, measuredAt: at(step), receivedAt: Self.beginning,
                sequence: dialect == .ocpp2 ? sequence : nil)
        }
    }

    private func reading(_ register: Int64, _ context: String) -> Fact.Kind {
        .reading(Reading(.importRegister, value: register * 1000, context: context))
    }
}

extension Session {
    /// Whether a person must look before money is taken.
    var needsReview: Bool { flags.contains(where: \.needsReview) }
}
