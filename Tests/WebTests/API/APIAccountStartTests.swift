// SPDX-License-Identifier: Apache-2.0
import Billing
import Foundation
import JSONText
import Payments
import Quantities
import Receipts
import Storage
import Testing
import Web

@Suite("API: starts for accounts, and what may be done to a payment", .timeLimit(.minutes(2)))
struct APIAccountStartTests {
    private static let prepaid: JSON = ["kind": "personal", "name": "Kim", "funding": "wallet"]

    @Test(
        "a program starts for an account: the wallet is reserved, the charger asked, and the driver may follow"
    )
    func fromWallet() async throws {
        let server = try await APIServer.shared()
        let client = try await server.tenant().client
        let bench = try await AccountBench(server, client, account: Self.prepaid)
        let wallet = try await bench.wallet(45_00)

        let begun = try await bench.start(key: "one")
        let again = try await client.post("/v1/sessions", try await bench.wish(), key: "one")

        #expect(begun.status == 202, "\(begun.text)")
        #expect(begun["status"] == "starting")
        #expect(begun["held"]?["amount"] == 40_00)
        #expect(again["id"] == begun["id"], "the same key is the same start")
        let balance = try await client.get("/v1/wallets/\(wallet)")
        #expect(balance["pending"]?["amount"] == 40_00)
        let station = try #require(bench.network.station["id"]?.string)
        let commands = try await client.get("/v1/stations/\(station)/commands")
        #expect(commands["data"]?.array?.count == 1)
        let low = try await client.get("/v1/events?object=\(wallet)&type=wallet.low")
        #expect(low["data"]?.array?.count == 1, "5.00 are left")

        let checkout = try #require(begun["id"]?.string)
        let minted = try await client.post("/v1/driver_tokens", ["account": .string(bench.account)])
        let driver = APIClient(url: server.url, key: minted["token"]?.string)
        let other = try await client.made("/v1/accounts", Self.prepaid)
        let strange = try await client.post("/v1/driver_tokens", ["account": .string(other)])
        let stranger = APIClient(url: server.url, key: strange["token"]?.string)
        #expect(try await driver.get("/v1/checkouts/\(checkout)").status == 200)
        #expect(try await stranger.get("/v1/checkouts/\(checkout)").code == "not_found")
        #expect(
            try await stranger.post("/v1/sessions", try await bench.wish(), key: "s").code == "not_found")

