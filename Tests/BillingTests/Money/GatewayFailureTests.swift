// SPDX-License-Identifier: Apache-2.0

import Billing
import Charging
import Foundation
import JSONText
import Payments
import Quantities
import Simulation
import Storage
import Testing

/// The failure cases of payments.md §10 that happen on the wire, to keys and accounts, and in webhooks.
@Suite("Failure cases of wires, keys and webhooks")
struct GatewayFailureTests {
    @Test("F17: what never left is sent again as it is; what was lost is a doubt, and is looked up first")
    func notSentOrLost() async throws {
        let wire = Wire()
        let shop = try await Shop.open(through: wire)
        let payment = try await shop.pay(try await shop.scan(), with: "ok")
        let token = try #require(try await shop.startToken())
        wire.expect(.notSent, for: "/capture")
        try await shop.charge(20_000, token: token)
        #expect(try await shop.row(payment).status == "capturing", "no doubt: nothing left")
        func captures() async throws -> [String] {
            try await shop.attempts(of: payment).filter { $0.operation == "capture" }.map(\.status)
        }
        #expect(try await captures() == ["planned"])
        #expect(wire.sent("/capture").isEmpty)
        wire.expect(.answerLost, for: "/capture")
        let before = wire.sent.count
        try await shop.pass(.seconds(6))
        #expect(try await captures() == ["unknown"])
        try await shop.pass(.seconds(11))
        #expect(try await captures() == ["succeeded"])
        #expect(try await shop.row(payment).captured == .eur(9_80))
        #expect(wire.sent("/capture").count == 1)
        #expect(
            wire.sent.dropFirst(before).contains { $0.method == "GET" && $0.url.hasSuffix(payment.id.text) })
        try await shop.isSound()
    }

    @Test("F19: a revoked key: left alone after five refusals, one question, and on with the new key")
    func revokedKey() async throws {
        let wire = Wire()
        let shop = try await Shop.open(through: wire)
        let payment = try await shop.pay(try await shop.scan(), with: "ok")
        let token = try #require(try await shop.startToken())
        wire.accept(only: "rotated")
        try await shop.charge(20_000, token: token)
        for _ in 0..<12 { try await shop.pass(.seconds(6)) }
        #expect(try await shop.row(payment).status == "capturing", "a refused key refuses no payment")
        #expect(wire.sent("/capture").count < 10, "it is left alone")
        #expect(try await shop.questions() == ["gateway_silent"])
        await #expect(throws: CheckoutRefusal.noGateway) {
            let next = try await shop.scan(1)
            _ = try await RequestHold(desk: shop.desk)(next.0.id, accepting: next.1.hash, clientKey: "new")
        }
        let id = try #require(payment.gatewayAccount)
        let account = try #require(
            try await shop.desk.store.read { tx in try tx.find(GatewayAccountRecord.self, id) })
        var plan = GatewayAccounts.Plan()
        plan.secret = "rotated"
        _ = try await GatewayAccounts(desk: shop.desk).change(
            id, plan, version: account.version, by: shop.author)
        try await shop.settleEverything()
        #expect(try await shop.row(payment).captured == .eur(9_80))
        #expect(try await shop.attempts(of: payment).count { $0.operation == "capture" } == 1)
        try await shop.isSound()
    }

    @Test("F20: a void goes to the account that holds the money, whatever account new payments are made at")
    func wrongAccount() async throws {
        let wire = Wire()
        let shop = try await Shop.open(through: wire)
        let visit = try await shop.scan()
        let payment = try await shop.pay(visit, with: "ok")
        let first = try #require(payment.gatewayAccount)
        let accounts = GatewayAccounts(desk: shop.desk)
        var plan = GatewayAccounts.Plan()
        (plan.kind, plan.name, plan.secret, plan.webhookSecret) = ("sandbox", "Other", "other", "other-hook")
        plan.isPreferred = true
        let other = try await accounts.create(plan, by: shop.author)
        #expect(
            try await shop.desk.store.read { tx in try tx.gatewayAccount(of: shop.organisation) } == other)
        try await ReleaseHold(desk: shop.desk).cancel(visit.0.id)
        try await shop.work()
        let row = try #require(
            try await shop.desk.store.read { tx in try tx.find(GatewayAccountRecord.self, first) })
        let voids = wire.sent("/void")
        #expect(voids.map { $0.headers["Authorization"] } == ["Bearer \(row.secret)"])
        #expect(try await shop.row(payment).status == "voided")
        // Nor can the account be turned into another one behind what was paid there.
        var turned = GatewayAccounts.Plan()
        turned.connectedAccount = "acct_2"
        await #expect(throws: AdministrationRefusal.self) {
            _ = try await accounts.change(first, turned, version: row.version, by: shop.author)
        }
        _ = try await accounts.change(other.id, turned, version: other.version, by: shop.author)
        try await shop.isSound()
    }

    @Test("F24: two events tell one fact: one transition, one posting")
    func twoEvents() async throws {
        let shop = try await Shop.open()
        let payment = try await shop.visit(20_000, with: "ok")
        let before = try await shop.row(payment)
        #expect(before.captured == .eur(9_80))
        for name in ["payment.captured", "charge.captured"] {
            _ = try await shop.tell(payment.told("captured", as: "evt-\(name)", type: name))
        }
        try await shop.settleEverything()
        #expect(try await shop.row(payment).captured == .eur(9_80))
        #expect(try await shop.inbox("evt-").map(\.state) == ["applied", "applied"])
        #expect(try await shop.balance("Assets:Clearing:Sandbox") > 0)
        let posted = try await shop.desk.store.read { tx in
            try tx.transactions(of: shop.organisation, limit: 100).count { $0.template == "CaptureReceived" }
        }
        #expect(posted == 1)
        try await shop.isSound()
    }

    @Test(
        "F25: a webhook about somebody else's payment changes nothing here, is asked about and then ignored")
    func notOurs() async throws {
        let shop = try await Shop.open()
        let payment = try await shop.pay(try await shop.scan(), with: "ok")
        var plan = GatewayAccounts.Plan()
        (plan.kind, plan.name, plan.secret, plan.webhookSecret) = ("sandbox", "Other", "other", "other-hook")
        let other = try await GatewayAccounts(desk: shop.desk).create(plan, by: shop.author)
        // Our own payment, told through another account's door; and one that nobody here ever made.
        let stranger = PaymentID(at: shop.desk.clock.now, random: 7)
        _ = try await shop.tell(payment.told("captured", as: "evt-other"), through: other)
        _ = try await shop.tell(payment.told("captured", as: "evt-stranger", about: stranger))
        try await shop.work()
        #expect(try await shop.inbox("evt-").map(\.state) == ["deferred", "deferred"])
        for _ in 0..<5 { try await shop.pass(.minutes(11)) }
        #expect(try await shop.inbox("evt-").map(\.state) == ["ignored", "ignored"])
        #expect(try await shop.questions().filter { $0 == "webhook_unclear" }.count == 2)
        #expect(try await shop.row(payment).capturedMinor == 0)
        #expect(try await shop.desk.store.read { tx in try tx.find(PaymentRecord.self, stranger) } == nil)
    }

    @Test("F29: a webhook that is faster than our own commit waits, and is applied when the row is there")
    func beforeOurRow() async throws {
        let shop = try await Shop.open()
        let model = try await shop.pay(try await shop.scan(), with: "ok")
        let account = try #require(model.gatewayAccount)
        let visit = try await shop.scan(1)
        // The gateway has it already; our transaction is still on its way.
        let id: PaymentID = shop.desk.ids.new(at: shop.desk.clock.now)
        _ = try await shop.tell(model.told("authorized", as: "evt-early", about: id, amount: 25_00))
        try await shop.work()
        #expect(try await shop.inbox("evt-").map(\.state) == ["deferred"])
        try await shop.desk.store.transaction { tx in
            var bill = try #require(try tx.lock(BillRecord.self, id: visit.0.bill))
            _ = try bill.machine.apply(.fund)
            bill.status = bill.machine.state.rawValue
            try tx.update(&bill)
            var machine = Payment()
            _ = try machine.apply(.authorize)
            let row = PaymentRecord(
                id: id, organisation: shop.organisation, bill: bill.id, gatewayAccount: account,
                purpose: .session, source: .card, status: machine.state.rawValue, machine: machine,
                currency: .eur,
                amountMinor: 25_00, capturedMinor: 0, clientKey: "slow", createdAt: shop.desk.clock.now)
            try tx.insert(row)
        }
        try await shop.pass(.seconds(3))
        #expect(try await shop.inbox("evt-").map(\.state) == ["applied"])
        let row = try #require(try await shop.desk.store.read { tx in try tx.find(PaymentRecord.self, id) })
        #expect(row.status == "authorized")
        #expect(row.hold == .eur(25_00))
    }

    @Test(
        "F31: a webhook after the person was erased: the payment follows, and nothing about them comes back")
    func afterErasure() async throws {
        let shop = try await Shop.open()
        let card = PresentedToken.folded(shop.seeded.card)
        let (account, wallet) = try await shop.desk.store.read { tx in
            let token = try #require(try tx.token(folded: card, of: shop.organisation))
            let account = try #require(try token.account.flatMap { try tx.find(AccountRecord.self, $0) })
            return (account, try #require(try tx.wallets(of: account.id).first))
        }
        var kim = Drivers.Wish()
        (kim.name, kim.email) = ("Kim Doe", "kim@example.org")
        let driver = try await Drivers(desk: shop.desk).create(kim, of: account.id, by: shop.author)
        let payment = try await TopUpWallet(desk: shop.desk)(.eur(20_00), to: wallet.id, clientKey: "top-up")
        try await shop.work()
        try await shop.office.choose("capture_fails_later", for: payment.id.text)
        try await shop.work()
        #expect(try await shop.row(payment).captured == .eur(20_00))

        _ = try await Drivers(desk: shop.desk).erase(driver.id, by: shop.author)
        try await shop.pass(.hours(60))
        try await shop.work()

        #expect(try await shop.row(payment).status == "capture_failed", "the gateway's news two days later")
        let left = try await shop.desk.store.read { tx in
            var places: [String] = []
            try tx.forEachText { table, column, bytes in
                let text = String(decoding: bytes, as: UTF8.self)
                let known = ["Kim Doe", "kim@example.org", card, account.name]
                if known.contains(where: text.contains) { places.append("\(table).\(column)") }
            }
            return places
        }
        #expect(left.isEmpty, "\(left)")
        try await shop.isSound()
    }
}

