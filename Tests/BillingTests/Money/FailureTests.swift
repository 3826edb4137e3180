// SPDX-License-Identifier: Apache-2.0

import Billing
import Payments
import Quantities
import Simulation
import Storage
import Testing

/// The failure cases of payments.md §10 that gateways, webhooks and our own workers can cause, each played against the
/// real Sandbox. Afterwards every promise holds and its books agree with ours.
@Suite("Failure cases of the money path")
struct FailureTests {
    @Test("F1: the answer to the hold's request is lost, and found by a look-up; there is one hold")
    func lostAuthorizeAnswer() async throws {
        let shop = try await Shop.open()
        // what the gateway lists is read hourly, and would find it as well
        try await shop.work()
        try await shop.arm("F1")
        let visit = try await shop.scan()
        let payment = try await RequestHold(desk: shop.desk)(
            visit.0.id, accepting: visit.1.hash, clientKey: "form")
        try await shop.work()
        #expect(try await shop.row(payment).status == "auth_unknown")
        try await shop.pass(.seconds(11))
        #expect(try await shop.row(payment).status == "action_required")
        try await shop.office.choose("ok", for: payment.id.text)
        let token = try #require(try await shop.startToken())
        try await shop.charge(20_000, token: token)
        #expect(try await shop.row(payment).captured == .eur(9_80))
        #expect(try await shop.attempts(of: payment).count { $0.operation == "authorize" } == 1)
        try await shop.isSound()
    }

    @Test(
        "F2: the request never arrived and nobody wants it any more: definitely nothing, and a new one is allowed"
    )
    func lostAuthorizeRequest() async throws {
        let shop = try await Shop.open()
        try await shop.arm("F2")
        let visit = try await shop.scan()
        let payment = try await RequestHold(desk: shop.desk)(
            visit.0.id, accepting: visit.1.hash, clientKey: "form")
        try await shop.work()
        #expect(try await shop.row(payment).status == "auth_unknown")
        try await ReleaseHold(desk: shop.desk).cancel(visit.0.id)
        try await shop.settleEverything()
        #expect(try await shop.row(payment).status == "voided")
        let next = try await shop.visit(20_000, with: "ok")
        #expect(try await shop.bill(of: next).status == "settled")
        try await shop.isSound()
    }

    @Test(
        "F3, F4, F6, F7, F15, F18: whatever the capture is answered with, it is taken once",
        arguments: ["F3", "F4", "F6", "F7", "F15", "F18"])
    func oddCaptures(fault: String) async throws {
        let shop = try await Shop.open()
        let visit = try await shop.scan()
        let payment = try await shop.pay(visit, with: "ok")
        let token = try #require(try await shop.startToken())
        try await shop.arm(fault)
        try await shop.charge(20_000, token: token)
        try await shop.settleEverything()
        #expect(try await shop.row(payment).captured == .eur(9_80))
        #expect(try await shop.bill(of: payment).status == "settled")
        #expect(try await shop.attempts(of: payment).count { $0.operation == "capture" } == 1)
        try await shop.isSound()
    }

    @Test("F5: after a day the key is gone: the look-up decides, and what is sent has a new key")
    func prunedKey() async throws {
        let shop = try await Shop.open()
        let payment = try await shop.pay(try await shop.scan(), with: "ok")
        let token = try #require(try await shop.startToken())
        try await shop.arm("lost_request", on: "capture")
        try await shop.charge(20_000, token: token)
        #expect(try await shop.row(payment).status == "capture_unknown")
        shop.desk.clock.advance(by: .hours(24))
        try await shop.settleEverything()
        let captures = try await shop.attempts(of: payment).filter { $0.operation == "capture" }
        #expect(captures.map(\.status) == ["declined", "succeeded"])
        #expect(Set(captures.map(\.idempotencyKey)).count == 2)
        #expect(try await shop.row(payment).captured == .eur(9_80))
        try await shop.isSound()
    }

