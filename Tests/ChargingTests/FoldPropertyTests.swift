// SPDX-License-Identifier: Apache-2.0

import Charging
import Quantities
import Testing

/// Properties of the fold over random visits; a failure names its seed.
@Suite("The fold over facts")
struct FoldPropertyTests {
    /// A visit with samples, states, tokens, faults of the meter and now and then a second stop.
    static func visit(_ random: inout SplitMix64) -> StationVisit {
        let dialect: StationVisit.Dialect = Bool.random(using: &random) ? .ocpp16 : .ocpp2
        var visit = StationVisit(dialect)
        if Int.random(in: 0..<20, using: &random) == 0 { visit.beginsAt = Instant(seconds: 180) }
        var register = Int64.random(in: 0...20_000_000, using: &random)
        if Int.random(in: 0..<10, using: &random) > 0 { visit.say(visit.begin(register)) }
        let steps = Int64.random(in: 0...12, using: &random)
        for step in 1..<(steps + 1) {
            register += Int64.random(in: 0...3000, using: &random)
            let shown = fault(register, &random)
            visit.say(visit.sample(shown, at: step))
            if Bool.random(using: &random), let state = ChargingState.allCases.randomElement(using: &random) {
                visit.say(visit.message([.state(state)], at: step))
            }
            if Bool.random(using: &random) {
                let power = Reading(.power, value: Int64.random(in: 0...50_000_000, using: &random))
                visit.say(visit.message([.reading(power), .token(PresentedToken(uid: "TAG1"))], at: step))
            }
        }
        for _ in 0..<[0, 1, 1, 1, 2].randomElement(using: &random, or: 1) {
            let shown = fault(register + Int64.random(in: 0...500, using: &random), &random)
            visit.say(visit.end(shown, at: steps + Int64.random(in: 0...1, using: &random)))
        }
        return visit
    }

    /// What the meter shows instead of a register, one time in eight.
    static func fault(_ register: Int64, _ random: inout SplitMix64) -> Int64 {
        switch Int.random(in: 0..<40, using: &random) {
        case 0: 0
        case 1: -1
        case 2: register / 1000
        case 3: register * 10
        case 4: Int64.random(in: 0...999_999_999, using: &random)
        default: register
        }
    }

    @Test("I18: the same facts in any order and any number of times give the same session")
    func orderAndRepetition() async {
        for seed in UInt64(1)...1000 {
            await Task.yield()
            var random = SplitMix64(seed: seed)
            let visit = Self.visit(&random)
            let session = visit.session
            var facts = visit.facts
            for fact in visit.facts where Bool.random(using: &random) {
                // A repetition comes later, in another place of the order, and may say that it is late.
                var again = fact
                again.order += 1000
                again.receivedAt = again.receivedAt + .seconds(Int64.random(in: 0...600, using: &random))
                again.offline = Bool.random(using: &random)
                facts.append(again)
            }
            facts.shuffle(using: &random)

            #expect(Session(folding: facts, under: StationVisit.rules) == session, "seed \(seed)")
        }
    }

    @Test("I24: usage sums exactly to the energy, which is never negative; registers never fall")
    func energy() async {
        for seed in UInt64(1)...1000 {
            await Task.yield()
            var random = SplitMix64(seed: seed)
            let visit = Self.visit(&random)
            let session = visit.session
            let usage = session.usage(asOf: visit.at(Int64.random(in: 0...20, using: &random)))

            #expect(session.energy >= .zero, "seed \(seed)")
            #expect(usage.energy == session.energy, "seed \(seed)")
            #expect(usage.intervals.allSatisfy { $0.energy >= .zero && $0.end >= $0.start }, "seed \(seed)")
            for (earlier, later) in zip(usage.intervals, usage.intervals.dropFirst()) {
                #expect(earlier.end == later.start, "seed \(seed)")
            }
            for (earlier, later) in zip(session.registers, session.registers.dropFirst()) {
                #expect(earlier.register <= later.register && earlier.at <= later.at, "seed \(seed)")
            }
            if let start = session.startRegister, let end = session.endRegister {
                #expect(end - start == session.energy, "seed \(seed)")
            }
        }
    }

    @Test("C55: one more honest sample never lowers the running total")
    func neverLower() async {
        for seed in UInt64(1)...1000 {
            await Task.yield()
            var random = SplitMix64(seed: seed)
            var visit = StationVisit(.ocpp16)
            visit.say(visit.begin())
            var registers = [StationVisit.register]
            for _ in 0..<10 {
                registers.append(registers[registers.count - 1] + .random(in: 0...3000, using: &random))
            }
            let messages = registers.indices.map { visit.sample(registers[$0], at: Int64($0)) }
            var total = Energy.zero
            for message in messages.shuffled(using: &random) {
                visit.say(message)
                #expect(visit.session.energy >= total, "seed \(seed)")
                total = visit.session.energy
            }
            #expect(total == Energy(wattHours: registers[10] - registers[0]), "seed \(seed)")
        }
    }

    @Test(
        "an honest visit without faults has no flags and its whole energy",
        arguments: StationVisit.Dialect.allCases)
    func honest(dialect: StationVisit.Dialect) async {
        for seed in UInt64(1)...1000 {
            await Task.yield()
            var random = SplitMix64(seed: seed)
            var visit = StationVisit(dialect)
            let start = Int64.random(in: 0...900_000_000, using: &random)
            var register = start
            visit.say(visit.begin(start))
            for step in Int64(1)...Int64.random(in: 1...12, using: &random) {
                register += Int64.random(in: 0...3000, using: &random)
                visit.say(visit.sample(register, at: step))
            }
            visit.say(visit.end(register, at: 13))
            #expect(visit.session.energy == Energy(wattHours: register - start), "seed \(seed)")
            #expect(visit.session.flags.isEmpty, "seed \(seed)")
            #expect(visit.session.isComplete, "seed \(seed)")
        }
    }
}

extension Array {
    /// One element, or another value if there is none.
    fileprivate func randomElement(using random: inout SplitMix64, or other: Element) -> Element {
        randomElement(using: &random) ?? other
    }
}
