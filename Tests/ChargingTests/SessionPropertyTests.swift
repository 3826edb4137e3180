// SPDX-License-Identifier: Apache-2.0

import Charging
import Quantities
import Testing

/// I18, I19, I24 over generated sessions: any order and any repetition give the same session, and what is
/// billed is what flowed, or a person looks.
@Suite("Properties of the fold")
struct SessionPropertyTests {
    @Test("any permutation and repetition of the facts folds to the same session", .timeLimit(.minutes(5)))
    func permutations() async {
        for seed in UInt64(0)..<1000 {
            await Task.yield()
            var random = SplitMix64(seed: seed)
            let tale = Tale(&random)
            let once = Session(folding: tale.facts, under: Story.rules)

            let shuffled = (tale.facts + tale.repeats(&random)).shuffled(using: &random)
            let again = Session(folding: shuffled, under: Story.rules)

            #expect(again == once, "seed \(seed)")
        }
    }

    @Test(
        "facts chosen at random, and not only sensible ones, fold the same in any order",
        .timeLimit(.minutes(5)))
    func nonsense() async {
        for seed in UInt64(0)..<1000 {
            await Task.yield()
            var random = SplitMix64(seed: seed)
            let facts = (0..<random.number(1...25)).map { Self.anyFact(&random, order: $0) }
            let once = Session(folding: facts, under: Story.rules)

            let again = Session(folding: (facts + facts).shuffled(using: &random), under: Story.rules)

            #expect(again == once, "seed \(seed)")
            #expect(once.energy >= .zero, "seed \(seed)")
            #expect(once.usage().energy == once.energy, "seed \(seed)")
        }
    }

    @Test("billed energy is what flowed, or a person looks", .timeLimit(.minutes(5)))
    func truth() async {
        var reviews = 0
        for seed in UInt64(0)..<1000 {
            await Task.yield()
            var random = SplitMix64(seed: seed)
            let tale = Tale(&random)

            let session = Session(folding: tale.facts, under: Story.rules)

            let isReviewed = session.flags.contains(where: \.needsReview)
            #expect(session.energy == tale.delivered || isReviewed, "seed \(seed): \(tale.mischief)")
            #expect(!isReviewed || tale.mischief.mayNeedReview, "seed \(seed): \(session.flags)")
            if isReviewed { reviews += 1 }
        }
        #expect((50...500).contains(reviews))
    }

    @Test(
        "the usage of a session sums to its registers' difference, interval by interval",
        .timeLimit(.minutes(5)))
    func usage() async {
        for seed in UInt64(0)..<1000 {
            await Task.yield()
            var random = SplitMix64(seed: seed)
            let session = Session(folding: Tale(&random).facts, under: Story.rules)

            let usage = session.usage()

            #expect(usage.energy == session.energy, "seed \(seed)")
            #expect(session.endRegister == session.startRegister.map { $0 + session.energy }, "seed \(seed)")
            #expect(
                zip(usage.intervals, usage.intervals.dropFirst()).allSatisfy { $0.end == $1.start },
                "seed \(seed)")
            #expect(usage.intervals.first?.start == session.startedAt, "seed \(seed)")
            let isTimed = !session.flags.contains(.noClock)
            #expect(!isTimed || usage.intervals.last?.end == session.endedAt, "seed \(seed)")
            #expect(usage.intervals.allSatisfy { $0.energy >= .zero }, "seed \(seed)")
        }
    }

    @Test("the running total never falls while facts come in, whatever their order", .timeLimit(.minutes(5)))
    func neverLower() async {
        for seed in UInt64(0)..<200 {
            await Task.yield()
            var random = SplitMix64(seed: seed)
            let samples = Tale(&random, mischief: Tale.Mischief.none).facts.filter { fact in
                if case .ended = fact.kind { false } else { true }
            }
            // The start comes first: without it the first sample seen counts as the start.
            let arrival = samples.prefix(1) + samples.dropFirst().shuffled(using: &random)
            var seen: [Fact] = []
            var highest = Energy.zero
            for fact in arrival {
                seen.append(fact)
                let energy = Session(folding: seen, under: Story.rules).energy
                #expect(energy >= highest, "seed \(seed)")
                highest = max(highest, energy)
            }
        }
    }

    /// A fact of any kind with any values, also impossible ones.
    private static func anyFact(_ random: inout SplitMix64, order: Int64) -> Fact {
        let registers: [Int64] = [.min, -1000, 0, 1_000_000, 1_500_000, 2_000_000, 999_999_999_000, .max]
        let value = registers[Int(random.number(0...7))]
        let register = random.happens(70) ? Energy(milliwattHours: value) : nil
        let contexts = ["Transaction.Begin", "Sample.Periodic", "Transaction.End"]
        let reading = Reading(
            Measurand.allCases[Int(random.number(0...5))], value: value,
            context: contexts[Int(random.number(0...2))],
            phase: random.happens(30) ? ["L1", "L2", "L3"][Int(random.number(0...2))] : nil)
        let kinds: [Fact.Kind] = [
            .started(register: register),
            .ended(register: register, reason: random.happens(20) ? "closed_by_server" : "Local"),
            .state(ChargingState.allCases[Int(random.number(0...4))]),
            .token(PresentedToken(uid: "T\(value % 3)")),
            .limit("x"), .reading(reading), .reading(reading),
        ]
        let times: [Instant?] = [
            nil, Instant(nanoseconds: .min), .epoch, Story.at(random.number(-3...3)),
            Story.at(random.number(0...9)),
            Instant(nanoseconds: .max),
        ]
        return Fact(
            kinds[Int(random.number(0...6))], measuredAt: times[Int(random.number(0...5))],
            receivedAt: Story.at(random.number(0...9)),
            sequence: random.happens(50) ? random.number(-2...5) : nil, order: order,
            offline: random.happens(10))
    }
}
