// SPDX-License-Identifier: Apache-2.0

import Foundation
import JSONText
import Quantities
import Testing

/// A subscriber in another language, which checks signatures by its own code, follows the real server.
@Suite("Webhooks, end to end", .serialized)
struct WebhookTests {
    /// The clock runs 1440 times as fast: two hours are five seconds.
    @Test(
        "a subscriber hears of everything through an outage of two hours, in the order of each object",
        .timeLimit(.minutes(4)), arguments: Engine.available)
    func outage(engine: Engine) async throws {
        let database = try await engine.freshDatabase()
        let server = try await ServerProcess(
            database: database.address, options: ["--clock-rate", "1440", "--allow-private-webhooks"])
        let network = try await Network.build(at: server.url)
        let client = network.operatorClient
        let receiver = "Examples/pay-python/webhook_receiver.py"
        let first = try PythonProcess(receiver, ["--port", "0", "--tolerance", "-1"])
        let port = try #require(try await first.line(with: "listens")["listens"]?.int64)
        let endpoint = try await client.post(
            "/v1/webhook_endpoints",
            ["url": .string("http://127.0.0.1:\(port)/hook"), "types": ["*"], "payload": "full"]
        ).json
        let known = try #require(endpoint["created_at"]?.string.flatMap { Instant(iso8601: $0) })
        let secret = try #require(endpoint["secret"]?.string)
        try first.say(secret)

        let accounts = try await Accounts.make(3, client)
        var version: Int64 = 1
        for _ in 0..<4 { version = try await Accounts.turn(accounts, from: version, client) }
        let heard = try await client.poll("/v1/events?limit=200") {
            first.told.count > 6 && $0["data"] != nil
        }
        await first.kill()
        let start = try #require(Self.time(of: heard))
        var last = start
        while last - start < .hours(2) {
            // Six minutes of the server's clock between two turns: some twenty of them in the outage.
            try await Task.sleep(for: .milliseconds(250))
            version = try await Accounts.turn(accounts, from: version, client)
            last = Self.time(of: try await client.get("/v1/events?limit=1").json) ?? last
        }

        let second = try PythonProcess(
            receiver, ["--port", String(port), "--tolerance", "-1", "--secret", secret])
        _ = try await second.line(with: "listens")
        // What happened before anybody listened is in the list of events and was sent to nobody.
        let events = try await Self.allEvents(client).filter { event in
            event["created_at"]?.string.flatMap { Instant(iso8601: $0) }.map { $0 > known } ?? false
        }
        _ = try await client.poll("/v1/events?limit=1", within: .seconds(90)) { _ in
            Self.ids(first.told + second.told).isSuperset(of: Self.ids(events))
        }

        let told = first.told + second.told
        for object in Set(events.compactMap { $0["object"]?.string }) {
            let sequences = told.filter { $0["object"]?.string == object }.compactMap {
                $0["sequence"]?.int64
            }
            #expect(sequences == sequences.sorted(), "\(object): \(sequences)")
        }
        // What the subscriber holds is what the server says happened, word for word.
        let held = Dictionary(
            told.compactMap { event in event["id"]?.string.map { ($0, event["data"]) } },
            uniquingKeysWith: { $1 })
        for event in events { #expect(held[event["id"]?.string ?? ""] == event["data"]) }
        await server.stop()
    }

    private static func ids(_ events: [JSON]) -> Set<String> { Set(events.compactMap { $0["id"]?.string }) }

    private static func time(of page: JSON) -> Instant? {
        page["data"]?[0]?["created_at"]?.string.flatMap { Instant(iso8601: $0) }
    }

    /// Everything that happened, page by page.
    private static func allEvents(_ client: Client) async throws -> [JSON] {
        var events: [JSON] = []
        var next: String? = "/v1/events?limit=200"
        while let path = next {
            let page = try await client.get(path).json
            events += page["data"]?.array ?? []
            next = page["next"]?.string
        }
        return events
    }

    /// Accounts that are blocked and let charge again, to have something to tell.
    private enum Accounts {
        static func make(_ count: Int, _ client: Client) async throws -> [String] {
            var made: [String] = []
            for _ in 0..<count {
                made.append(try await client.created("/v1/accounts", ["kind": "personal", "name": "Kim"]))
            }
            return made
        }

        static func turn(_ accounts: [String], from version: Int64, _ client: Client) async throws -> Int64 {
            for account in accounts {
                let status: JSON = version.isMultiple(of: 2) ? "active" : "blocked"
                let answer = try await client.send(
                    "PATCH", "/v1/accounts/\(account)", body: (["status": status] as JSON).serialized(),
                    headers: ["Content-Type": "application/json", "If-Match": "\"\(version)\""])
                guard answer.status == 200 else { throw Trouble("\(answer.status) \(answer.text)") }
            }
            return version + 1
        }
    }
}
