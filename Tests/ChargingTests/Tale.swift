// SPDX-License-Identifier: Apache-2.0

import Charging
import Quantities

/// A generated session: what flowed, and what a station with one fault tells of it.
struct Tale {
    /// What goes wrong.
    enum Mischief: CaseIterable {
        case none, lostSamples, glitch, spike, rollover, reset, badStop, noStop, nonsenseClock, coarse

        /// Whether a person may have to look because of it.
        var mayNeedReview: Bool { self == .reset || self == .badStop || self == .spike }
    }

    let mischief: Mischief
    /// What the meter let through, as far as its registers prove it.
    let delivered: Energy
    private(set) var facts: [Fact] = []

    init(_ random: inout SplitMix64, mischief chosen: Mischief? = nil) {
        let mischief = chosen ?? Mischief.allCases[Int(random.number(0...9))]
        self.mischief = mischief
        let count = random.number(6...40)
        // At most 5 kWh in 5 minutes, so that an EVSE of 150 kW can have delivered it.
        var rises = (0..<count).map { _ in random.number(100...5_000_000) }
        if mischief == .rollover { rises[0] = max(rises[0], 1_000_000) }
        let total = rises.reduce(0, +)
        let start =
            mischief == .rollover
            ? 1_000_000_000_000 - random.number(0...total) : random.number(10_000_000...900_000_000)
        var registers: [Int64] = []
        var register = start
        for rise in rises {
            register += rise
            registers.append(mischief == .rollover ? register % 1_000_000_000_000 : register)
        }
        let last = mischief == .noStop ? registers[registers.count - 1] : registers.removeLast()
        delivered = Energy(milliwattHours: total)
        tell(start, Self.bent(registers, mischief, &random), last, &random)
        if mischief == .nonsenseClock { loseClock() }
    }

    /// The registers of the samples as the station tells them; nil for a sample that is lost.
    private static func bent(_ registers: [Int64], _ mischief: Mischief, _ random: inout SplitMix64)
        -> [Int64?]
    {
        var told: [Int64?] = registers
        let place = Int(random.number(1...Int64(registers.count - 2)))
        switch mischief {
        case .glitch: told[place] = random.number(0...5_000)
        case .spike: told[place] = registers[place] + 80_000_000_000
        case .reset: for index in place..<told.count { told[index] = registers[index] - registers[place] }
        case .lostSamples: for index in told.indices where random.happens(60) { told[index] = nil }
        case .coarse: for index in told.indices { told[index] = registers[index] / 1000 * 1000 }
        default: break
        }
        return told
    }

    private mutating func tell(_ start: Int64, _ samples: [Int64?], _ last: Int64, _ random: inout SplitMix64)
    {
        add(.started(register: Energy(milliwattHours: start)), step: 0, &random)
        add(.token(PresentedToken(uid: "TAG1")), step: 0, &random)
        add(.state(.charging), step: 0, &random)
        for (index, sample) in samples.enumerated() {
            if random.happens(10) {
                add(
                    .state(ChargingState.allCases[Int(random.number(0...4))]), step: Int64(index) + 1, &random
                )
            }
            guard let sample else { continue }
            add(.reading(Reading(.importRegister, value: sample)), step: Int64(index) + 1, &random)
        }
        var stop: Int64? = last
        switch mischief {
        case .noStop: stop = nil
        case .badStop: stop = random.number(-1...0) * 1000
        case .reset: stop = samples[samples.count - 1].map { $0 + 1000 }
        case .coarse: stop = last
        default: break
        }
        let register = stop.map { Energy(milliwattHours: $0) }
        add(.ended(register: register, reason: "Local"), step: Int64(samples.count) + 1, &random)
    }

    private mutating func add(_ kind: Fact.Kind, step: Int64, _ random: inout SplitMix64) {
        let at = Story.at(step)
        let delay = Elapsed.seconds(random.number(0...3))
        facts.append(Fact(kind, measuredAt: at, receivedAt: at + delay, order: Int64(facts.count)))
    }

    /// The station thinks it is 1970, and its messages come all at once, an hour after the end.
    private mutating func loseClock() {
        let late = (facts.last?.receivedAt ?? Story.begin) + .hours(1)
        for index in facts.indices {
            facts[index].measuredAt = facts[index].measuredAt.map { Instant.epoch + ($0 - Story.begin) }
            facts[index].receivedAt = late + .seconds(Int64(index))
        }
    }

    /// Some of the facts told again later, as stations do when they miss an answer.
    func repeats(_ random: inout SplitMix64) -> [Fact] {
        facts.filter { _ in random.happens(40) }.map { fact in
            var again = fact
            again.receivedAt = fact.receivedAt + .minutes(random.number(1...600))
            again.order += 1_000_000
            again.offline.toggle()
            return again
        }
    }
}

extension SplitMix64 {
    /// A number from a range.
    mutating func number(_ range: ClosedRange<Int64>) -> Int64 { Int64.random(in: range, using: &self) }

    /// True in so many of 100 cases.
    mutating func happens(_ percent: Int64) -> Bool { number(0...99) < percent }
}
