// SPDX-License-Identifier: Apache-2.0

import Payments
import Quantities
import Testing

/// Facts may come twice and in any order (I18), and an old one never moves anything backwards (I19).
@Suite("Facts of a payment in any order")
struct PaymentOrderTests {
    /// What a gateway went through, after what we had asked for.
    struct History: Sendable, CustomTestStringConvertible {
        var name: String
        var commands: [Payment.Event]
        var facts: [Payment.Event]
        var testDescription: String { name }
    }

    static let hold = Payment.Authorization(amount: .eur(40_00), reference: "g1")
    static let histories: [History] = [
        History(name: "approved", commands: [.authorize], facts: [.action, .approved(hold)]),
        History(name: "declined", commands: [.authorize], facts: [.action, .declined]),
        History(
            name: "taken at once", commands: [.authorize],
            facts: [.action, .approved(hold), .captured(.eur(4_30))]),
        History(name: "given back", commands: [.authorize], facts: [.approved(hold), .voidOk]),
        History(
            name: "captured", commands: [.authorize, .approved(hold), .capture(.eur(18_37))],
            facts: [.approved(hold), .captured(.eur(18_37))]),
        History(
            name: "captured and failed later",
            commands: [.authorize, .approved(hold), .capture(.eur(18_37))],
            facts: [.approved(hold), .captured(.eur(18_37)), .capFailed]),
        History(
            name: "captured in doubt",
            commands: [.authorize, .approved(hold), .capture(.eur(18_37)), .unknown],
            facts: [.approved(hold), .captured(.eur(18_37))]),
        History(
            name: "expired while we captured",
            commands: [.authorize, .approved(hold), .capture(.eur(18_37))],
            facts: [.approved(hold), .expired]),
        History(
            name: "voided", commands: [.authorize, .approved(hold), .void], facts: [.approved(hold), .voidOk]),
        History(
            name: "captured by a racing worker", commands: [.authorize, .approved(hold), .void],
            facts: [.approved(hold), .captured(.eur(18_37))]),
    ]

    @Test("lead to the same payment", arguments: histories)
    func anyOrder(history: History) throws {
        let inOrder = try delivered(history.facts.enumerated().map { ($0.offset, $0.element) }, to: history)
        for seed: UInt64 in 1...200 {
            var random = SplitMix64(seed: seed)
            let once = history.facts.enumerated().map { ($0.offset, $0.element) }
            let twice = (once + once.filter { _ in Bool.random(using: &random) }).shuffled(using: &random)

            let payment = try delivered(twice, to: history)

            #expect(payment.state == inOrder.state, "seed \(seed): \(twice)")
            #expect(payment.captured == inOrder.captured, "seed \(seed): \(twice)")
            #expect(payment.authorization == inOrder.authorization, "seed \(seed): \(twice)")
        }
    }

    @Test("F23: cancelled, then an older approval: it is ignored and nobody is asked")
    func olderFact() throws {
        var payment = Payment()
        _ = try payment.apply(.authorize)
        _ = try payment.apply(.voidOk, order: order(2))
        #expect(try payment.apply(.approved(Self.hold), order: order(1)) == [])
        #expect(payment.state == .voided)
    }

    @Test("money that was taken is never overlooked, however old the fact")
    func oldCapture() throws {
        var payment = Payment()
        _ = try payment.apply(.authorize)
        _ = try payment.apply(.voidOk, order: order(2))
        #expect(try payment.apply(.captured(.eur(5_00)), order: order(1)).contains(.refundUndue))
        #expect(payment.state == .captured)
    }

    @Test("whatever happens, no more is ever asked for than is held, and a refusal changes nothing")
    func neverMoreThanHeld() throws {
        for seed: UInt64 in 1...2000 {
            var random = SplitMix64(seed: seed)
            var payment = Payment()
            for _ in 0..<40 {
                let before = payment
                let event = Self.anything(&random)
                do throws(Payment.Refusal) {
                    _ = try payment.apply(event)
                } catch {
                    #expect(payment == before, "seed \(seed): \(event)")
                    continue
                }
                if case .capture(let amount) = event, payment.capturing != before.capturing {
                    let held = try #require(before.authorization?.amount, "seed \(seed)")
                    #expect(amount <= held, "seed \(seed)")
                }
            }
        }
    }

    private static func anything(_ random: inout SplitMix64) -> Payment.Event {
        let amount = Money.eur(Int64.random(in: -1...8000, using: &random))
        let hold = Payment.Authorization(amount: .eur(Int64.random(in: 1...6000, using: &random)))
        let events: [Payment.Event] = [
            .authorize, .external(hold), .action, .approved(hold), .declined, .unknown, .notFound,
            .adjust(amount), .adjusted(hold.amount), .adjDeclined, .capture(amount), .captured(amount),
            .capFailed, .void, .voidOk, .voidRefused, .expired, .approved(hold), .authorize, .capture(amount),
        ]
        return events[Int.random(in: 0..<events.count, using: &random)]
    }

    private func delivered(_ facts: [(Int, Payment.Event)], to history: History) throws -> Payment {
        var payment = Payment()
        for command in history.commands { _ = try payment.apply(command) }
        for (place, fact) in facts { _ = try payment.apply(fact, order: order(place)) }
        return payment
    }

    private func order(_ place: Int) -> FactOrder {
        FactOrder(occurredAt: Instant(seconds: 1_790_000_000), sequence: Int64(place))
    }
}
