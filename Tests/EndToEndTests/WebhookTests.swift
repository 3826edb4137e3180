// SPDX-License-Identifier: Apache-2.0

import Foundation
import JSONText
import Quantities
import Testing

/// A subscriber in another language, which checks signatures by its own code, follows the real server.
@Suite("Webhooks, end to end", .serialized, .withPeers)
struct WebhookTests {
    @Test(
        "a subscriber hears of everything through an outage of two hours, in the order of each object",
        .timeLimit(.minutes(2)), arguments: Engine.available)
    func outage(engine: Engine) async throws {
        let database = try await engine.freshDatabase()
        let server = try await ServerProcess(
            database: database.address, options: ["--allow-private-webhooks"])
        let client = Client(server: server.url, key: ServerProcess.operatorKey)
        let receiver = "Examples/pay-python/webhook_receiver.py"
        // Its clock is not the server's, which jumps: the age of a signature says nothing here.
        let port = try FreePort.next()
        let first = try PythonProcess(receiver, ["--port", String(port), "--tolerance", "-1"])
        _ = try await first.line(with: "listens")
        let endpoint = try await client.post(
            "/v1/webhook_endpoints",
            ["url": .string("http://127.0.0.1:\(port)/hook"), "types": ["*"], "payload": "full"]
        ).json
        let secret = try #require(endpoint["secret"]?.string)
        try first.say(secret)

        var accounts = try await Accounts(5, client)
        for _ in 0..<3 { try await accounts.turn() }
        let early = try await Self.accountEvents(client)
        #expect(early.count >= 15)
        _ = try await client.poll("/v1/events?limit=1") { _ in
            Self.ids(first.told).isSuperset(of: Self.ids(early))
        }

        // Nobody is there for two hours, and things go on.
        await first.kill()
        for _ in 0..<12 {
            try await accounts.turn()
            let moved = try await client.post("/v1/test/clock/advance", ["by_s": 600])
            #expect(moved.status == 200, "\(moved.text)")
        }
        let down = try await Self.accountEvents(client)
        #expect(down.count >= 75)
        // It comes back. What waits may wait for hours more, but one event that is taken brings it all.
        let second = try PythonProcess(
            receiver, ["--port", String(port), "--tolerance", "-1", "--secret", secret])
        _ = try await second.line(with: "listens")
        var other = try await Accounts(1, client)
        try await other.turn()
        let events = try await Self.accountEvents(client)
        _ = try await client.poll("/v1/events?limit=1") { _ in
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
        withExtendedLifetime(database) {}
    }

    private static func ids(_ events: [JSON]) -> Set<String> { Set(events.compactMap { $0["id"]?.string }) }

    /// What happened to accounts, page by page: all of it after somebody subscribed.
    private static func accountEvents(_ client: Client) async throws -> [JSON] {
        var events: [JSON] = []
        var next: String? = "/v1/events?limit=200"
        while let path = next {
            let page = try await client.get(path).json
            events += page["data"]?.array ?? []
            next = page["next"]?.string
        }
        return events.filter { $0["type"]?.string?.hasPrefix("account.") == true }
    }

    /// Accounts that are blocked and let charge again, to have something to tell.
    private struct Accounts {
        private let client: Client
        private var ids: [String] = []
        private var version: Int64 = 1

        init(_ count: Int, _ client: Client) async throws {
            self.client = client
            for _ in 0..<count {
                ids.append(try await client.created("/v1/accounts", ["kind": "personal", "name": "Kim"]))
            }
        }

        mutating func turn() async throws {
            for account in ids {
                let status: JSON = version.isMultiple(of: 2) ? "active" : "blocked"
                let answer = try await client.send(
                    "PATCH", "/v1/accounts/\(account)", body: (["status": status] as JSON).serialized(),
                    headers: ["Content-Type": "application/json", "If-Match": "\"\(version)\""])
                guard answer.status == 200 else { throw Trouble("\(answer.status) \(answer.text)") }
            }
            version += 1
        }
    }
}
