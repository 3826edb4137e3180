// SPDX-License-Identifier: Apache-2.0

import JSONText
import Payments
import Quantities
import Simulation
import Testing

/// The Sandbox through its own codec: what is asked in `Payments` and answered in `Simulation` must fit.
@Suite("Sandbox")
struct SandboxTests {
    @Test("hold, capture, and the same facts by answer, by look-up and by webhook")
    func captured() throws {
        let shop = Shop()
        let page = try shop.authorize(40_00)
        #expect(page == .action)
        let hold = try shop.choose("ok")
        #expect(hold.map(\.column) == [.approved])
        #expect(try shop.ask(.capture(.eur(18_37))) == .captured(.eur(18_37)))
        #expect(try shop.ask(.lookUp) == .captured(.eur(18_37)))
        #expect(shop.facts.last?.event == .captured(.eur(18_37)))
        #expect(shop.facts.map(\.order) == shop.facts.map(\.order).sorted(by: Self.isBefore))
    }

    @Test(
        "instruments that decline say what helps",
        arguments: [
            ("declined", Decline.Advice.retryLater), ("insufficient_funds", .needsNewMethod),
            ("stolen", .neverRetry), ("challenge_fail", .needsAuthentication), ("cancel", .needsNewMethod),
        ])
    func declined(instrument: String, advice: Decline.Advice) throws {
        let shop = Shop()
        _ = try shop.authorize(40_00)
        _ = try shop.choose(instrument)
        #expect(shop.facts.last?.decline?.advice == advice)
        #expect(try shop.outcome(.lookUp) == .declined(try #require(shop.facts.last?.decline)))
        #expect(try shop.outcome(.capture(.eur(1))) != .succeeded(try #require(shop.facts.last)))
    }

    @Test("partial, short-lived and wallet approvals are told as they are")
    func approvals() throws {
        for (instrument, cents, hours) in [
            ("ok", 40_00, 168), ("partial_15", 15_00, 168), ("expires_early", 40_00, 2),
        ] {
            let shop = Shop()
            _ = try shop.authorize(40_00)
            guard case .approved(let hold) = try shop.choose(instrument).first else {
                Issue.record("\(instrument) did not approve")
                continue
            }
            #expect(hold.amount == .eur(Int64(cents)), "\(instrument)")
            #expect(hold.captureBefore == shop.now + .hours(Int64(hours)), "\(instrument)")
            #expect(hold.capabilities?.canCaptureAgain == true)
        }
        let shop = Shop()
        _ = try shop.authorize(40_00)
        _ = try shop.choose("wallet_apple")
        #expect(shop.facts.last?.instrument?.wallet == "apple_pay")
    }

    @Test("a hold that ran out is expired and cannot be captured")
    func expired() throws {
        let shop = Shop()
        _ = try shop.authorize(40_00)
        _ = try shop.choose("expires_early")
        shop.now = shop.now + .hours(2)
        #expect(try shop.ask(.capture(.eur(1_00))) == .expired)
        #expect(shop.kept == 0)
    }

    @Test("no capture after a void, none above the hold, no second one")
    func refusals() throws {
        let shop = Shop()
        _ = try shop.authorize(40_00)
        _ = try shop.choose("ok")
        #expect(try shop.outcome(.capture(.eur(40_01))) == .rejected("amount_too_large"))
        #expect(try shop.ask(.void) == .voidOk)
        #expect(try shop.ask(.capture(.eur(18_37))) == .voidOk)

        let other = Shop()
        _ = try other.authorize(40_00)
        _ = try other.choose("ok")
        _ = try other.ask(.capture(.eur(18_37)))
        #expect(try other.ask(.capture(.eur(20_00))) == .captured(.eur(18_37)))
        #expect(try other.ask(.void) == .captured(.eur(18_37)))
        #expect(other.kept == 18_37)
    }

    @Test("the same key and body get the same answer; another body is refused")
    func idempotency() throws {
        let shop = Shop()
        _ = try shop.authorize(40_00)
        _ = try shop.choose("ok")
        let first = try shop.send(.capture(.eur(18_37)), key: "k1")
        shop.now = shop.now + .minutes(1)
        #expect(try shop.send(.capture(.eur(18_37)), key: "k1") == first)
        #expect(try shop.send(.capture(.eur(1_00)), key: "k1").status == 400)
        #expect(shop.kept == 18_37)
        #expect(shop.facts.count { $0.event == .captured(.eur(18_37)) } == 1)
    }

    @Test("F1, F2, F7: an answer that was lost is found again, a request that was lost was never there")
    func lost() throws {
        for (instrument, expected) in [("timeout_after", 18_37), ("timeout_before", 0)] {
            let shop = Shop()
            _ = try shop.authorize(40_00)
            _ = try shop.choose(instrument)
            let answer = try shop.send(.capture(.eur(18_37)), key: "k1")
            #expect(answer.isLost)
            #expect((answer.status != 0) == (expected != 0))
            #expect(shop.kept == expected, "\(instrument)")
            // The same key brings it to its end, once.
            #expect(try shop.ask(.capture(.eur(18_37)), key: "k1") == .captured(.eur(18_37)))
            #expect(shop.kept == 18_37)
        }
    }

    @Test("F3: the same 500 is replayed for the same key, and only a look-up tells")
    func savedError() throws {
        let shop = Shop()
        _ = try shop.authorize(40_00)
        _ = try shop.choose("error_500_saved")
        for _ in 0..<2 {
            #expect(try shop.outcome(.capture(.eur(18_37)), key: "k1") == .unknown("status 500"))
        }
        #expect(try shop.ask(.lookUp) == .captured(.eur(18_37)))
    }