    @Test("F8: a capture fails two days later: booked back, a debt, paid on the page, unblocked once")
    func captureFailsLater() async throws {
        let shop = try await Shop.open()
        let payment = try await shop.visit(20_000, with: "capture_fails_later")
        #expect(try await shop.bill(of: payment).status == "settled")
        for _ in 0..<13 { try await shop.pass(.hours(4)) }
        #expect(try await shop.row(payment).status == "capture_failed")
        let bill = try await shop.bill(of: payment)
        #expect(bill.status == "in_debt")
        #expect(try await shop.balance("Assets:Receivable:Debt") == 9_80)
        let paying = try await PayDebt(desk: shop.desk)(bill.id, clientKey: "pay")
        try await shop.work()
        try await shop.office.choose("ok", for: paying.id.text)
        try await shop.work()
        #expect(try await shop.bill(of: payment).status == "settled")
        #expect(try await shop.balance("Assets:Receivable:Debt") == 0)
        await #expect(throws: PayDebt.Refusal.nothingIsOwed("settled")) {
            try await PayDebt(desk: shop.desk)(bill.id, clientKey: "again")
        }
        try await shop.isSound()
    }

    @Test("a hold is raised in time, and captured once for what the session cost")
    func raised() async throws {
        let shop = try await Shop.open()
        let payment = try await shop.pay(try await shop.scan(), with: "ok")
        let number = try await shop.started()
        shop.desk.clock.advance(by: .minutes(30))
        try await shop.meter(70_000, of: number)
        try await shop.work()
        #expect(try await shop.row(payment).hold == .eur(60_00))
        #expect(try await shop.takeStop() == false)
        shop.desk.clock.advance(by: .minutes(15))
        try await shop.end(100_000, of: number)
        try await shop.pass(.seconds(10))
        #expect(try await shop.row(payment).captured == .eur(49_00))
        try await shop.isSound()
    }

    @Test(
        "F9, F10: raising is declined or in doubt: the old amount is captured, and it is not asked for twice",
        arguments: ["F9", "F10"])
    func notRaised(fault: String) async throws {
        let shop = try await Shop.open()
        if fault == "F9" { try await shop.arm(fault) }
        let payment = try await shop.pay(
            try await shop.scan(), with: fault == "F9" ? "increment_declined" : "ok")
        let number = try await shop.started()
        if fault == "F10" { try await shop.arm(fault) }
        for energy: Int64 in [70_000, 72_000] {
            shop.desk.clock.advance(by: .minutes(30))
            try await shop.meter(energy, of: number)
            try await shop.work()
        }
        #expect(try await shop.attempts(of: payment).count { $0.operation == "adjust" } == 1)
        shop.desk.clock.advance(by: .minutes(5))
        try await shop.end(75_000, of: number)
        try await shop.settleEverything()
        #expect(try await shop.row(payment).captured == .eur(36_75))
        #expect(try await shop.bill(of: payment).status == "settled")
        try await shop.isSound()
    }

    @Test("F11: a partial approval is the new limit, and the session stops before it")
    func partial() async throws {
        let shop = try await Shop.open()
        let payment = try await shop.pay(try await shop.scan(), with: "partial_15")
        #expect(payment.hold == .eur(15_00))
        let number = try await shop.started()
        shop.desk.clock.advance(by: .minutes(15))
        try await shop.meter(30_000, of: number)
        #expect(try await shop.takeStop())
    }

    @Test("F12: the hold has expired when the stop comes after nine days: a debt, and nothing captured")
    func expired() async throws {
        let shop = try await Shop.open()
        let payment = try await shop.pay(try await shop.scan(1), with: "short_window")
        let number = try await shop.started(1)
        shop.desk.clock.advance(by: .minutes(30))
        try await shop.meter(5_000, of: number, 1)
        // it goes on although it was asked to stop, falls silent on the fifth day, and tells its stop on the ninth
        for _ in 0..<30 {
            try await shop.pass(.hours(4))
            try await shop.meter(5_000, of: number, 1)
        }
        #expect(try await shop.row(payment).status == "expired")
        for _ in 0..<4 { try await shop.pass(.hours(24)) }
        try await shop.end(5_000, of: number, 1)
        try await shop.settleEverything()
        #expect(try await shop.row(payment).capturedMinor == 0)
        #expect(try await shop.bill(of: payment).status == "in_debt")
        try await shop.isSound()
    }

    @Test("F13: timers follow the window of this hold, not a week")
    func shortWindow() async throws {
        let shop = try await Shop.open()
        let began = shop.desk.clock.now
        let payment = try await shop.pay(try await shop.scan(), with: "short_window")
        #expect(payment.captureBefore.map { $0 - began < .hours(4 * 24 + 19) } == true)
        let number = try await shop.started()
        for _ in 0..<28 {
            try await shop.pass(.hours(4))
            try await shop.meter(10_000, of: number)
        }
        #expect(try await shop.takeStop(), "asked to stop two hours before the hold runs out")
    }

    @Test("F14: the void is refused because the money was taken: it is booked and given back whole")
    func racingCapture() async throws {
        let shop = try await Shop.open()
        let visit = try await shop.scan()
        let payment = try await shop.pay(visit, with: "ok")
        try await ReleaseHold(desk: shop.desk).cancel(visit.0.id)
        try await shop.captureBehindOurBack(payment, .eur(12_00))
        try await shop.settleEverything()
        #expect(try await shop.row(payment).captured == .eur(12_00))
        let refunds = try await shop.desk.store.read { tx in try tx.refunds(of: payment.id) }
        #expect(refunds.map(\.status) == ["succeeded"])
        #expect(refunds.map(\.amountMinor) == [12_00])
        #expect(try await shop.balance("Liabilities:Refunds") == 0)
        try await shop.isSound()
    }

    @Test("F16: a gateway that is gone for a while loses nothing: the capture waits")
    func gatewayDown() async throws {
        let shop = try await Shop.open()
        let payment = try await shop.pay(try await shop.scan(), with: "ok")
        let token = try #require(try await shop.startToken())
        try await shop.arm("F16")
        try await shop.charge(20_000, token: token)
        try await shop.settleEverything()
        #expect(try await shop.row(payment).captured == .eur(9_80))
        try await shop.isSound()
    }

    @Test(
        "F21, F22, F23: webhooks twice, first or in the wrong order lead to the same state",
        arguments: ["webhook_twice", "webhook_first", "webhook_shuffled"])
    func webhooks(instrument: String) async throws {
        let shop = try await Shop.open()
        let visit = try await shop.scan()
        let payment = try await shop.pay(visit, with: instrument)
        // whenever the approval is told: a start that nobody fetches within 15 s is taken back
        var started: String?
        for _ in 0..<24 where started == nil {
            started = try await shop.startToken()
            if started == nil { try await shop.pass(.seconds(5)) }
        }
        let token = try #require(started)
        try await shop.charge(20_000, token: token)
        try await shop.settleEverything()
        #expect(try await shop.row(payment).captured == .eur(9_80))
        #expect(try await shop.bill(of: payment).status == "settled")
        try await shop.isSound()
    }

    @Test("F28: no webhook arrives: the hourly list tells what became of the payment")
    func lostWebhooks() async throws {
        let shop = try await Shop.open()
        try await shop.work()
        shop.desk.clock.advance(by: .minutes(59))
        let payment = try await shop.pay(try await shop.scan(), with: "webhook_lost")
        #expect(payment.status == "action_required")
        try await shop.pass(.minutes(2))
        let token = try #require(try await shop.startToken())
        try await shop.charge(20_000, token: token)
        #expect(try await shop.bill(of: payment).status == "settled")
        try await shop.isSound()
    }

    @Test("a start that its station never fetched is withdrawn, and nothing stale waits for it")
    func neverFetched() async throws {
        let shop = try await Shop.open()
        _ = try await shop.pay(try await shop.scan(), with: "ok")
        func parcels() async throws -> [String] {
            try await shop.desk.store.read { tx in
                try tx.all(ParcelRecord.self).filter { $0.stream.hasPrefix("station:") }.map(\.state)
            }
        }
        #expect(try await parcels() == ["queued"])
        for _ in 0..<12 { try await shop.pass(.seconds(10)) }
        #expect(try await parcels().allSatisfy { $0 == "withdrawn" })
        try await shop.isSound()
    }

    @Test("F33: accepted and never plugged in: the hold is on its way back within 60 s of the failure")
    func neverPluggedIn() async throws {
        let shop = try await Shop.open()
        let visit = try await shop.scan()
        let payment = try await shop.pay(visit, with: "ok")
        _ = try await shop.startToken()
        var failedAt: Instant?
        for _ in 0..<60 {
            try await shop.pass(.seconds(5))
            let checkout = try await shop.desk.store.read { tx in try tx.find(CheckoutRecord.self, visit.0.id)
            }
            failedAt = failedAt ?? checkout?.startFailedAt
            if try await shop.row(payment).releasedAt != nil { break }
        }
        let failed = try #require(failedAt)
        let released = try #require(try await shop.row(payment).releasedAt)
        #expect(released - failed <= .seconds(60))
        #expect(released - failed >= .seconds(45), "the driver has 45 s to try again with the same hold")
        #expect(try await shop.row(payment).status == "voided")
        try await shop.isSound()
    }

    @Test("F43: a double tap is one payment; a second tab replaces the first, and one hold stands")
    func doubleTap() async throws {
        let shop = try await Shop.open()
        let visit = try await shop.scan()
        let request = RequestHold(desk: shop.desk)
        async let first = request(visit.0.id, accepting: visit.1.hash, clientKey: "tap")
        async let second = request(visit.0.id, accepting: visit.1.hash, clientKey: "tap")
        let (one, two) = try await (first, second)
        #expect(one.id == two.id)
        let other = try await request(visit.0.id, accepting: visit.1.hash, clientKey: "other tab")
        try await shop.work()
        try await shop.office.choose("ok", for: other.id.text)
        try await shop.office.choose("ok", for: one.id.text)
        let token = try #require(try await shop.startToken())
        try await shop.charge(20_000, token: token)
        try await shop.settleEverything()
        #expect(try await shop.payments(of: other).map(\.capturedMinor).sorted() == [0, 9_80])
        try await shop.isSound()
    }

    @Test("F44, F45: cost that passes the hold between two readings: to nobody beyond the published bound")
    func overshoot() async throws {
        let shop = try await Shop.open()
        let payment = try await shop.pay(try await shop.scan(), with: "no_increment")
        let number = try await shop.started()
        shop.desk.clock.advance(by: .minutes(40))
        try await shop.meter(90_000, of: number)
        #expect(try await shop.takeStop())
        try await shop.end(90_000, of: number)
        try await shop.settleEverything()
        let bill = try await shop.bill(of: payment)
        let quote = try #require(
            try await shop.desk.store.read { tx in try tx.find(QuoteRecord.self, bill.quote) })
        #expect(try await shop.row(payment).captured == .eur(40_00))
        let debt = try await shop.balance("Assets:Receivable:Debt")
        #expect(debt <= quote.marginMinor)
        #expect(40_00 + debt + bill.waivedMinor == bill.totalMinor)
        #expect(try await shop.questions().contains("hold_exceeded"))
        try await shop.isSound()
    }

    @Test("F54: two workers on the same rows have one effect")
    func twoWorkers() async throws {
        let shop = try await Shop.open()
        let payment = try await shop.pay(try await shop.scan(), with: "ok")
        let number = try await shop.started()
        shop.desk.clock.advance(by: .minutes(30))
        try await shop.end(20_000, of: number)
        shop.desk.clock.advance(by: .seconds(10))
        for _ in 0..<10 {
            async let one = shop.workers.round()
            async let two = shop.workers.round()
            _ = try await (one, two)
        }
        try await shop.settleEverything()
        #expect(try await shop.row(payment).captured == .eur(9_80))
        try await shop.isSound()
    }

    @Test("F59: two refunds at once never give back more than was taken")
    func twoRefunds() async throws {
        let shop = try await Shop.open()
        let payment = try await shop.visit(20_000, with: "ok")
        let refund = RefundPayment(desk: shop.desk)
        let author = shop.author
        let results = await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<4 {
                group.addTask {
                    do {
                        _ = try await refund(.eur(6_00), of: payment.id, because: "test", by: author)
                        return true
                    } catch {
                        return false
                    }
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(results.count { $0 } == 1)
        try await shop.settleEverything()
        try await shop.isSound()
    }

    @Test("F60: lines twice, restated and of money nobody knows: each posts once, and a person is asked")
    func settlement() async throws {
        let shop = try await Shop.open()
        let payment = try await shop.visit(20_000, with: "ok")
        try await shop.settleEverything()
        let account = try #require(payment.gatewayAccount)
        let suspense = try await shop.balance("Liabilities:Suspense")
        #expect(suspense == 0, "the Sandbox's own report fits")
        var line = SettlementLine(
            line: "foreign-1", kind: .capture, gross: .eur(7_00), fee: .eur(0), net: .eur(7_00),
            occurredAt: shop.desk.clock.now)
        let importer = ImportSettlement(desk: shop.desk)
        for _ in 0..<2 { _ = try await importer([line], reported: nil, of: account) }
        #expect(try await shop.balance("Liabilities:Suspense") == -7_00)
        line.gross = .eur(7_50)
        line.net = .eur(7_50)
        _ = try await importer([line], reported: nil, of: account)
        #expect(try await shop.balance("Liabilities:Suspense") == -7_50)
        let questions = try await shop.questions()
        #expect(questions.contains("settlement_unmatched"))
        #expect(questions.contains("settlement_restated"))
    }

    @Test("F62: two pay links at once: one collects")
    func twoPayLinks() async throws {
        let shop = try await Shop.open()
        let payment = try await shop.visit(20_000, with: "capture_fails_later")
        for _ in 0..<13 { try await shop.pass(.hours(4)) }
        let bill = try await shop.bill(of: payment)
        let first = try await PayDebt(desk: shop.desk)(bill.id, clientKey: "one")
        try await shop.work()
        let second = try await PayDebt(desk: shop.desk)(bill.id, clientKey: "two")
        try await shop.work()
        try await shop.office.choose("ok", for: first.id.text)
        try await shop.office.choose("ok", for: second.id.text)
        try await shop.settleEverything()
        #expect(try await shop.bill(of: payment).status == "settled")
        let paid = try await shop.payments(of: payment).filter { $0.purpose == .debt && $0.capturedMinor > 0 }
        #expect(paid.count == 1)
        try await shop.isSound()
    }

    @Test("F64: a dispute withdraws the money, blocks refunds, is answered, and is decided once")
    func disputed() async throws {
        let shop = try await Shop.open()
        let payment = try await shop.visit(20_000, with: "disputed")
        for _ in 0..<7 { try await shop.pass(.hours(4)) }
        let dispute = try #require(
            try await shop.desk.store.read { tx in try tx.disputes(of: payment.id).first })
        #expect(dispute.status == "needs_response")
        #expect(dispute.assembledAt != nil && dispute.missing.isEmpty)
        #expect(try await shop.balance("Assets:Disputed") == 9_80)
        await #expect(throws: RefundPayment.Refusal.disputeOpen) {
            try await RefundPayment(desk: shop.desk)(nil, of: payment.id, because: "test", by: shop.author)
        }
        _ = try await AnswerDispute(desk: shop.desk).submit(dispute.id, by: shop.author)
        for _ in 0..<30 { try await shop.pass(.hours(24)) }
        let decided = try #require(
            try await shop.desk.store.read { tx in try tx.disputes(of: payment.id).first })
        #expect(["won", "lost"].contains(decided.status))
        #expect(try await shop.balance("Assets:Disputed") == 0)
        try await shop.isSound()
    }
}

