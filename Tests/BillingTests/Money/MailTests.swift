// SPDX-License-Identifier: Apache-2.0

import Billing
import Foundation
import Quantities
import Receipts
import Simulation
import Storage
import Synchronization
import Testing

/// Receipts and notices by mail, with a mail server that says what the test wants.
@Suite("Mail", .timeLimit(.minutes(2)))
struct MailTests {
    @Test(
        "F61: a receipt is put off, sent, sent again and bounced: one number, and the money knows nothing of it"
    )
    func receipt() async throws {
        let sink = MailSink([.later("451: Failed sending data to the peer"), .taken, .taken, .refused("550")])
        let shop = try await Shop.open(mails: sink)
        let payment = try await visit(shop, "kim@example.org")
        try await shop.pass(.seconds(6))

        let document = try #require(
            try await shop.desk.store.read { tx in
                try tx.documents(of: payment.bill ?? BillID(at: .epoch, random: 1))
            }
            .first)
        let (first, second) = (sink.messages[0], sink.messages[1])
        #expect(first == second, "the same mail again, under the same name")
        #expect(first.to == MailAddress("kim@example.org"))
        #expect(first.subject.contains(document.label))
        let pdf = try await RenderReceipt(desk: shop.desk)(document, as: .pdf)
        #expect(first.attachments.map(\.bytes) == [pdf])
        #expect(first.attachments.map(\.name) == [document.label + ".pdf"])
        let gross = "9.80"
        #expect(first.text.contains(document.label) && first.text.contains(gross))
        #expect(first.html?.contains(document.label) == true && first.html?.contains(gross) == true)
        var mails = try await self.mails(shop)
        #expect(mails.map(\.status) == [.sent])
        #expect(
            mails[0].attempts == 2 && mails[0].recipient == nil, "what was sent needs no address any more")

        _ = try await SendMail(desk: shop.desk).document(document, to: nil)
        _ = try await shop.pass(.seconds(1))
        #expect(sink.messages[2].attachments == first.attachments, "the same document, with its number")
        #expect(sink.messages[2].id != first.id)
        let bounced = try await SendMail(desk: shop.desk).document(document, to: "nobody@example.org")
        try await shop.pass(.hours(13))
        mails = try await self.mails(shop)
        let failed = try #require(mails.first { $0.id == bounced.id })
        #expect(failed.status == .failed && failed.answer == "550" && failed.attempts == 1)
        #expect(try await shop.questions().contains("mail_failed"))
        #expect(sink.messages.count == 4, "what was refused for good is not tried again")

        let documents = try await shop.desk.store.read { tx in try tx.all(DocumentRecord.self) }
        #expect(documents == [document])
        #expect(try await shop.bill(of: payment).status == "settled")
        try await shop.isSound()
    }

    @Test(
        "a mail that nobody takes for three days is given up, at the pace of webhooks, and a person is told")
    func nobodyThere() async throws {
        let sink = MailSink([], otherwise: .later("Couldn't connect to server"))
        let shop = try await Shop.open(mails: sink)
        let payment = try await visit(shop, "kim@example.org")
        for _ in 0..<34 { try await shop.pass(.hours(3)) }
        let mail = try #require(try await mails(shop).first)
        #expect(mail.status == .failed && mail.attempts == 13 && mail.recipient == nil)
        #expect(sink.messages.count == 13)
        #expect(try await shop.questions().contains("mail_failed"))
        #expect(try await shop.bill(of: payment).status == "settled")
    }

    @Test("without a mail server nothing is put on its way, and who asks is told")
    func notConfigured() async throws {
        let shop = try await Shop.open()
        let payment = try await visit(shop, "kim@example.org")
        #expect(try await mails(shop).isEmpty)
        let documents = try await shop.desk.store.read { tx in try tx.all(DocumentRecord.self) }
        #expect(documents.count == 1)
        await #expect(throws: SendMail.Refusal.notConfigured) {
            try await SendMail(desk: shop.desk).document(documents[0], to: "kim@example.org")
        }
        #expect(try await shop.bill(of: payment).status == "settled")
    }

    @Test("who gave no address gets no mail, and can still ask for one; what is no address is refused")
    func noAddress() async throws {
        let sink = MailSink([])
        let shop = try await Shop.open(mails: sink)
        _ = try await visit(shop, nil)
        let document = try #require(
            try await shop.desk.store.read { tx in try tx.all(DocumentRecord.self) }.first)
        #expect(try await mails(shop).isEmpty)
        let mailer = SendMail(desk: shop.desk)
        await #expect(throws: SendMail.Refusal.noAddress) { try await mailer.document(document, to: nil) }
        await #expect(throws: SendMail.Refusal.badAddress) {
            try await mailer.document(document, to: "kim@example.org\r\nBcc: all@example.org")
        }
        _ = try await mailer.document(document, to: "kim@example.org")
        try await shop.work()
        #expect(sink.messages.count == 1)
    }

    @Test("an erased person gets no mail that was still on its way")
    func erased() async throws {
        let sink = MailSink([], otherwise: .later("421: Timeout was reached"))
        let shop = try await Shop.open(mails: sink)
        _ = try await visit(shop, "kim@example.org")
        try await shop.desk.store.transaction { tx in try tx.forgetRecipient("kim@example.org") }
        let tries = sink.messages.count
        try await shop.pass(.hours(13))
        #expect(sink.messages.count == tries)
        let mail = try #require(try await mails(shop).first)
        #expect(mail.status == .failed && mail.recipient == nil && mail.answer == "erased")
    }

    @Test("the operator hears of a subscriber that has failed")
    func webhookFailing() async throws {
        let sink = MailSink([])
        let shop = try await Shop.open(mails: sink)
        try await shop.desk.store.transaction { [organisation = shop.organisation] tx in
            guard var row = try tx.lock(OrganisationRecord.self, id: organisation) else { return }
            row.email = "office@harbour.example"
            try tx.update(&row)
        }
        var wish = Webhooks.Wish()
        (wish.types, wish.url) = (["*"], "https://subscriber.example/hook")
        let endpoint = try await Webhooks(desk: shop.desk).create(wish, by: shop.author)
        _ = try await Webhooks(desk: shop.desk).test(endpoint.id, by: shop.author)
        let worker = OutboxWorker(
            desk: shop.desk, couriers: [WebhookCourier(desk: shop.desk, sender: NobodyThere())])
        for _ in 0..<36 {
            while try await worker.round() > 0 {}
            try await shop.pass(.hours(3))
        }
        let message = try #require(sink.messages.first)
        #expect(sink.messages.count == 1)
        #expect(message.to == MailAddress("office@harbour.example"))
        #expect(message.text.contains("https://subscriber.example/hook"))
        #expect(message.text.contains(endpoint.id.text))
        #expect(message.attachments.isEmpty && message.html == nil)
    }

    @Test(
        "addresses are those that every mail server takes",
        arguments: [
            ("kim@example.org", true), ("kim.o'hara+receipts@mail.example.org", true),
            ("k@a-b.example", true),
            ("kim", false), ("kim@", false), ("@example.org", false), ("kim@localhost", false),
            ("kim@@example.org", false), ("kim..o@example.org", false), (".kim@example.org", false),
            ("kim@example..org", false), ("kim@example.org ", false),
            ("kim@example.org\r\nBcc: a@b.example", false),
            ("kim@example.org\u{0}", false), ("<kim@example.org>", false), ("kim,lee@example.org", false),
            ("\"kim\"@example.org", false), ("kïm@example.org", false), ("kim@exämple.org", false),
            (String(repeating: "k", count: 65) + "@example.org", false),
            ("k@" + String(repeating: "a", count: 250) + ".org", false),
        ])
    func addresses(text: String, isOne: Bool) {
        #expect((MailAddress(text) != nil) == isOne)
        #expect(MailAddress(text).map { "\($0)" } ?? "‹address›" == "‹address›", "it never prints itself")
    }

    @Test("a header is one line, whatever stands in a name")
    func headers() throws {
        let message = MailMessage(
            id: MailID(at: .epoch, random: 1), to: try #require(MailAddress("kim@example.org")),
            sender: "Harbour\r\nBcc: all@example.org", subject: "Receipt\u{2028}X\u{85}\u{0}", text: "",
            writtenAt: .epoch)
        #expect(message.sender == "Harbour  Bcc: all@example.org")
        #expect(message.subject == "Receipt X  ")
    }

    /// A guest's whole visit: 20 kWh at 0.49.
    private func visit(_ shop: Shop, _ email: String?) async throws -> PaymentRecord {
        let visit = try await OpenCheckout(desk: shop.desk)(
            .init(evseCode: shop.seeded.stations[0].code, email: email))
        let payment = try await shop.pay(visit, with: "ok")
        try await shop.charge(20_000, token: try #require(try await shop.takeStart()))
        return try await shop.row(payment)
    }

    private func mails(_ shop: Shop) async throws -> [MailRecord] {
        try await shop.desk.store.read { tx in try tx.all(MailRecord.self) }
    }
}

/// A mail server that says what it is told to say, in this order.
final class MailSink: MailSender {
    private struct State {
        var messages: [MailMessage] = []
        var answers: [MailOutcome]
    }

    private let state: Mutex<State>
    private let otherwise: MailOutcome

    init(_ answers: [MailOutcome], otherwise: MailOutcome = .taken) {
        state = Mutex(State(answers: answers))
        self.otherwise = otherwise
    }

    /// Everything that was brought here, whatever was answered.
    var messages: [MailMessage] { state.withLock(\.messages) }

    func send(_ message: MailMessage) async -> MailOutcome {
        state.withLock { state in
            state.messages.append(message)
            return state.answers.isEmpty ? otherwise : state.answers.removeFirst()
        }
    }
}

/// A subscriber that does not answer.
private struct NobodyThere: WebhookSender {
    func post(_ request: WebhookRequest) async -> WebhookAnswer { WebhookAnswer(error: "timeout") }
}
