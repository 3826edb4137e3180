// SPDX-License-Identifier: Apache-2.0

import Billing
import Charging
import Payments
import Quantities
import Storage
import Tariffs
import Testing

/// The failure cases of payments.md §10 that drivers, stations and operators cause during a visit.
@Suite("Failure cases of visits")
struct VisitFailureTests {
    @Test(
        "F34: a start that was refused or never came, and then does: stopped, and its energy billed to nobody",
        arguments: [true, false])
    func startsLater(isRefused: Bool) async throws {
        let shop = try await Shop.open()
        let payment = try await shop.pay(try await shop.scan(), with: "ok")
        let commands = try await shop.takeCommands(
            0, saying: isRefused ? .refused(reason: "Rejected") : .accepted)
        let token = commands.compactMap { if case .start(_, _, let token, _) = $0 { token.uid } else { nil } }
        for _ in 0..<30 { try await shop.pass(.seconds(5)) }
        #expect(try await shop.row(payment).status == "voided")
        let told = try await shop.start(token: try #require(token.first))
        #expect(told.token?.status == .expired || told.token?.status == .blocked, "\(told)")
        #expect(try await shop.takeStop())
        shop.desk.clock.advance(by: .minutes(20))
        try await shop.end(5_000, of: told.number)
        try await shop.settleEverything()
        #expect(try await shop.row(payment).capturedMinor == 0)
        #expect(try await shop.bill(of: payment).status == "cancelled")
        #expect(try await shop.balance("Income:Energy") == 0)
        #expect(try await shop.questions().contains("unpaid_energy"))
        for _ in 0..<31 { try await shop.pass(.hours(24)) }
        #expect(try await !shop.questions().contains("unpaid_energy"), "by default nobody pays")
        try await shop.isSound()
    }

    @Test(
        "F42: two drivers pay for one EVSE: the first charges, the second has the money back before any start"
    )
    func twoDrivers() async throws {
        let shop = try await Shop.open()
        let visits = [try await shop.scan(), try await shop.scan(), try await shop.scan()]
        let first = try await shop.pay(visits[0], with: "ok")
        let second = try await shop.pay(visits[1], with: "ok")
        #expect(second.decline?.code == "evse_taken")
        try await shop.work()
        #expect(try await shop.row(second).status == "voided")
        let token = try #require(try await shop.startToken())
        let number = try #require(try await shop.begin(token: token))
        // The third is slower still: approved while the first one charges.
        let third = try await shop.pay(visits[2], with: "ok")
        try await shop.work()
        #expect(try await shop.row(third).status == "voided")
        shop.desk.clock.advance(by: .minutes(40))
        try await shop.end(20_000, of: number)
        try await shop.settleEverything()
        #expect(try await shop.row(first).captured == .eur(9_80))
        #expect(try await shop.row(second).capturedMinor + shop.row(third).capturedMinor == 0)
        // Whoever comes after the end cannot pay for what is over.
        await #expect(throws: CheckoutRefusal.self) {
            _ = try await RequestHold(desk: shop.desk)(
                visits[0].0.id, accepting: visits[0].1.hash, clientKey: "again")
        }
        try await shop.isSound()
    }

