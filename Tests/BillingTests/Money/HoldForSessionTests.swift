// SPDX-License-Identifier: Apache-2.0

import Billing
import Charging
import Payments
import Quantities
import Simulation
import Storage
import Testing

/// A session whose hold was refused gets another one, once, and is paid from it.
@Suite("Holds for sessions that lost theirs", .serialized)
struct HoldForSessionTests {
    @Test(
        "of many that ask at once one holds, the same key is the same payment, and it pays the session",
        .timeLimit(.minutes(2)), arguments: ConcurrencyTests.places)
    func race(place: String) async throws {
        let scene = try await Scene(try ConcurrencyTests.place(place))
        let verb = HoldForSession(desk: scene.shop.desk)
        let wish = scene.wish(on: scene.good)

        let held = await withTaskGroup(of: PaymentID?.self) { group in
            for client in 0..<24 {
                group.addTask {
                    // who comes second is refused: that is an answer as well
                    try? await verb(wish, clientKey: "key-\(client % 6)", by: scene.shop.author).id
                }
            }
            return await group.reduce(into: Set<PaymentID>()) { if let id = $1 { $0.insert(id) } }
        }
        #expect(held.count == 1)
        let id = try #require(held.first)
        try await scene.shop.work()
        let row = try #require(try await scene.find(id))
        #expect(row.status == "authorized" && row.hold == .eur(30_00))
        let again = try await verb(wish, clientKey: try #require(row.clientKey), by: scene.shop.author)
        #expect(again.id == id)
        await #expect(throws: HoldForSession.Refusal.isFunded(id)) {
            try await verb(wish, clientKey: "late", by: scene.shop.author)
        }

        try await scene.end(20_000)
        // 20 kWh at 0.49.
        #expect(try await scene.find(id)?.captured == .eur(9_80))
        #expect(try await scene.bill().status == "settled")
        try await scene.shop.isSound()
    }

    @Test(
        "a bank that answers after the session has been priced is believed, and pays it",
        .timeLimit(.minutes(2)), arguments: ConcurrencyTests.places)
    func lateAnswer(place: String) async throws {
        // The bank's answer is lost, and so is its webhook: nobody knows for ten seconds whether it said yes.
        let scene = try await Scene(try ConcurrencyTests.place(place), good: "webhook_lost")
        scene.shop.desk.clock.advance(by: .minutes(20))
        try await scene.shop.arm("lost_answer", on: "charge_off_session")
        let asked = try await HoldForSession(desk: scene.shop.desk)(
            scene.wish(on: scene.good), clientKey: "k", by: scene.shop.author)
        _ = try await scene.shop.workers.round()
        #expect(try await scene.find(asked.id)?.status == "auth_unknown")

        try await scene.end(20_000, after: .seconds(1), quiet: .seconds(6))
        #expect(try await scene.bill().status == "rated")
        #expect(try await scene.find(asked.id)?.status == "auth_unknown")
        try await scene.shop.pass(.seconds(10))

        #expect(try await scene.find(asked.id)?.captured == .eur(9_80))
        #expect(try await scene.bill().status == "settled")
        try await scene.shop.isSound()
    }

    @Test("what cannot be held is refused with its reason, and nothing is asked of the gateway")
    func refusals() async throws {
        let scene = try await Scene(.memory)
        let (verb, author) = (HoldForSession(desk: scene.shop.desk), scene.shop.author)
        func refusal(
            _ key: String = "k", _ change: (inout HoldForSession.Wish) -> Void
        ) async -> HoldForSession.Refusal? {
            var wish = scene.wish(on: scene.good)
            change(&wish)
            do {
                _ = try await verb(wish, clientKey: key, by: author)
                return nil
            } catch {
                return error as? HoldForSession.Refusal
            }
        }
        let before = try await scene.payments().count

        #expect(await refusal { $0.amount = .eur(9_99) } == .tooSmall(minimum: .eur(10_00)))
        #expect(await refusal { $0.amount = .eur(120_01) } == .tooLarge(maximum: .eur(120_00)))
        #expect(await refusal { $0.amount = .eur(100_01) } == .exceedsConsent(.eur(100_00)))
        let francs = try #require(Currency(code: "CHF"))
        #expect(
            await refusal { $0.amount = Money(minorUnits: 30_00, currency: francs) }
                == .currencyMismatch(francs, .eur))
        let nobody = PaymentMethodID(at: .epoch, random: 1)
        #expect(await refusal { $0.method = nobody } == .unknownMethod)
        let stranger = AccountID(at: .epoch, random: 1)
        #expect(await refusal { $0.account = stranger } == .unknownSession)
        let elsewhere = Author(organisation: OrganisationID(at: .epoch, random: 1), name: "other")
        await #expect(throws: HoldForSession.Refusal.unknownSession) {
            try await verb(scene.wish(on: scene.good), clientKey: "k", by: elsewhere)
        }
        await #expect(throws: CheckoutRefusal.returnURLNotAllowed) {
            var wish = scene.wish(on: nil)
            wish.returnURL = "https://evil.example/"
            return try await verb(wish, clientKey: "k", by: author)
        }
        #expect(try await scene.payments().count == before)

        try await scene.end(20_000)
        #expect(
            await refusal { _ in } == .invalidState("in_debt", allowed: ["running", "ended", "in_review"]))
    }

    @Test("without a card the driver goes to the gateway's page, and a new page replaces one left open")
    func page() async throws {
        let scene = try await Scene(.memory)
        let verb = HoldForSession(desk: scene.shop.desk)

        let first = try await verb(scene.wish(on: nil), clientKey: "one", by: scene.shop.author)
        try await scene.shop.work()
        let second = try await verb(scene.wish(on: nil), clientKey: "two", by: scene.shop.author)
        try await scene.shop.work()
        #expect(try await scene.find(first.id)?.isOver == true)
        try await scene.shop.office.choose("ok", for: second.id.text)
        try await scene.shop.work()
        #expect(try await scene.find(second.id)?.status == "authorized")

        try await scene.end(20_000)
        #expect(try await scene.find(second.id)?.captured == .eur(9_80))
        try await scene.shop.isSound()
    }
}

