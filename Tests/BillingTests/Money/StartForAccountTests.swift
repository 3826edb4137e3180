// SPDX-License-Identifier: Apache-2.0

import Billing
import Payments
import Quantities
import Simulation
import Storage
import Testing

/// Starts without a card at the reader, played to their end on both engines: the account's source pays, once, and what
/// never began is given back.
@Suite("Starts for accounts", .serialized)
struct StartForAccountTests {
    private func account(
        _ funding: AccountFunding?, in shop: Shop, _ change: (inout Accounts.Wish) -> Void = { _ in }
    ) async throws -> AccountRecord {
        var wish = Accounts.Wish()
        wish.name = "Kim"
        wish.funding = funding
        change(&wish)
        return try await Accounts(desk: shop.desk).create(wish, by: shop.author)
    }

    private func start(
        _ account: AccountRecord, in shop: Shop, key: String = "start"
    ) async throws -> CheckoutRecord {
        let (_, quote) = try await shop.scan()
        let wish = StartForAccount.Wish(
            evseCode: shop.seeded.stations[0].code, account: account.id, accepted: quote.hash)
        return try await StartForAccount(desk: shop.desk)(wish, clientKey: key, by: shop.author)
    }

    private func bill(of checkout: CheckoutRecord, in shop: Shop) async throws -> BillRecord {
        let bill = try await shop.desk.store.read { tx in try tx.find(BillRecord.self, checkout.bill) }
        return try #require(bill)
    }

    /// Leaves a card on the gateway's page.
    private func saveCard(_ instrument: String, of account: AccountRecord, in shop: Shop) async throws {
        let consent = Consent(textVersion: "1", maximumMinor: 120_00, at: shop.desk.clock.now)
        let asked = try await SaveMethod(desk: shop.desk)(
            for: account.id, consent: consent, clientKey: "card", by: shop.author)
        try await shop.work()
        try await shop.office.choose(instrument, for: asked.id.text)
        try await shop.work()
    }

    @Test(
        "a wallet pays what was delivered and keeps the rest", .timeLimit(.minutes(2)),
        arguments: ConcurrencyTests.places)
    func wallet(place: String) async throws {
        let shop = try await Shop.open(try ConcurrencyTests.place(place))
        let account = try await account(.wallet, in: shop)
        let wallet = try #require(
            try await shop.desk.store.read { tx in try tx.wallets(of: account.id).first })
        _ = try await Wallets(desk: shop.desk).credit(
            .eur(100_00), to: wallet.id, because: "a test", cause: "c", by: shop.author)

        let checkout = try await start(account, in: shop)
        let again = try await start(account, in: shop)
        await #expect(throws: StartForAccount.Refusal.alreadyCharging(nil)) {
            try await start(account, in: shop, key: "another")
        }
        let token = try #require(try await shop.takeStart())
        try await shop.charge(20_000, token: token)

        #expect(again.id == checkout.id, "the same key is the same start")
        let bill = try await bill(of: checkout, in: shop)
        #expect(bill.status == "settled")
        let (left, session) = try await shop.desk.store.read { tx in
            (
                try tx.find(WalletRecord.self, wallet.id),
                try bill.session.flatMap { try tx.find(SessionRecord.self, $0) }
            )
        }
        #expect(left?.posted == 90_20 && left?.pending == 0)
        #expect(session?.account == account.id)
        try await shop.isSound()
    }

    @Test(
        "a saved card is held and captured; one whose bank says no starts nothing", .timeLimit(.minutes(2)),
        arguments: ConcurrencyTests.places)
    func card(place: String) async throws {
        let shop = try await Shop.open(try ConcurrencyTests.place(place))
        let good = try await account(.paymentMethod, in: shop)
        let absent = try await account(.paymentMethod, in: shop)
        try await saveCard("ok", of: good, in: shop)
        try await saveCard("off_session_challenge", of: absent, in: shop)

        let refused = try await start(absent, in: shop, key: "no")
        try await shop.work()
        #expect(try await bill(of: refused, in: shop).status == "quoted")
        #expect(try await shop.takeStart() == nil)
        let checkout = try await start(good, in: shop)
        try await shop.work()
        let token = try #require(try await shop.takeStart())
        try await shop.charge(20_000, token: token)

        let bill = try await bill(of: checkout, in: shop)
        #expect(bill.status == "settled")
        let payments = try await shop.desk.store.read { tx in try tx.payments(of: bill.id) }
        #expect(payments.map(\.captured) == [.eur(9_80)])
        try await shop.isSound()
    }

    @Test(
        "an invoiced account owes it until its invoice, and a start that finds no charge is given back",
        .timeLimit(.minutes(2)), arguments: ConcurrencyTests.places)
    func invoice(place: String) async throws {
        let shop = try await Shop.open(try ConcurrencyTests.place(place))
        let fleet = try await account(.invoice, in: shop) { wish in
            wish.kind = .fleet
            wish.creditLimit = .eur(50_00)
            wish.paymentTermDays = 30
            wish.invoiceAddress = PostalAddress(street: "", postalCode: "", city: "Hamburg", country: "DE")
        }

        let first = try await start(fleet, in: shop)
        #expect(try await shop.takeStart() != nil)
        // Nobody plugs in: the start fails, and after the time to try again it is given up.
        for _ in 0..<4 { try await shop.pass(.minutes(1)) }
        #expect(try await bill(of: first, in: shop).status == "cancelled")
        let second = try await start(fleet, in: shop, key: "second")
        let token = try #require(try await shop.takeStart())
        try await shop.charge(20_000, token: token)

        let bill = try await bill(of: second, in: shop)
        #expect(bill.status == "settling", "its invoice pays it")
        let (_, quote) = try await shop.scan()
        // 9.80 are unbilled: of 50.00 are left 40.20, which covers another hold of 40.00, and no second one.
        let line = try await shop.desk.store.read { tx in
            try tx.find(AccountRecord.self, fleet.id).map { try CreditLine(of: $0, in: .eur, tx: tx) }
        }
        #expect(line?.covers(quote.hold) == true)
        #expect(line?.covers(quote.hold + .eur(1_00)) == false)
        try await shop.isSound()
        try await shop.pass(.hours(24 * 32))
        let invoice = try await shop.desk.store.read { tx in try tx.invoices(of: fleet.id).first }
        #expect(invoice.map { $0.dueAt - $0.issuedAt } == .hours(24 * 30), "its own term, not 14 days")
    }
}
