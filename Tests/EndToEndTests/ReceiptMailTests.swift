// SPDX-License-Identifier: Apache-2.0

import Digests
import Foundation
import JSONText
import Testing

/// Receipts by mail through a mail server that we did not write (aiosmtpd).
@Suite("Receipts by mail, end to end", .serialized, .withPeers)
struct ReceiptMailTests {
    private static let sink = "Tests/Peers/mail/mail_sink.py"
    private static let login = ["--user", "amptill", "--password", "s@fe word"]

    @Test(
        "F61: a receipt waits for the mail server, arrives with its PDF, and again with the same number; a bounce is seen",
        .timeLimit(.minutes(3)), arguments: Engine.available)
    func receipt(engine: Engine) async throws {
        // A port on which nobody answers yet.
        let port = try FreePort.next()
        let database = try await engine.freshDatabase()
        let server = try await ServerProcess(
            database: database.address, options: ["--clock-rate", "10"],
            environment: [
                "AMPTILL_SMTP_URL": "smtp://amptill:s%40fe%20word@127.0.0.1:\(port)",
                "AMPTILL_MAIL_FROM": "receipts@charge.example",
            ])
        let network = try await Network.build(at: server.url)
        let office = network.operatorClient
        let receipt = try await visit(network, email: "later-kim@example.org")
        let path = "/v1/receipts/\(receipt)"
        let waiting = try await office.poll("/v1/mails?object=\(receipt)") {
            ($0["data"]?[0]?["attempts"]?.int64 ?? 0) > 0
        }
        #expect(waiting["data"]?[0]?["status"]?.string == "waiting")

        // It is there now, wants to know who we are, and puts the first try off.
        let sink = try PythonProcess(Self.sink, ["--port", String(port)] + Self.login)
        _ = try await sink.line(with: "listens")
        // The pauses between the tries grow, and nobody knows how many were made: an hour goes by until it has come.
        for _ in 0..<60 where !sink.told.contains(where: { $0["received"] != nil }) {
            #expect(try await office.post("/v1/test/clock/advance", ["by_s": 3600]).status == 200)
            try await Task.sleep(for: .seconds(1))  // what became due takes a moment
        }
        let mail = try await sink.line(with: "received", within: .seconds(30))
        let number = try #require(try await office.get(path).json["number"]?.string)
        #expect(mail["received"]?.array?.compactMap(\.string) == ["later-kim@example.org"])
        #expect(mail["envelope_from"]?.string == "receipts@charge.example")
        #expect(mail["headers"]?["subject"]?.string?.contains(number) == true)
        #expect(mail["headers"]?["from"]?.string?.hasSuffix("<receipts@charge.example>") == true)
        let names = Set(mail["names"]?.array?.compactMap(\.string) ?? [])
        #expect(names.isSuperset(of: ["date", "message-id", "to", "mime-version", "auto-submitted"]))
        let parts = mail["parts"]?.array ?? []
        #expect(parts.compactMap { $0["type"]?.string } == ["text/plain", "text/html", "application/pdf"])
        #expect(parts.first?["text"]?.string?.contains(number) == true)
        #expect(parts.first?["text"]?.string?.contains("4.90") == true)
        #expect(parts.last?["filename"]?.string == number + ".pdf")
        let pdf = try await office.get(path + "/pdf", accept: "application/pdf").body
        #expect(
            parts.last?["sha256"]?.string == SHA256Digest.hex(of: Array(pdf)), "the bytes that everybody gets"
        )

        let again = try await office.post(path + "/send", ["email": "second@example.org"])
        #expect(again.status == 202, "\(again.text)")
        try await settled(again, "sent", office)
        let second = try #require(sink.told.last { $0["received"] != nil })
        #expect(second["headers"]?["subject"] == mail["headers"]?["subject"])
        #expect(second["parts"]?[2]?["sha256"] == parts.last?["sha256"])
        #expect(second["headers"]?["message-id"] != mail["headers"]?["message-id"])

        let bounced = try await office.post(path + "/send", ["email": "refused@example.org"])
        let failed = try await settled(bounced, "failed", office)
        #expect(failed["answer"]?.string == "550")
        let work = try await office.get("/v1/work_items").json
        #expect(
            work["data"]?.array?.contains { $0["reason"]?.string == "mail_failed" } == true, "\(work.text())")
        let injected = try await office.post(
            path + "/send", ["email": "kim@example.org\r\nBcc: all@example.org"])
        #expect(injected.status == 400)

        try await Accounts.check(network, database: database)
        await server.stop()
        #expect(!server.log.joined().contains("example.org"), "no address in the log")
    }

    @Test("a mail server whose line is not encrypted, or of which there is half a setting, is no mail server")
    func settings() async throws {
        let database = try await Engine.sqlite.freshDatabase()
        let half = try await start(database, ["AMPTILL_SMTP_URL": "smtp://name:pass-word@mail.example"])
        #expect(half.status == 2 && half.errors.contains("AMPTILL_MAIL_FROM"))
        let other = try await start(
            database,
            [
                "AMPTILL_SMTP_URL": "http://name:pass-word@mail.example",
                "AMPTILL_MAIL_FROM": "a@charge.example",
            ])
        #expect(other.status == 2 && other.errors.contains("AMPTILL_SMTP_URL"))
        let sender = try await start(
            database, ["AMPTILL_SMTP_URL": "smtp://mail.example", "AMPTILL_MAIL_FROM": "nobody"])
        #expect(sender.status == 2 && sender.errors.contains("AMPTILL_MAIL_FROM"))
        for result in [half, other, sender] {
            #expect(!result.errors.contains("pass-word"))
            #expect(result.errors.split(separator: "\n").count == 1, "\(result.errors)")
        }
    }

    private func start(
        _ database: Database, _ environment: [String: String]
    ) async throws -> (status: Int32, output: String, errors: String) {
        try await ServerProcess.run(
            ["serve", "--port", "0", "--database", database.address], environment: environment)
    }

    @discardableResult
    private func settled(_ answer: Client.Answer, _ status: String, _ office: Client) async throws -> JSON {
        let id = try #require(answer.json["id"]?.string, "\(answer.text)")
        return try await office.poll("/v1/mails/\(id)") { $0["status"]?.string == status }
    }

    /// 10 kWh at 0.49; gives the receipt.
    private func visit(_ network: Network, email: String) async throws -> String {
        let (code, password) = try await network.addStation("MAIL-1")
        let charger = try ChargerProcess(
            "MAIL-1", version: "1.6", at: network.server,
            options: ["--password", password, "--kwh", "10", "--minutes", "4", "--speed", "10", "--stay"])
        _ = try await charger.event("boot")
        let guest = try await Guest.scan(code, at: network.server, email: email)
        try await guest.pay()
        let settled = try await guest.wait(for: "settled", within: .seconds(60))
        charger.stop()
        return try #require(settled["receipt"]?.string)
    }
}