    @Test("F47: midnight, the month's end and a new tax rate during a session: billed by its own quote")
    func newMonth() async throws {
        // 2027-01-31 23:30 UTC
        let shop = try await Shop.open(clock: WallClock(frozenAt: Instant(seconds: 1_801_438_200)))
        let payment = try await shop.pay(try await shop.scan(), with: "ok")
        let number = try await shop.started()
        shop.desk.clock.advance(by: .minutes(20))
        try await shop.meter(10_000, of: number)
        try await shop.desk.store.transaction { tx in
            let station = try #require(try tx.station(identity: "DEMO-1"))
            var site = try #require(try tx.lock(SiteRecord.self, id: station.site))
            site.taxProfile = .all(TaxRate(percent: 7), included: true, country: "DE")
            try tx.update(&site)
        }
        shop.desk.clock.advance(by: .minutes(20))
        try await shop.end(20_000, of: number)
        try await shop.settleEverything()
        #expect(try await shop.row(payment).captured == .eur(9_80))
        // 9.80 with 19 % of tax are 8.24 and 1.56.
        #expect(try await shop.balance("Liabilities:Tax:VAT-DE-19") == -1_56)
        #expect(try await shop.balance("Liabilities:Tax:VAT-DE-7") == 0)
        let owed = try #require(
            try await shop.desk.store.read { tx in
                try tx.transactions(of: shop.organisation, limit: 100).last { $0.template == "SessionOwed" }
            })
        #expect(owed.bookedOn.description == "2027-02-01")
        let next = try await shop.visit(20_000, with: "ok")
        #expect(try await shop.row(next).captured == .eur(9_80))
        #expect(try await shop.balance("Liabilities:Tax:VAT-DE-7") == -64)
        try await shop.isSound()
    }

    @Test("F48: a card is shown where a guest has paid: one source pays, the other is given back")
    func tokenAndCard() async throws {
        // The card begins before the guest's start arrives.
        let shop = try await Shop.open()
        let payment = try await shop.pay(try await shop.scan(), with: "ok")
        let number = try #require(try await shop.begin(token: shop.seeded.card))
        _ = try await shop.takeCommands(0, saying: .refused(reason: "Occupied"))
        for _ in 0..<30 { try await shop.pass(.seconds(5)) }
        #expect(try await shop.row(payment).status == "voided")
        shop.desk.clock.advance(by: .minutes(40))
        try await shop.end(20_000, of: number)
        try await shop.settleEverything()
        #expect(try await shop.row(payment).capturedMinor == 0)
        #expect(try await shop.balance("Liabilities:Wallet") == -(200_00 - 9_80))
        try await shop.isSound()

        // And the other way round: the guest charges, and somebody shows a card.
        let other = try await Shop.open()
        let paid = try await other.pay(try await other.scan(), with: "ok")
        let running = try await other.started()
        try await other.present(other.seeded.card, in: running)
        other.desk.clock.advance(by: .minutes(40))
        try await other.end(20_000, of: running)
        try await other.settleEverything()
        #expect(try await other.row(paid).captured == .eur(9_80))
        #expect(try await other.balance("Liabilities:Wallet") == -200_00)
        try await other.isSound()
    }

    @Test("F50: what a guest would owe after the capture is waived; nobody can charge it either")
    func afterCapture() async throws {
        let bench = try await ChargingBench()
        let (_, payment, token) = try await bench.guest()
        let number = try await bench.start(token).number
        bench.desk.clock.advance(by: .minutes(10))
        try await bench.sample(number, ChargingBench.register + 2000)
        try await bench.pass(.hours(12))
        try await bench.pass(.minutes(16))
        #expect(try await bench.find(PaymentRecord.self, payment).captured == .eur(98))
        // The stop comes after all: more energy, and an hour of idling.
        try await bench.stop(number, ChargingBench.register + 5000, at: ChargingBench.beginning + .hours(2))
        let item = try #require(try await bench.work("late_fact").first)
        #expect((item.amountMinor ?? 0) > 0)
        await #expect(throws: AdministrationRefusal.self) { try await bench.decide(item, .charge) }
        try await bench.pass(.hours(24 * 30))
        let closed = try #require(try await bench.work("late_fact", state: "closed").first)
        #expect(closed.decision == "ignore")
        #expect(try await bench.find(PaymentRecord.self, payment).captured == .eur(98))
        #expect(
            try await bench.desk.store.read { tx in
                try tx.balance(of: "Assets:Receivable:Debt", in: .eur, of: bench.organisation)
            } == 0)
        try await bench.checkInvariants()
    }

    @Test("F57: a million kWh are a question, and a price below zero is never published")
    func absurd() async throws {
        let shop = try await Shop.open()
        let payment = try await shop.visit(1_000_000_000, with: "ok")
        try await shop.settleEverything()
        #expect(try await shop.row(payment).capturedMinor == 0)
        let status = try await shop.bill(of: payment).status
        #expect(try await shop.questions().contains("implausible_energy"))
        #expect(status == "in_review")
        #expect(try await shop.balance("Income:Energy") == 0)
        try await shop.isSound()

        let cheap = try await Shop.open()
        let price = try Tariff.simple(
            id: "negative", currency: .eur, energyPerKWh: Rate(billionths: -100_000_000))
        let tariff = try #require(
            try await cheap.desk.store.read { tx in
                try tx.station(identity: "DEMO-1").flatMap { try tx.find(SiteRecord.self, $0.site) }?
                    .defaultTariff
            })
        await #expect(throws: AdministrationRefusal.self) {
            _ = try await TariffBook(desk: cheap.desk).add(
                TariffBook.Draft(document: price.canonicalJSON), to: tariff, publishes: true, by: cheap.author
            )
        }
    }

    @Test(
        "F63: a wallet in euros at a site that sells in francs is refused before the start, and nothing is reserved"
    )
    func otherCurrency() async throws {
        let bench = try await ChargingBench()
        let price = try Tariff.simple(id: "chf", currency: .chf, energyPerKWh: Rate(billionths: 550_000_000))
        let (tariff, _) = try await TariffBook(desk: bench.desk).create(
            name: "Francs", currency: .chf, first: TariffBook.Draft(document: price.canonicalJSON),
            publishes: true, by: bench.author)
        try await bench.change(SiteRecord.self, bench.stations[0].site.text) { $0.defaultTariff = tariff.id }
        let answer = try await bench.start()
        #expect(answer.token?.status == .noCredit)
        let session = try await bench.session(answer.number)
        #expect(session.bill == nil)
        let wallet = try await bench.wallet()
        #expect(wallet.pending == 0 && wallet.posted == 200_00)
        try await bench.checkInvariants()
    }

    @Test("F66: what is known after the month was closed is booked in the open one, with its own date")
    func closedMonth() async throws {
        let shop = try await Shop.open()
        let payment = try await shop.visit(20_000, with: "ok")
        try await shop.settleEverything()
        // 15 January and two days; now it is 3 February.
        for _ in 0..<17 { try await shop.pass(.hours(24)) }
        _ = try await ClosePeriod(desk: shop.desk)(year: 2027, month: 1, by: shop.author)
        func january() async throws -> [String] {
            try await shop.desk.store.read { tx in
                try tx.transactions(of: shop.organisation, limit: 200)
                    .filter { $0.bookedOn.description.hasPrefix("2027-01") }.map(\.hash)
            }
        }
        let closed = try await january()
        #expect(!closed.isEmpty)
        _ = try await RefundPayment(desk: shop.desk)(
            .eur(5_00), of: payment.id, because: "late", by: shop.author)
        try await shop.settleEverything()
        #expect(try await january() == closed)
        let late = try await shop.desk.store.read { tx in
            try tx.transactions(of: shop.organisation, limit: 200).first { $0.template == "RefundOwed" }
        }
        #expect(late?.bookedOn.description.hasPrefix("2027-02") == true)
        try await shop.isSound()
    }
}
