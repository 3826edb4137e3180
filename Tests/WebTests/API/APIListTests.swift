// SPDX-License-Identifier: Apache-2.0
import Billing
import Foundation
import JSONText
import Payments
import Quantities
import Storage
import Testing
import Web

@Suite("API: lists of the money path", .timeLimit(.minutes(2)))
struct APIListTests {
    @Test("payments are found by the session they are for, whose bill they pay, and by wallet")
    func payments() async throws {
        let server = try await APIServer.shared()
        let (client, organisation) = try await server.tenant()
        let account = try await client.made(
            "/v1/accounts", ["kind": "personal", "name": "Kim", "funding": "wallet"])
        let wallets = try await client.get("/v1/accounts/\(account)/wallets")
        let wallet = try #require(wallets["data"]?[0]?["id"]?.string.flatMap { WalletID($0) })
        let network = try await APINetwork(client, identity: "F-\(UUID().uuidString)")
        let quoted = try await client.post("/v1/quotes", ["evse": .string(network.code)])
        let quote = try #require(quoted["id"]?.string.flatMap { QuoteID($0) })
        let (desk, now, evse) = (server.desk, server.desk.clock.now, network.evse)
        let (session, mine) = try await desk.store.transaction { tx -> (SessionID, PaymentID) in
            guard let evse = try tx.find(EVSERecord.self, evse) else { throw Trouble("no EVSE") }
            let place = try Place(of: evse, in: tx)
            let session = SessionRecord(
                id: desk.ids.new(at: now), organisation: organisation, site: place.site.id,
                station: place.station.id, evse: evse.id, number: 1, status: .running,
                folded: SessionFixture.empty, energy: .zero, startedAt: now, lastFactAt: now, createdAt: now)
            try tx.insert(session)
            let bill = BillRecord(
                id: desk.ids.new(at: now), organisation: organisation, quote: quote, session: session.id,
                currency: .eur, status: "quoted", machine: Bill(), createdAt: now)
            try tx.insert(bill)
            func payment(of bill: BillID?, into wallet: WalletID?) -> PaymentRecord {
                PaymentRecord(
                    id: desk.ids.new(at: now), organisation: organisation, bill: bill, wallet: wallet,
                    purpose: bill == nil ? .topUp : .session, source: .card, status: "created",
                    machine: Payment(), currency: .eur, amountMinor: 1, capturedMinor: 0, createdAt: now)
            }
            let mine = payment(of: bill.id, into: nil)
            try tx.insert(mine)
            try tx.insert(payment(of: nil, into: wallet))
            return (session.id, mine.id)
        }

        #expect(try await ids(client, "/v1/payments").count == 2)
        #expect(try await ids(client, "/v1/payments?session=\(session)") == [mine.text])
        #expect(try await ids(client, "/v1/payments?session=\(session)&purpose=top_up").isEmpty)
        let nobody = SessionID(at: now, random: 1)
        #expect(try await ids(client, "/v1/payments?session=\(nobody)").isEmpty)
        #expect(try await ids(client, "/v1/payments?session=\(nobody)&session=\(session)") == [mine.text])
        #expect(try await !ids(client, "/v1/payments?wallet=\(wallet)").contains(mine.text))
    }