        let cancelled = try await driver.post("/v1/checkouts/\(checkout)/cancel")
        #expect(cancelled["status"] == "cancelled")
        #expect(try await client.get("/v1/wallets/\(wallet)")["pending"]?["amount"] == 0)
    }

    @Test("an invoiced account with an address and credit starts without any hold")
    func onInvoice() async throws {
        let server = try await APIServer.shared()
        let client = try await server.tenant().client
        let bench = try await AccountBench(
            server, client,
            account: [
                "kind": "fleet", "name": "Vans", "funding": "invoice", "vat_id": "DE123456789",
                "credit_limit": AccountBench.euros(40_00),
                "invoice_address": ["city": "Hamburg", "country": "DE"],
            ])

        let begun = try await bench.start()

        #expect(begun.status == 202, "\(begun.text)")
        #expect(begun["status"] == "starting")
        #expect(begun["payment"] == .null)
        let account = try await client.get("/v1/accounts/\(bench.account)")
        #expect(account["invoice_address"]?["city"] == "Hamburg")
    }

    @Test("a saved card is asked for its hold, then the charger; it is listed, made the default and detached")
    func onSavedCard() async throws {
        let (server, client) = try await AccountBench.working()
        let bench = try await AccountBench(server, client, account: ["kind": "personal", "name": "Kim"])
        let card = try await bench.saveCard("ok")

        let begun = try await bench.start()

        #expect(begun.status == 202, "\(begun.text)")
        #expect(begun["status"] == "starting")
        #expect(begun["held"]?["amount"] == 40_00)
        let payment = try #require(begun["payment"]?.string)
        let busy = try await client.post("/v1/payments/\(payment)/void", key: UUID().uuidString)
        #expect(busy.code == "invalid_state", "the charger is being asked")
        let method = try await client.post("/v1/payment_methods/\(card)/default")
        #expect(method["is_default"] == true)
        #expect(try await client.post("/v1/payment_methods/\(card)/detach")["status"] == "detached")
        #expect(try await client.get("/v1/accounts/\(bench.account)/payment_methods")["data"] == [])
        #expect(try await bench.start([JSON.Member("payment_method", .string(card))]).status >= 400)
    }

    @Test("a hold is raised, looked up and given back by hand")
    func steering() async throws {
        let (server, client) = try await AccountBench.working()
        let network = try await APINetwork(client, identity: "H-\(UUID().uuidString)")
        let opened = try await server.anonymous.post(
            "/v1/checkouts", ["evse": .string(network.code)], key: UUID().uuidString)
        let guest = APIClient(url: server.url, key: opened["guest_token"]?.string)
        let checkout = try #require(opened["id"]?.string)
        let paying = try await guest.post(
            "/v1/checkouts/\(checkout)/pay",
            ["accept_quote": opened["quote"]?["hash"] ?? .null, "auto_start": false], key: "pay")
        var visit = paying
        while visit["next_action"]?["url"]?.string == nil {
            visit = try await guest.get("/v1/checkouts/\(checkout)?wait=1")
        }
        try await TestGateway(desk: server.desk).choose(
            "ok", on: try #require(visit["next_action"]?["url"]?.string))
        while visit["status"] != "funded" { visit = try await guest.get("/v1/checkouts/\(checkout)?wait=1") }
        let payment = try #require(visit["payment"]?.string)
        let path = "/v1/payments/\(payment)"
        let before = try await client.get(path)
        #expect(before["capabilities"]?["can_increment"] == true)

        let less = try await client.post(
            path + "/adjust", ["new_total": AccountBench.euros(40_00)], key: UUID().uuidString)
        let much = try await client.post(
            path + "/adjust", ["new_total": AccountBench.euros(120_01)], key: UUID().uuidString)
        let asked = try await client.post(
            path + "/adjust", ["new_total": AccountBench.euros(55_00)], key: UUID().uuidString)
        #expect(less.code == "amount_too_small")
        #expect(much.code == "amount_too_large")
        #expect(asked.status == 202, "\(asked.text)")
        var held = try await client.get(path)
        while held["amount"]?["amount"] != 55_00 || held["status"] != "authorized" {
            held = try await client.get(path + "?wait=1")
        }

        let looked = try await client.post(path + "/resolve")
        #expect([200, 202].contains(looked.status), "\(looked.text)")
        let voided = try await client.post(path + "/void", key: UUID().uuidString)
        #expect(voided.status == 202, "\(voided.text)")
        while held["released_at"]?.string == nil { held = try await client.get(path + "?wait=1") }
        #expect(held["status"] == "voided")
        while visit["status"] != "quoted" { visit = try await guest.get("/v1/checkouts/\(checkout)?wait=1") }
    }

    @Test("a wallet tops up on a saved card, and a debt is paid on one")
    func chargedOnCard() async throws {
        let (server, client) = try await AccountBench.working()
        let bench = try await AccountBench(server, client, account: Self.prepaid)
        let (wallet, card) = (try await bench.wallet(), try await bench.saveCard("ok", maximum: 50_00))

        let much = try await client.post(
            "/v1/wallets/\(wallet)/top_ups",
            ["amount": AccountBench.euros(50_01), "payment_method": .string(card)], key: UUID().uuidString)
        let paid = try await client.post(
            "/v1/wallets/\(wallet)/top_ups",
            ["amount": AccountBench.euros(25_00), "payment_method": .string(card)], key: UUID().uuidString)
        #expect(much.code == "amount_too_large", "its owner agreed to 50.00")
        #expect(paid.status == 201, "\(paid.text)")
        #expect(paid["captured"]?["amount"] == 25_00)
        #expect(try await client.get("/v1/wallets/\(wallet)")["posted"]?["amount"] == 25_00)

        let bill = try await APIFundingTests.debt(of: bench.account, server, client, isInDoubt: false)
        let stranger = try await AccountBench(server, client, account: Self.prepaid)
        let strange = try await stranger.saveCard("ok")
        let wrong = try await client.post(
            "/v1/bills/\(bill)/pay", ["payment_method": .string(strange)], key: UUID().uuidString)
        #expect(wrong["param"]?.string == "/payment_method", "\(wrong.text)")
        let cleared = try await client.post(
            "/v1/bills/\(bill)/pay", ["payment_method": .string(card)], key: UUID().uuidString)
        #expect([201, 202].contains(cleared.status), "\(cleared.text)")
        #expect(cleared["purpose"] == "debt")
        #expect(cleared["amount"]?["amount"] == 4_30)
    }

    @Test("words of the client's own are kept, given back and found by")
    func metadata() async throws {
        let server = try await APIServer.shared()
        let client = try await server.tenant().client
        let account = try await client.made(
            "/v1/accounts", ["kind": "personal", "name": "Kim", "metadata": ["crm": "A-17", "kind of": "x"]])
        let bench = try await AccountBench(
            server, client,
            account: ["kind": "personal", "name": "Lee", "funding": "wallet", "metadata": ["crm": "A-18"]])
        _ = try await bench.wallet(100_00)

        let shown = try await client.get("/v1/accounts/\(account)")
        #expect(shown["metadata"] == ["crm": "A-17", "kind of": "x"])
        for (filter, wanted) in [
            ("metadata[crm]=A-17", [account]),
            ("metadata%5Bkind%20of%5D=x&metadata%5Bcrm%5D=A-17", [account]),
            ("metadata[crm]=A-18", [bench.account]), ("metadata[crm]=B", []), ("metadata[$.crm]=A-17", []),
        ] {
            let found = try await client.get("/v1/accounts?" + filter)
            #expect(
                found["data"]?.array?.compactMap { $0["id"]?.string } == wanted, "\(filter) \(found.text)")
        }
        let begun = try await bench.start([JSON.Member("metadata", ["trip": "9"])])
        #expect(begun["metadata"] == ["trip": "9"])
        #expect(try await client.get("/v1/payments?metadata[trip]=9")["data"] == [])
        let card = try await client.post(
            "/v1/accounts", ["kind": "personal", "name": "K", "metadata": ["n": "4242 4242 4242 4242"]])
        #expect(card.code == "card_number_in_request")
        let long = try await client.post(
            "/v1/accounts",
            ["kind": "personal", "name": "K", "metadata": ["n": .string(String(repeating: "x", count: 501))]])
        #expect(long.code == "invalid_field")
    }

    @Test("tokens and drivers keep words too, and tokens are found by them")
    func moreMetadata() async throws {
        let client = try await APIServer.shared().tenant().client
        let account = try await client.made("/v1/accounts", ["kind": "personal", "name": "Kim"])
        let uid = "04A1B2C3D4"
        let token = try await client.made(
            "/v1/tokens", ["kind": "rfid", "uid": .string(uid), "metadata": ["fleet": "north"]])
        let other = try await client.made("/v1/tokens", ["kind": "rfid", "uid": "04A1B2C3D5"])
        let driver = try await client.made(
            "/v1/accounts/\(account)/drivers", ["name": "Kim", "metadata": ["staff": "17"]])

        let found = try await client.get("/v1/tokens?metadata[fleet]=north")
        #expect(found["data"]?.array?.compactMap { $0["id"]?.string } == [token], "\(found.text)")
        #expect(try await client.get("/v1/tokens/\(other)")["metadata"] == [:])
        let changed = try await client.patch(
            "/v1/tokens/\(token)", ["metadata": ["fleet": "south"]], version: 1)
        #expect(changed["metadata"] == ["fleet": "south"])
        #expect(try await client.get("/v1/tokens?metadata[fleet]=north")["data"] == [])
        #expect(try await client.get("/v1/drivers/\(driver)")["metadata"] == ["staff": "17"])
        let kept = try await client.patch("/v1/drivers/\(driver)", ["language": "de"], version: 1)
        #expect(kept["metadata"] == ["staff": "17"])
        let card = try await client.post(
            "/v1/tokens", ["kind": "rfid", "uid": "04A1", "metadata": ["n": "4242 4242 4242 4242"]])
        #expect(card.code == "card_number_in_request")
        let erased = try await client.post("/v1/drivers/\(driver)/erase")
        #expect(erased["metadata"] == [:], "words about a person go with the person")
    }

    @Test("reloading by itself is switched on within caps, and off")
    func autoReload() async throws {
        let server = try await APIServer.shared()
        let client = try await server.tenant().client
        let bench = try await AccountBench(server, client, account: Self.prepaid)
        let path = "/v1/wallets/\(try await bench.wallet())"

        let wrong = try await client.patch(
            path, ["auto_reload": ["amount": AccountBench.euros(70_00)]], version: 1)
        let on = try await client.patch(
            path, ["auto_reload": ["threshold": AccountBench.euros(8_00)]], version: 1)
        #expect(wrong["param"]?.string == "/auto_reload/cap_per_day/amount", "\(wrong.text)")
        #expect(on["auto_reload"]?["threshold"]?["amount"] == 8_00)
        #expect(on["auto_reload"]?["cap_per_month"]?["amount"] == 200_00)
        let off = try await client.patch(path, ["auto_reload": ["enabled": false]], version: 2)
        #expect(off["auto_reload"] == .null)
    }

    @Test("what reloads by itself and is declined is told of the wallet")
    func reloadFailed() async throws {
        let server = try await APIServer.shared()
        let (client, organisation) = try await server.tenant()
        let bench = try await AccountBench(server, client, account: Self.prepaid)
        let wallet = try #require(WalletID(try await bench.wallet()))
        let (desk, now) = (server.desk, server.desk.clock.now)
        try await desk.store.transaction { tx in
            for key in ["reload:ses_1:1", "a driver's own"] {
                var machine = Payment()
                _ = try machine.apply(.authorize)
                var payment = PaymentRecord(
                    id: desk.ids.new(at: now), organisation: organisation, wallet: wallet, purpose: .topUp,
                    source: .card, status: machine.state.rawValue, machine: machine, currency: .eur,
                    amountMinor: 20_00, capturedMinor: 0, clientKey: key, createdAt: now)
                try tx.insert(payment)
                _ = try payment.machine.apply(.declined)
                payment.status = payment.machine.state.rawValue
                try tx.update(&payment)
            }
        }

        let told = try await client.get("/v1/events?object=\(wallet)&type=wallet.reload_failed")
        #expect(told["data"]?.array?.count == 1, "the driver's own try is no reload")
    }

    @Test("a hold that runs out within a day, and an invoice that is overdue, are told once")
    func announcements() async throws {
        let server = try await APIServer()
        let (client, organisation) = try await server.tenant()
        let account = try #require(AccountID(try await client.made("/v1/accounts", Self.prepaid)))
        let (desk, now) = (server.desk, server.desk.clock.now)
        let (hold, invoice) = try await desk.store.transaction { tx -> (PaymentID, InvoiceID) in
            guard let row = try tx.find(AccountRecord.self, account) else { throw Trouble("no account") }
            var holds: [PaymentID] = []
            for hours in [23, 25] as [Int64] {
                var machine = Payment()
                _ = try machine.apply(.authorize)
                _ = try machine.apply(.approved(Payment.Authorization(amount: .eur(40_00))))
                let payment = PaymentRecord(
                    id: desk.ids.new(at: now), organisation: organisation, purpose: .session, source: .card,
                    status: machine.state.rawValue, machine: machine, currency: .eur, amountMinor: 40_00,
                    capturedMinor: 0, captureBefore: now + .hours(hours), createdAt: now)
                try tx.insert(payment)
                holds.append(payment.id)
            }
            let document = DocumentRecord(
                id: "inv_01TEST", organisation: organisation, kind: "invoice", series: "INV", number: 1,
                label: "INV-1", account: account, currency: .eur, grossMinor: 11_90,
                content: try Self.month(of: row, at: now), hash: "",
                previousHash: "", issuedAt: now)
            try tx.file(document)
            let invoice = InvoiceRecord(
                id: desk.ids.new(at: now), account: row, period: "2026-10", document: document,
                net: .eur(10_00),
                tax: .eur(1_90), dueAt: now - .hours(1))
            try tx.insert(invoice)
            return (holds[0], invoice.id)
        }

        for _ in 0..<2 { _ = try await Sweeps(desk: desk).round() }

        let expiring = try await client.get("/v1/events?type=hold.expiring")
        #expect(expiring["data"]?.array?.compactMap { $0["object"]?.string } == [hold.text])
        let overdue = try await client.get("/v1/events?type=invoice.overdue")
        #expect(overdue["data"]?.array?.compactMap { $0["object"]?.string } == [invoice.text])

        let shown = try await client.get("/v1/invoices/\(invoice)")
        #expect(shown["customer"]?["name"] == "Kim")
        #expect(shown["lines"]?.array?.first?["energy_wh"] == 20_000)
        #expect(shown["taxes"]?.array?.first?["amount"]?["amount"] == 1_90)
        let page = try await client.get("/v1/invoices/\(invoice)/html")
        #expect(page.status == 200 && page.text.contains("Invoice INV-1") && page.text.contains("11.90 EUR"))
        let same = try await client.get("/v1/invoices/\(invoice)", headers: ["Accept": "text/html"])
        #expect(same.text == page.text)
        let pdf = try await client.get("/v1/invoices/\(invoice)/pdf")
        #expect(pdf.status == 200 && pdf.body.starts(with: Array("%PDF-".utf8)))
        let stranger = try await server.tenant().client
        for path in ["", "/html", "/pdf"] {
            #expect(try await stranger.get("/v1/invoices/\(invoice)\(path)").status == 404, "\(path)")
        }
        let mailed = try await client.post("/v1/invoices/\(invoice)/send", [:])
        #expect(mailed.code == "mail_not_configured")

        let path = "/v1/invoices/\(invoice)/payments"
        let much = try await client.post(
            path, ["amount": AccountBench.euros(11_91), "line": "b-1"], key: "1")
        let part = try await client.post(
            path, ["amount": AccountBench.euros(10_00), "line": "b-1"], key: "2")
        let again = try await client.post(
            path, ["amount": AccountBench.euros(10_00), "line": "b-1"], key: "3")
        let rest = try await client.post(path, ["amount": AccountBench.euros(1_90), "line": "b-2"], key: "4")
        #expect(much.code == "amount_too_large")
        #expect(part["paid"]?["amount"] == 10_00, "\(part.text)")
        #expect(again["paid"]?["amount"] == 10_00, "a line of the bank is booked once")
        #expect(rest["status"] == "paid")
    }

    /// An invoice for one session of 20 kWh.
    private static func month(of account: AccountRecord, at now: Instant) throws -> [UInt8] {
        let line = Invoice.Line(
            session: nil, startedAt: now, energy: Energy(wattHours: 20_000), net: .eur(10_00))
        let invoice = try Invoice(
            [line], bases: [(rate: TaxRate(percent: 19), base: .eur(10_00))], in: .eur,
            Invoice.Parts(
                number: "INV-1", issuedAt: now, dueAt: now, period: "2026-10",
                seller: Receipt.Seller(
                    legalName: "Harbour", address: "Kai 1", vatID: nil, supportPhone: nil, email: nil),
                customer: Invoice.Customer(name: account.name, address: nil, vatID: nil)))
        return Array(try JSONEncoder().encode(invoice))
    }

    @Test("a dispute is answered only by who names it twice, and only while it can be")
    func disputes() async throws {
        let server = try await APIServer.shared()
        let (client, organisation) = try await server.tenant()
        let (desk, now) = (server.desk, server.desk.clock.now)
        let id = try await desk.store.transaction { tx -> DisputeID in
            let payment = PaymentRecord(
                id: desk.ids.new(at: now), organisation: organisation, purpose: .session, source: .card,
                status: "created", machine: Payment(), currency: .eur, amountMinor: 40_00, capturedMinor: 0,
                createdAt: now)
            try tx.insert(payment)
            let dispute = DisputeRecord(
                id: desk.ids.new(at: now), of: payment, reference: "d",
                machine: Dispute(.eur(40_00), isInquiry: false),
                fee: .eur(0), reason: "fraudulent", dueAt: nil, at: now)
            try tx.insert(dispute)
            return dispute.id
        }
        let path = "/v1/disputes/\(id)"

        let unsaid = try await client.post(path + "/evidence/submit", ["confirm": "dsp_01OTHER"])
        let early = try await client.post(path + "/evidence/submit", ["confirm": .string(id.text)])
        let other = try await server.tenant().client.post(path + "/accept", ["confirm": .string(id.text)])
        #expect(unsaid.code == "invalid_field")
        #expect(early.code == "invalid_state", "its papers are not gathered yet")
        #expect(early["state"] == "not_assembled")
        #expect(other.code == "not_found")
        #expect(try await client.post(path + "/accept", ["confirm": .string(id.text)]).status == 200)
    }

    @Test("a person of an account is made, handed out and erased; the books stay as they are")
    func drivers() async throws {
        let server = try await APIServer.shared()
        let client = try await server.tenant().client
        let bench = try await AccountBench(server, client, account: Self.prepaid)
        _ = try await bench.wallet(45_00)
        _ = try await client.post(
            "/v1/tokens", ["kind": "rfid", "uid": "04DEADBEEF01", "account": .string(bench.account)])
        let driver = try await client.made(
            "/v1/accounts/\(bench.account)/drivers", ["name": "Kim Doe", "email": "kim@example.org"])
        let changed = try await client.patch("/v1/drivers/\(driver)", ["language": "de"], version: 1)
        #expect(changed["language"] == "de")
        let export = try await client.get("/v1/drivers/\(driver)/export")
        #expect(export["driver"]?["email"] == "kim@example.org")
        #expect(export["tokens"]?.array?.count == 1)
        let books = try await client.get("/v1/ledger/export?format=hledger")

        let erased = try await client.post("/v1/drivers/\(driver)/erase")
        let again = try await client.post("/v1/drivers/\(driver)/erase")

        #expect(erased.status == 200, "\(erased.text)")
        #expect(again["erased_at"] == erased["erased_at"])
        let account = try await client.get("/v1/accounts/\(bench.account)")
        #expect(account["name"] == "")
        #expect(try await client.get("/v1/ledger/export?format=hledger").text == books.text)
        var left: [String] = []
        left = try await server.desk.store.read { tx in
            var found: [String] = []
            try tx.forEachText { table, column, bytes in
                let text = String(decoding: bytes, as: UTF8.self)
                if ["Kim Doe", "kim@example.org", "04DEADBEEF01"].contains(where: text.contains) {
                    found.append("\(table).\(column)")
                }
            }
            return found
        }
        #expect(left.allSatisfy { $0.hasPrefix("idempotent") }, "\(left)")
        #expect(
            try await client.patch("/v1/drivers/\(driver)", ["name": "x"], version: 3).code == "invalid_state"
        )
    }

    @Test("a gateway's report is taken in, each line once")
    func settlement() async throws {
        let server = try await APIServer()
        let client = APIClient(url: server.url, key: "a key that the first operator chose")
        let accounts = try await client.get("/v1/gateway_accounts")
        let account = try #require(accounts["data"]?[0]?["id"])
        let report: JSON = [
            "gateway_account": account, "balance": AccountBench.euros(6_75),
            "lines": [
                [
                    "line": "l-1", "kind": "adjustment", "gross": AccountBench.euros(7_00),
                    "fee": AccountBench.euros(25), "occurred_at": "2026-11-01T00:00:00.000Z",
                ]
            ],
        ]

        let first = try await client.post("/v1/settlements", report, key: "1")
        let second = try await client.post("/v1/settlements", report, key: "2")

        #expect(first.status == 201, "\(first.text)")
        #expect(first["data"]?[0]?["lines"] == 1)
        #expect(second["data"]?[0]?["lines"] == 0)
        #expect(second["data"]?[0]?["clearing"]?["ours"]?["amount"] == 6_75)
        #expect(second["data"]?[0]?["clearing"]?["unexplained"]?["amount"] == 0)
    }
}