extension PaymentRecord {
    /// The Sandbox's news of a payment, as it writes them.
    func told(
        _ status: String, as event: String, type: String = "payment.changed", about other: PaymentID? = nil,
        amount: Int64 = 9_80
    ) -> JSON {
        [
            "id": .string(event), "type": .string(type),
            "object": [
                "id": .string(gatewayReference ?? "sbx_1"), "reference": .string((other ?? id).text),
                "currency": "EUR", "status": .string(status), "authorized": JSON(amount),
                "captured": JSON(amount), "updated_at": "2027-01-15T12:00:00Z",
            ],
        ]
    }
}

extension Shop {
    /// A webhook at our door, signed as the gateway account's are.
    func tell(_ event: JSON, through account: GatewayAccountRecord? = nil) async throws
        -> ReceiveWebhook.Outcome
    {
        let own = try await desk.store.read { tx in try tx.gatewayAccounts(of: organisation).first }
        let account = try #require(account ?? own)
        let body = event.serialized()
        let signature = SandboxGateway.signature(
            of: body, secret: WebhookSecret(account.webhookSecret), at: desk.clock.now)
        return try await ReceiveWebhook(desk: desk)(
            account: account.id.text, headers: [SandboxGateway.signatureHeader: signature], body: body)
    }

    /// What was received under names that begin so, in their order.
    func inbox(_ prefix: String) async throws -> [DeliveryRecord] {
        try await desk.store.read { tx in try tx.all(DeliveryRecord.self) }
            .filter { $0.externalId.hasPrefix(prefix) }.sorted { $0.externalId < $1.externalId }
    }
}
