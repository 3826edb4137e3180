// SPDX-License-Identifier: Apache-2.0

import Foundation
import JSONText
import Testing

/// No card number is kept, wherever one is planted (I29, PC-2 of compliance.md). The numbers are public test numbers.
@Suite("Card numbers planted everywhere", .serialized, .withPeers)
struct CardPlantingTests {
    private static let cards = [
        "4242424242424242", "5555-5555-5555-4444", "3782 822463 10005", "6011111111111117",
    ]

    @Test(
        "API, pages, frames and webhooks: nothing is stored, logged or exported", .timeLimit(.minutes(3)),
        arguments: Engine.available)
    func everywhere(engine: Engine) async throws {
        let database = try await engine.freshDatabase()
        let server = try await ServerProcess(
            database: database.address, environment: ["AMPTILL_LOG_LEVEL": "trace"])
        let network = try await Network.build(at: server.url)
        let (code, password) = try await network.addStation("CARD-1")
        for card in Self.cards {
            try await plantInRequests(card, network, code)
            try await plantInFrames(card, server, password)
            try await plantInWebhooks(card, server, network)
        }
        let audit = try await ServerProcess.run(["audit", "--cards", "--database", database.address])
        #expect(audit.status == 0, "\(audit.output)\(audit.errors)")
        #expect(audit.output.contains("no card number found"))
        for line in server.log {
            for card in Self.cards { #expect(!line.contains(card), "a log line holds \(card.suffix(4))") }
        }
        await server.stop()
        // The search does find what is there.
        let log = FileManager.default.temporaryDirectory.appending(path: "\(UUID().uuidString).log")
        try Data("paid with 4242 4242 4242 4242\n".utf8).write(to: log)
        defer { try? FileManager.default.removeItem(at: log) }  // what is left is the system's to clean up
        let found = try await ServerProcess.run([
            "audit", "--cards", "--database", database.address, "--log", log.path(),
        ])
        #expect(found.status == 1)
        #expect(found.output.contains("1\tlog"))
        #expect(!found.output.contains("4242 4242"))
    }

    private func plantInRequests(_ card: String, _ network: Network, _ code: String) async throws {
        let client = network.operatorClient
        let text = JSON.string("note \(card)")
        let bodies: [(String, JSON)] = [
            ("/v1/accounts", ["kind": "personal", "name": text, "funding": "wallet"]),
            ("/v1/tokens", ["kind": "rfid", "uid": .string(card), "account": "acc_1"]),
            ("/v1/sites", ["name": text]), ("/v1/tariffs", ["name": text, "currency": "EUR"]),
            ("/v1/checkouts", ["evse": .string(card)]), ("/v1/api_keys", ["scope": "service", "name": text]),
            ("/v1/payments/pay_1/refunds", ["reason": text]),
            ("/v1/work_items/wki_1/decide", ["decision": text]),
            ("/v1/gateway_accounts", ["kind": "stripe", "name": "X", "secret": text]),
            ("/v1/stations", ["site": "site_1", "ocpp_identity": .string(card)]),
            ("/v1/accounts", ["metadata": .object([JSON.Member(card, "x")])]),
        ]
        for (path, body) in bodies {
            let answer = try await client.post(path, body, idempotencyKey: UUID().uuidString)
            #expect(answer.json["code"]?.string == "card_number_in_request", "\(path): \(answer.text)")
            #expect(!answer.text.contains(card), "\(path)")
        }
        let escaped = card.replacingOccurrences(of: " ", with: "%20")
        for path in ["/v1/sessions/\(escaped)", "/v1/sessions?status=\(escaped)", "/v1/evses/\(escaped)"] {
            let answer = try await client.get(path)
            #expect(answer.status >= 400)
            #expect(!answer.text.contains(card), "\(path): \(answer.text)")
        }
        let key = try await client.post("/v1/checkouts", ["evse": .string(code)], idempotencyKey: card)
        #expect(key.json["code"]?.string == "card_number_in_request")
        _ = try await client.submit("/e/\(code)", ["email": card, "limit": card])
        _ = try await Client(server: network.server, key: nil).get("/e/\(escaped)", accept: "text/html")
        _ = try await Client(server: network.server, key: card).get("/v1/sessions")
    }

    private func plantInFrames(_ card: String, _ server: ServerProcess, _ password: String) async throws {
        let python = try #require(ChargerProcess.python, "AMPTILL_PYTHON is not set; run make test")
        let script = URL(filePath: #filePath).deletingLastPathComponent().appending(
            path: "../Peers/ocpp/send_frames.py")
        let boot = #"[2,"b","BootNotification",{"chargePointVendor":"V","chargePointModel":"\#(card)"}]"#
        let frames = [
            boot, #"[2,"a","Authorize",{"idTag":"\#(card)"}]"#,
            #"[2,"s","StartTransaction",{"connectorId":1,"idTag":"\#(card)","meterStart":1,"timestamp":"2026-11-27T20:00:00Z"}]"#,
            #"[2,"n","StatusNotification",{"connectorId":1,"errorCode":"NoError","status":"Available","info":"\#(card)"}]"#,
            #"[2,"d","DataTransfer",{"vendorId":"x","data":"\#(card)"}]"#, #"[2,"\#(card)","Heartbeat",{}]"#,
            #"[2,"u","\#(card)",{}]"#, card, #"{"what":"\#(card)"}"#,
        ]
        let input = frames.map { JSON.string($0).text() + "\n" }.joined()
        let url = server.url.absoluteString.replacing("http://", with: "ws://") + "/ocpp"
        let sent = try await ServerProcess.runTool(
            python,
            [script.path(), "--url", url, "--id", "CARD-1", "--password", password, "--timeout", "3"],
            input: input)
        #expect(sent.output.contains(#""a""#) || sent.output.contains("sent"), "\(sent.errors)")
        // The id of a message is its own affair: the answer bears it.
        #expect(sent.output.contains("currentTime"), "\(sent.output)")
    }

    /// A webhook whose signature is good, and that holds a card number: believed, and kept without it.
    private func plantInWebhooks(_ card: String, _ server: ServerProcess, _ network: Network) async throws {
        let python = try #require(ChargerProcess.python, "AMPTILL_PYTHON is not set; run make test")
        let name = "Shop\(card.utf8.reduce(0) { Int($0) + Int($1) })"
        let account = try await network.operatorClient.created(
            "/v1/gateway_accounts",
            ["kind": "stripe", "name": .string(name), "secret": "sk_1", "webhook_secret": "whsec_1"])
        let body =
            #"{"id":"evt_\#(name)","object":"event","created":1,"type":"charge.succeeded","data":{"object":{"note":"\#(card)"}}}"#
        let script = URL(filePath: #filePath).deletingLastPathComponent().appending(
            path: "../Peers/gateways/signatures.py")
        let wish: JSON = [
            "do": "stripe-sign", "body": .string(body), "secret": "whsec_1",
            "time": JSON(Int64(Date().timeIntervalSince1970)),
        ]
        let signed = try await ServerProcess.runTool(python, [script.path()], input: wish.text() + "\n")
        let header = signed.output.trimmingCharacters(in: .whitespacesAndNewlines)
        let answer = try await Client(server: server.url, key: nil).send(
            "POST", "/v1/hooks/\(account)", body: Array(body.utf8),
            headers: ["Stripe-Signature": header, "X-Note": card])
        #expect(answer.status == 200, "\(answer.text) \(signed.errors)")
    }
}
