// SPDX-License-Identifier: Apache-2.0

import Foundation
import JSONText
import Payments
import Quantities
import Simulation
import Testing

/// Every instrument of payments.md §5.2 does what its row says, through the codec.
@Suite("Instruments of the Sandbox")
struct SandboxInstrumentTests {
    @Test("the table of docs/specs/payments.md and the hosted page name the same instruments")
    func table() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..")
        let text = try String(contentsOf: root.appending(path: "docs/specs/payments.md"), encoding: .utf8)
        let section = try #require(text.range(of: "## Instruments of the Sandbox"))
        let rows = text[section.upperBound...].split(separator: "\n").drop { !$0.hasPrefix("|") }
            .prefix { $0.hasPrefix("|") }.dropFirst(2)
        var named: Set<String> = []
        for row in rows {
            let cells = row.split(separator: "|", omittingEmptySubsequences: false)
            for cell in [cells[1], cells[3]] {
                for (index, part) in cell.split(separator: "`", omittingEmptySubsequences: false).enumerated()
                where !index.isMultiple(of: 2) { named.insert(String(part)) }
            }
        }
        #expect(named == Set(Sandbox.instruments.flatMap(\.names).map(\.name)))
    }

    @Test("3-D Secure: confirmed, failed, refused and abandoned")
    func challenge() throws {
        for (instrument, events) in [
            ("challenge_ok", [Payment.Column.approved]), ("challenge_fail", [.declined]),
            ("challenge_abandon", []),
        ] {
            let shop = Shop()
            _ = try shop.authorize(40_00)
            #expect(try shop.choose(instrument).map(\.column) == events, "\(instrument)")
        }
        let shop = Shop()
        _ = try shop.authorize(40_00)
        let step = try shop.call("POST", "/sandbox/checkout/\(shop.payment)", body: "instrument=challenge_ok")
        #expect(step.headers["Location"] == "/sandbox/3ds/\(shop.payment)")
        let challenge = try shop.get("/sandbox/3ds/\(shop.payment)")
        #expect(String(decoding: challenge.body, as: UTF8.self).contains("40.00 EUR"))
        #expect(try shop.ask(.lookUp) == .action)
        _ = try shop.call("POST", "/sandbox/3ds/\(shop.payment)", body: "answer=refuse")
        #expect(shop.facts.last?.decline?.advice == .needsAuthentication)
    }

    @Test("an abandoned page ends after a day")
    func abandoned() throws {
        let shop = Shop()
        _ = try shop.authorize(40_00)
        _ = try shop.choose("challenge_abandon")
        shop.now = shop.now + .hours(25)
        try shop.passTime()
        #expect(shop.facts.last?.event == .expired)
        #expect(try shop.ask(.lookUp) == .expired)
    }

    @Test("a hold is raised to a total, as often as its instrument allows")
    func increments() throws {
        for (instrument, outcomes) in [
            ("ok", [true, true]), ("increment_once", [true, false]), ("no_increment", [false]),
        ] {
            let shop = Shop()
            _ = try shop.authorize(40_00)
            _ = try shop.choose(instrument)
            for (index, isRaised) in outcomes.enumerated() {
                let total = Money.eur(60_00 + 10_00 * Int64(index))
                let event = try shop.ask(.adjust(total))
                #expect((event == .adjusted(total)) == isRaised, "\(instrument) \(index)")
            }
        }
        let shop = Shop()
        _ = try shop.authorize(40_00)
        _ = try shop.choose("increment_declined")
        #expect(
            try shop.outcome(.adjust(.eur(60_00)))
                == .declined(Decline(code: "increment_declined", advice: .retryLater)))
        #expect(try shop.ask(.capture(.eur(40_00))) == .captured(.eur(40_00)))
        #expect(try shop.outcome(.capture(.eur(40_01))) != .accepted)
    }

    @Test("a method is left on a page, and charged while nobody is there")
    func offSession() throws {
        for (instrument, column) in [
            ("ok", Payment.Column.captured), ("off_session_challenge", .declined),
            ("insufficient_funds", .declined),
        ] {
            let shop = Shop()
            _ = try shop.outcome(.setUp)
            _ = try shop.choose(instrument == "insufficient_funds" ? "ok" : instrument)
            let saved = try #require(shop.facts.last?.saved, "\(instrument)")
            #expect(shop.facts.last?.event == .captured(.eur(0)))
            if instrument == "insufficient_funds" { continue }
            let later = Shop(beside: shop, payment: 8)
            later.order.method = saved
            later.order.capturesAtOnce = true
            _ = try later.outcome(.chargeOffSession(.eur(4_30)))
            #expect(later.facts.last?.event.column == column, "\(instrument)")
        }
    }

    @Test("what happens later happens at its time and is told")
    func later() throws {
        let failing = try captured("capture_fails_later")
        #expect(try failing.after(hours: 49) == [.capFailed])
        #expect(failing.kept == 0)

        let returning = try captured("refund_fails_later")
        let refund = RefundID(at: .epoch, random: 5)
        #expect(try returning.outcome(.refund(refund, .eur(5_00))) == .refunded(.ok))
        #expect(returning.kept == 13_37)
        _ = try returning.after(hours: 73)
        #expect(
            returning.news.last?.about
                == .refund(
                    RefundFact(
                        refund: refund, payment: returning.payment, event: .reversed, amount: .eur(5_00),
                        order: FactOrder(occurredAt: Instant(seconds: 1_790_000_000) + .hours(72)))))
        #expect(try returning.outcome(.lookUpRefund(refund)) == .refunded(.reversed))
        #expect(returning.kept == 18_37)

        let held = Shop()
        _ = try held.authorize(40_00)
        _ = try held.choose("expires_early")
        #expect(try held.after(hours: 3) == [.expired])
    }

    @Test("F64: a dispute opens a day after the capture, takes evidence once and is decided")
    func disputes() throws {
        let shop = try captured("disputed")
        _ = try shop.after(hours: 25)
        let opened = try #require(shop.disputes.last)
        #expect(opened.event == .opened)
        #expect(opened.amount == .eur(18_37))
        #expect(opened.fee == .eur(20_00))
        #expect(
            try shop.outcome(.refund(RefundID(at: .epoch, random: 9), .eur(1_00)))
                == .rejected("amount_too_large"))
        let evidence = Evidence(
            product: "kWh", serviceDate: "2026-09-21", account: "start", refundPolicy: "none")
        #expect(try shop.outcome(.submitEvidence(opened.dispute, evidence)) == .done)
        #expect(shop.disputes.last?.event == .evidence)
        #expect(try shop.outcome(.submitEvidence(opened.dispute, evidence)) != .done)
        _ = try shop.after(hours: 73)
        #expect(shop.disputes.last?.event == .won)

        let silent = try captured("disputed")
        _ = try silent.after(hours: 9 * 24)
        #expect(silent.disputes.map(\.event) == [.opened, .lost])
        let asked = try captured("inquiry")
        _ = try asked.after(hours: 9 * 24)
        #expect(asked.disputes.map(\.event) == [.inquiry, .closed])
    }

    @Test("the settlement report adds up to the balance, payout and all")
    func settlement() throws {
        let shop = try captured("ok")
        _ = try shop.outcome(.refund(RefundID(at: .epoch, random: 5), .eur(5_00)))
        #expect(try shop.balance() == [.eur(18_37 - 53 - 5_00)])
        let lines = try shop.settlementLines()
        #expect(lines.map(\.kind) == [.capture, .refund])
        #expect(lines.map(\.fee) == [.eur(53), .eur(0)])
        #expect(lines.first?.payment == shop.payment)
        _ = try shop.after(hours: 100)
        #expect(try shop.balance() == [.eur(0)])
        #expect(try shop.settlementLines().map(\.net).sum(in: .eur) == .eur(0))
        let payout = try #require(try shop.settlementLines().last?.payout)
        let fact = PayoutFact(payout: payout, amount: .eur(12_84), event: .paid)
        #expect(shop.news.last?.about == .payout(fact))
    }

    @Test("everything asynchronous is taken now and told by webhook")
    func asynchronous() throws {
        let shop = Shop()
        _ = try shop.authorize(40_00)
        _ = try shop.choose("async")
        #expect(try shop.outcome(.adjust(.eur(60_00))) == .accepted)
        #expect(shop.facts.last?.event == .adjusted(.eur(60_00)))
        #expect(try shop.outcome(.capture(.eur(18_37))) == .accepted)
        #expect(shop.facts.last?.event == .captured(.eur(18_37)))
        #expect(
            try shop.outcome(.refund(RefundID(at: .epoch, random: 5), .eur(5_00)))
                == .refunded(.accepted))
        #expect(shop.news.last?.id == "evt_\(RefundID(at: .epoch, random: 5))_succeeded")
    }

    @Test("slow answers come after 30 s; busy ones the second time")
    func transport() throws {
        let slow = Shop()
        _ = try slow.authorize(40_00)
        _ = try slow.choose("slow_30s")
        #expect(try slow.send(.capture(.eur(18_37)), key: "k").delaySeconds == 30)
        let busy = Shop()
        _ = try busy.authorize(40_00)
        _ = try busy.choose("busy_429")
        for operation: Payments.Operation in [.adjust(.eur(50_00)), .capture(.eur(18_37))] {
            #expect(try busy.outcome(operation) == .busy)
            #expect(try busy.ask(operation) != nil)
        }
    }

    @Test("webhooks come first, or in the wrong order")
    func delivery() throws {
        let first = Shop()
        _ = try first.authorize(40_00)
        _ = try first.choose("webhook_first")
        #expect(first.webhooks.filter { !$0.isFirst }.isEmpty)
        let shuffled = Shop()
        _ = try shuffled.authorize(40_00)
        _ = try shuffled.choose("webhook_shuffled")
        _ = try shuffled.ask(.capture(.eur(18_37)))
        #expect(shuffled.webhooks.count == 2)
        #expect(shuffled.webhooks.map(\.dueAt) == shuffled.webhooks.map(\.dueAt).sorted(by: >))
    }

    @Test("an armed fault happens to the next call of its kind, and to no later one")
    func armed() throws {
        let shop = Shop()
        let fault = try #require(ArmedFault.named("F1"))
        try shop.sandbox.arm(fault, for: shop.account.text, books: shop.books)
        #expect(try shop.send(.authorize(.eur(40_00)), key: "k").isLost)
        #expect(try shop.outcome(.authorize(.eur(40_00)), key: "k") != .accepted)
        #expect(try shop.ask(.lookUp) == .action)
        try shop.sandbox.arm(try #require(ArmedFault.named("F11")), for: shop.account.text, books: shop.books)
        guard case .approved(let hold) = try shop.choose("ok").first else {
            Issue.record("not approved")
            return
        }
        #expect(hold.amount == .eur(15_00))
        #expect(ArmedFault.named("F33") == nil)
    }

    @Test("faults drawn from a seed are the same for the same seed, and every call comes through in the end")
    func seeded() throws {
        func story(_ seed: UInt64) throws -> [String] {
            let shop = Shop()
            try shop.sandbox.drawFaults(seed: seed, perMille: 600, for: shop.account.text, books: shop.books)
            var told: [String] = []
            for round in 0..<4 {
                told.append("\(try shop.outcome(.authorize(.eur(40_00)), key: "a\(round)"))")
            }
            _ = try shop.choose("ok")
            for round in 0..<4 {
                told.append("\(try shop.outcome(.capture(.eur(18_37)), key: "c\(round)"))")
            }
            #expect(shop.kept == 18_37)
            return told
        }
        let first = try story(1)
        #expect(try story(1) == first)
        let stories = try (1...20).map { try story(UInt64($0)).joined() }
        #expect(Set(stories).count > 1)
    }

    private func captured(_ instrument: String) throws -> Shop {
        let shop = Shop()
        _ = try shop.authorize(40_00)
        _ = try shop.choose(instrument)
        _ = try shop.ask(.capture(.eur(18_37)))
        #expect(shop.kept == 18_37)
        return shop
    }
}