extension FailureTests {
    @Test("a dispute that was conceded is never answered by the clock, and lost when the gateway says so")
    func conceded() async throws {
        let shop = try await Shop.open()
        let payment = try await shop.visit(20_000, with: "disputed")
        for _ in 0..<7 { try await shop.pass(.hours(4)) }
        func dispute() async throws -> DisputeRecord {
            try #require(try await shop.desk.store.read { tx in try tx.disputes(of: payment.id).first })
        }
        let open = try await dispute()
        let conceded = try await AnswerDispute(desk: shop.desk).accept(open.id, by: shop.author)
        #expect(conceded.status == "conceded" && conceded.missing.isEmpty)
        await #expect(throws: AnswerDispute.Refusal.invalidState("conceded")) {
            _ = try await AnswerDispute(desk: shop.desk).submit(open.id, by: shop.author)
        }
        await #expect(throws: RefundPayment.Refusal.disputeOpen) {
            try await RefundPayment(desk: shop.desk)(nil, of: payment.id, because: "test", by: shop.author)
        }
        #expect(try await shop.balance("Assets:Disputed") == 9_80)
        for _ in 0..<30 { try await shop.pass(.hours(24)) }
        let over = try await dispute()
        #expect(over.submittedAt == nil)
        #expect(over.status == "lost", "nobody answered the bank")
        #expect(try await shop.balance("Assets:Disputed") == 0)
        try await shop.isSound()
    }
}

extension Shop {
    /// Lets everything due happen, then takes the start command.
    func startToken(_ station: Int = 0) async throws -> String? {
        try await work()
        return try await takeStart(station)
    }

    /// The station takes the start command, and the car begins to charge.
    func started(_ station: Int = 0) async throws -> Int64 {
        let token = try #require(try await startToken(station))
        return try #require(try await begin(station, token: token))
    }

    /// Somebody else with our credentials takes the money.
    func captureBehindOurBack(_ payment: PaymentRecord, _ amount: Money) async throws {
        let account = try #require(
            try await desk.store.read { tx in
                try payment.gatewayAccount.flatMap { try tx.find(GatewayAccountRecord.self, $0) }
            })
        let gateway = SandboxGateway()
        let order = PaymentOrder(
            payment: payment.id, idempotencyKey: "somebody-else", reference: payment.gatewayReference,
            returnURL: "/", description: "test")
        _ = await office.send(
            try gateway.request(
                for: .capture(amount), of: order, in: account.context(for: gateway, ourselves: "")))
    }
}