/// A driver tapped a card that stands for a saved one, the bank refused it, and the car still charges.
private struct Scene: Sendable {
    let shop: Shop
    let account: AccountID
    let session: SessionID
    /// A card that is good; the account's default is refused.
    let good: PaymentMethodID
    private let number: Int64

    init(_ place: DatabaseLocation, good: String = "ok") async throws {
        let shop = try await Shop.open(place)
        var fields = Accounts.Wish()
        fields.name = "Kim"
        fields.funding = .paymentMethod
        let account = try await Accounts(desk: shop.desk).create(fields, by: shop.author)
        var cards: [PaymentMethodID] = []
        for (key, instrument) in [("bad", "off_session_challenge"), ("good", "ok")] {
            let consent = Consent(textVersion: "1", maximumMinor: 100_00, at: shop.desk.clock.now)
            let asked = try await SaveMethod(desk: shop.desk)(
                for: account.id, consent: consent, clientKey: key, by: shop.author)
            try await shop.work()
            try await shop.office.choose(instrument, for: asked.id.text)
            try await shop.work()
            let methods = try await shop.desk.store.read { tx in try tx.methods(of: account.id) }
            cards.append(try #require(methods.first { !cards.contains($0.id) }).id)
        }
        // How the card behaves from now on; leaving it was undisturbed.
        let card = cards[1]
        try await shop.desk.store.transaction { tx in
            guard let name = try tx.find(PaymentMethodRecord.self, card)?.reference,
                let stored = try tx.sandboxObject("method", name)
            else { return }
            try tx.saveSandboxObject(
                "method", name,
                stored.replacing(#""instrument":"ok""#, with: "\"instrument\":\"\(good)\""))
        }
        _ = try await SaveMethod(desk: shop.desk).makeDefault(cards[0], by: shop.author)
        _ = try await Tokens(desk: shop.desk).create(
            Tokens.Wish(kind: .rfid, uid: "04DEADBEEF", account: account.id), by: shop.author)
        number = try #require(try await shop.begin(token: "04DEADBEEF"))
        try await shop.work()
        let found = try await shop.desk.store.read { tx in
            try tx.openSessions(of: try #require(try tx.evses(of: shop.stations[0]).first).id).first?.id
        }
        (self.shop, self.account, self.good, session) = (shop, account.id, cards[1], try #require(found))
    }

    func wish(on method: PaymentMethodID?) -> HoldForSession.Wish {
        var wish = HoldForSession.Wish(.eur(30_00), for: session, of: account)
        wish.method = method
        return wish
    }

    func end(
        _ wattHours: Int64, after time: Elapsed = .minutes(20), quiet: Elapsed = .seconds(10)
    ) async throws {
        shop.desk.clock.advance(by: time)
        try await shop.end(wattHours, of: number)
        try await shop.pass(quiet)
    }

    func find(_ id: PaymentID) async throws -> PaymentRecord? {
        try await shop.desk.store.read { tx in try tx.find(PaymentRecord.self, id) }
    }

    func bill() async throws -> BillRecord {
        try #require(try await shop.desk.store.read { tx in try tx.bill(of: session) })
    }

    func payments() async throws -> [PaymentRecord] {
        let bill = try await bill()
        return try await shop.desk.store.read { tx in try tx.payments(of: bill.id) }
    }
}