    @Test("F4, F15: busy and key in use are not remembered, and succeed the second time")
    func later() throws {
        for (instrument, first) in [("capture_busy", Outcome.busy), ("key_in_use", .unknown("key_in_use"))] {
            let shop = Shop()
            _ = try shop.authorize(40_00)
            _ = try shop.choose(instrument)
            #expect(try shop.outcome(.capture(.eur(18_37)), key: "k1") == first)
            #expect(shop.kept == 0)
            #expect(try shop.ask(.capture(.eur(18_37)), key: "k1") == .captured(.eur(18_37)))
        }
    }

    @Test("F18: an unheard-of word is a doubt, and no crash")
    func wrongWord() throws {
        let shop = Shop()
        _ = try shop.authorize(40_00)
        _ = try shop.choose("wrong_enum")
        #expect(try shop.outcome(.capture(.eur(18_37))) == .unknown("an answer nobody understands"))
        #expect(try shop.ask(.lookUp) == .captured(.eur(18_37)))
    }

    @Test("webhooks come twice or not at all where the instrument says so")
    func webhooks() throws {
        for (instrument, count) in [("ok", 2), ("webhook_twice", 4), ("webhook_lost", 0)] {
            let shop = Shop()
            _ = try shop.authorize(40_00)
            _ = try shop.choose(instrument)
            _ = try shop.ask(.capture(.eur(18_37)))
            #expect(shop.webhooks.count == count, "\(instrument)")
        }
    }

    @Test("never more is given back than was captured, and each refund once")
    func refunds() throws {
        let shop = Shop()
        _ = try shop.authorize(40_00)
        _ = try shop.choose("ok")
        #expect(try shop.refund("ref_0", 1).status == 400)
        _ = try shop.ask(.capture(.eur(18_37)))
        #expect(try shop.refund("ref_1", 10_00).status == 200)
        #expect(try shop.refund("ref_1", 10_00, key: "again").status == 409)
        #expect(try shop.refund("ref_2", 8_38).status == 400)
        #expect(try shop.refund("ref_3", 8_37).status == 200)
        #expect(try shop.refund("ref_4", 1).status == 400)
    }

    @Test("without its secret nothing is told or done")
    func authentication() throws {
        let shop = Shop()
        _ = try shop.authorize(40_00)
        let request = Sandbox.Request(
            method: "GET", path: "/sandbox/v1/payments/\(shop.payment)",
            headers: ["Authorization": "Bearer no"],
            body: [])
        #expect(try shop.sandbox.respond(to: request, at: shop.now, books: shop.books).0.status == 401)
    }

    @Test("the page offers instruments by name and asks for no card number")
    func page() throws {
        let shop = Shop()
        _ = try shop.authorize(40_00)
        let page = try shop.get("/sandbox/checkout/\(shop.payment)")
        let text = String(decoding: page.body, as: UTF8.self)
        #expect(page.status == 200)
        #expect(text.contains("40.00 EUR"))
        #expect(text.contains("no real money"))
        #expect(text.contains("&lt;b&gt;Site&lt;/b&gt;"))
        #expect(!text.contains("<b>Site</b>"))
        #expect(!text.contains("<input"))
        for name in Sandbox.instruments.flatMap(\.names).map(\.name) {
            #expect(text.contains("value=\"\(name)\""), "\(name)")
        }
        #expect(try shop.get("/sandbox/checkout/pay_unknown").status == 404)
    }

    @Test("what makes no sense is refused and never ends the process")
    func nonsense() throws {
        let shop = Shop()
        _ = try shop.authorize(40_00)
        for path in [
            "", "?", "/", "/sandbox", "/sandbox/v1", "/sandbox/v1/x", "/sandbox/v1/payments/pay_x/y",
        ] {
            for method in ["GET", "POST", "PUT"] {
                #expect(try shop.call(method, path, body: "{").status >= 400, "\(method) \(path)")
            }
        }
        #expect(try shop.call("POST", "/sandbox/v1/payments", body: #"{"amount":-1}"#).status == 400)
        let script =
            #"{"reference":"pay_9","amount":1,"currency":"EUR","return_url":"javascript:alert(1)"}"#
        #expect(try shop.call("POST", "/sandbox/v1/payments", body: script).status == 400)
    }

    @Test("whatever is asked in whatever order, its own books stay whole")
    func anyOrder() throws {
        for seed: UInt64 in 1...150 {
            var random = SandboxRandom(seed: seed)
            let shop = Shop()
            _ = try shop.authorize(40_00)
            let names = Sandbox.instruments.flatMap(\.names).map(\.name)
            for step in 0..<12 {
                let amount = Money.eur(Int64.random(in: 1...50_00, using: &random))
                let key = "k\(Int.random(in: 0...step, using: &random))"
                switch Int.random(in: 0..<5, using: &random) {
                case 0: _ = try shop.choose(names[Int.random(in: 0..<names.count, using: &random)])
                case 1: _ = try shop.send(.void, key: key)
                case 2: _ = try shop.refund("ref_\(step)", amount.minorUnits, key: key)
                default: _ = try shop.send(.capture(amount), key: key)
                }
            }
            let shown = try JSON.parse(shop.send(.lookUp, key: "").body)
            let captured = try #require(shown["captured"]?.int64)
            #expect(captured <= (shown["authorized"]?.int64 ?? 0), "seed \(seed)")
            let refunded = shown["refunded"]?.int64 ?? 0
            #expect(refunded <= captured, "seed \(seed)")
            #expect(shop.kept == captured - refunded, "seed \(seed)")
        }
    }

    private static func isBefore(_ left: FactOrder?, _ right: FactOrder?) -> Bool {
        guard let left, let right else { return left == nil && right != nil }
        return left < right
    }
}