    @Test("payments are found by the account whose session, wallet or card they are for; no other's are")
    func paymentsOfAccount() async throws {
        let server = try await APIServer.shared()
        let (client, organisation) = try await server.tenant()
        func account() async throws -> (id: AccountID, wallet: WalletID) {
            let made = try await client.made(
                "/v1/accounts", ["kind": "personal", "name": "Kim", "funding": "wallet"])
            let wallets = try await client.get("/v1/accounts/\(made)/wallets")
            let wallet = wallets["data"]?[0]?["id"]?.string
            return (try #require(AccountID(made)), try #require(wallet.flatMap { WalletID($0) }))
        }
        let (mine, other, idle) = (try await account(), try await account(), try await account())
        let network = try await APINetwork(client, identity: "A-\(UUID().uuidString)")
        let quoted = try await client.post("/v1/quotes", ["evse": .string(network.code)])
        let quote = try #require(quoted["id"]?.string.flatMap { QuoteID($0) })
        let (desk, now) = (server.desk, server.desk.clock.now)
        /// A session's, a top-up and a saved card's; without an account a guest's.
        func pay(for account: (id: AccountID, wallet: WalletID)?) async throws -> [String] {
            try await desk.store.transaction { tx in
                let bill = BillRecord(
                    id: desk.ids.new(at: now), organisation: organisation, quote: quote,
                    account: account?.id, currency: .eur, status: "quoted", machine: Bill(), createdAt: now)
                try tx.insert(bill)
                func payment(_ purpose: PaymentPurpose, _ bill: BillID? = nil, _ wallet: WalletID? = nil)
                    -> PaymentRecord
                {
                    PaymentRecord(
                        id: desk.ids.new(at: now), organisation: organisation, bill: bill, wallet: wallet,
                        purpose: purpose, source: .card, status: "created", machine: Payment(),
                        currency: .eur, amountMinor: 1, capturedMinor: 0, createdAt: now)
                }
                var card = payment(.setUp)
                card.account = account?.id
                let all =
                    [payment(.session, bill.id)]
                    + (account.map { [payment(.topUp, nil, $0.wallet), card] } ?? [])
                for row in all { try tx.insert(row) }
                return all.map(\.id.text)
            }
        }

        let (ofMine, ofOther) = (try await pay(for: mine), try await pay(for: other))
        _ = try await pay(for: nil)

        #expect(try await ids(client, "/v1/payments").count == 7)
        #expect(try await Set(ids(client, "/v1/payments?account=\(mine.id)")) == Set(ofMine))
        #expect(try await ids(client, "/v1/payments?account=\(idle.id)").isEmpty)
        #expect(try await ids(client, "/v1/payments?account=\(mine.id)&purpose=top_up") == [ofMine[1]])
        let both = try await ids(client, "/v1/payments?account=\(mine.id)&account=\(other.id)")
        #expect(Set(both) == Set(ofMine + ofOther))
        let stranger = try await server.tenant().client
        #expect(try await ids(stranger, "/v1/payments?account=\(mine.id)").isEmpty)
        let first = try await client.get("/v1/payments?account=\(mine.id)&limit=2")
        let next = try await client.get(try #require(first["next"]?.string))
        #expect(next["data"]?.array?.count == 1 && next["has_more"] == false)
    }

    @Test("disputes, refunds and settlements are found by what they belong to and when they came")
    func disputes() async throws {
        let server = try await APIServer.shared()
        let (client, organisation) = try await server.tenant()
        let (desk, now) = (server.desk, server.desk.clock.now)
        let dispute = try await desk.store.transaction { tx -> DisputeRecord in
            let payment = PaymentRecord(
                id: desk.ids.new(at: now), organisation: organisation, purpose: .session, source: .card,
                status: "captured", machine: Payment(), currency: .eur, amountMinor: 10_00,
                capturedMinor: 10_00, createdAt: now)
            try tx.insert(payment)
            let dispute = DisputeRecord(
                id: desk.ids.new(at: now), of: payment, reference: "d-1",
                machine: Dispute(.eur(10_00), isInquiry: false), fee: .eur(0), reason: "fraud", dueAt: nil,
                at: now)
            try tx.insert(dispute)
            return dispute
        }
        let later = (now + .seconds(1)).iso8601

        #expect(try await ids(client, "/v1/disputes?payment=\(dispute.payment)") == [dispute.id.text])
        #expect(try await ids(client, "/v1/disputes?payment=\(PaymentID(at: now, random: 1))").isEmpty)
        #expect(try await ids(client, "/v1/disputes?created_to=\(later)") == [dispute.id.text])
        #expect(try await ids(client, "/v1/disputes?created_from=\(later)").isEmpty)
        for path in ["/v1/invoices", "/v1/settlements"] {
            #expect(try await ids(client, path + "?created_from=\(later)").isEmpty)
        }
        #expect(try await ids(client, "/v1/refunds?session=\(SessionID(at: now, random: 1))").isEmpty)
        #expect(try await ids(client, "/v1/webhook_endpoints?status=failing").isEmpty)
    }

    @Test("a wallet's statement is read in both directions without a gap")
    func statement() async throws {
        let server = try await APIServer.shared()
        let client = try await server.tenant().client
        let account = try await client.made(
            "/v1/accounts", ["kind": "personal", "name": "Kim", "funding": "wallet"])
        let wallets = try await client.get("/v1/accounts/\(account)/wallets")
        let path = "/v1/wallets/\(try #require(wallets["data"]?[0]?["id"]?.string))"
        for cents in 1...5 as ClosedRange<Int64> {
            _ = try await client.post(
                path + "/credits", ["amount": AccountBench.euros(cents), "reason": "a test"],
                key: "\(path)-\(cents)")
        }
        func page(_ query: String) async throws -> (cents: [Int64], next: String?) {
            let answer = try await client.get(query.hasPrefix("/") ? query : path + "/entries" + query)
            let cents = answer["data"]?.array?.compactMap { $0["amount"]?["amount"]?.int64 }
            return (cents ?? [], answer["next"]?.string)
        }

        let down = try await page("?limit=2")
        #expect(down.cents == [5, 4])
        #expect(try await page(try #require(down.next)).cents == [3, 2])
        let all = try await client.get(path + "/entries")
        let oldest = try #require(all["data"]?.array?.last?["transaction"]?.string)
        let up = try await page("?limit=2&ending_before=\(oldest)")
        #expect(up.cents == [3, 2])
        let further = try await page(try #require(up.next))
        #expect(further.cents == [5, 4] && further.next == nil)
        let both = try await client.get(
            path + "/entries?starting_after=\(oldest)&ending_before=\(oldest)")
        #expect(both.code == "invalid_cursor")
    }

    @Test("an account's own term of payment is kept, shown and changed; accounts are found by their funding")
    func terms() async throws {
        let server = try await APIServer.shared()
        let client = try await server.tenant().client
        let id = try await client.made(
            "/v1/accounts",
            ["kind": "fleet", "name": "Vans", "funding": "invoice", "payment_terms_days": 30])

        #expect(try await client.get("/v1/accounts/\(id)")["payment_terms_days"] == 30)
        let changed = try await client.patch("/v1/accounts/\(id)", ["payment_terms_days": 45], version: 1)
        #expect(changed["payment_terms_days"] == 45)
        let long = try await client.patch("/v1/accounts/\(id)", ["payment_terms_days": 121], version: 2)
        #expect(long["param"]?.string == "/payment_terms_days")
        #expect(try await ids(client, "/v1/accounts?funding=invoice") == [id])
        #expect(try await ids(client, "/v1/accounts?funding=wallet").isEmpty)
    }

    @Test("looking at a payment in doubt has the gateway asked, not more often than every ten seconds")
    func doubt() async throws {
        let server = try await APIServer.shared()
        let (client, organisation) = try await server.tenant()
        let (desk, now) = (server.desk, server.desk.clock.now)
        func doubtful(nextAt next: Instant) async throws -> PaymentID {
            try await desk.store.transaction { tx in
                var (payment, attempt) = (Payment(), Attempt())
                for event: Payment.Event in [.authorize, .unknown] { _ = try payment.apply(event) }
                for event: Attempt.Event in [.send, .doubt] { _ = try attempt.apply(event) }
                let row = PaymentRecord(
                    id: desk.ids.new(at: now), organisation: organisation, purpose: .session, source: .card,
                    status: payment.state.rawValue, machine: payment, currency: .eur, amountMinor: 10_00,
                    capturedMinor: 0, createdAt: now)
                try tx.insert(row)
                try tx.insert(
                    AttemptRecord(
                        id: desk.ids.new(at: now), organisation: organisation, payment: row.id,
                        operation: "authorize", ordinal: 1, idempotencyKey: row.id.text,
                        status: attempt.state.rawValue, machine: attempt, sentAt: now - .minutes(20),
                        nextCheckAt: next, lookups: 4, createdAt: now))
                return row.id
            }
        }
        // After four look-ups the next comes 15 min after the last: a minute ago, or in a moment by a clock that is ahead.
        let old = try await doubtful(nextAt: now + .minutes(14))
        let fresh = try await doubtful(nextAt: now + .minutes(20))

        func next(_ id: PaymentID) async throws -> Instant? {
            try await client.get("/v1/payments/\(id)")["in_doubt"]?["next_check_at"]?.string.flatMap {
                Instant(iso8601: $0)
            }
        }
        #expect(try #require(try await next(old)) <= desk.clock.now)
        #expect(try #require(try await next(fresh)) > now + .minutes(19))
    }

    private func ids(_ client: APIClient, _ path: String) async throws -> [String] {
        let answer = try await client.get(path)
        #expect(answer.status == 200, "\(path) \(answer.text)")
        return answer["data"]?.array?.compactMap { $0["id"]?.string } ?? []
    }
}
