// SPDX-License-Identifier: Apache-2.0

import Foundation
import JSONText
import Testing

/// The stations of `Tests/Peers/charger/misbehaving.py`, each wrong in one way that real stations are: every visit ends in
/// exactly one session with the energy that the registers prove and its price, or on a person's list, never in silence
/// and never charged twice. `amptill simulate charger` plays the same ones.
@Suite("Stations that misbehave", .serialized, .withPeers)
struct MisbehavingStationTests {
    /// Who plays them, in which version, against which database.
    struct Play: Sendable, CustomTestStringConvertible {
        enum Player: String, Sendable { case peer, simulation }

        var player: Player
        var version: String
        var engine: Engine

        var testDescription: String { "\(player.rawValue) \(version) \(engine)" }

        /// All versions by the peer, and by the simulation where it speaks otherwise; PostgreSQL once per dialect.
        static var all: [Play] {
            let onFile = ["1.6", "2.0.1", "2.1"].map { Play(player: .peer, version: $0, engine: .sqlite) }
            let simulated = ["1.6", "2.0.1"].map { Play(player: .simulation, version: $0, engine: .sqlite) }
            let onServer = ["1.6", "2.0.1"].map { Play(player: .peer, version: $0, engine: .postgres) }
            return onFile + simulated + (Engine.available.contains(.postgres) ? onServer : [])
        }
    }

    /// What each visit costs at 0.49 €/kWh, cents, tax included: 5 kWh are 2.45; 0.8 kWh 0.39; 4.5 kWh 2.205, rounded half
    /// up; 20 stations of the storm 1 kWh each. Those that a person must look at cost that once they have.
    private static let cents: [String: Int64] = [
        "lost-reply-resend": 245, "duplicate-stop": 245, "late-stop-after-offline": 245,
        "out-of-order-meter": 245,
        "unknown-transaction-stop": 0, "rejected-tag-delivers-energy": 39, "register-reset": 221,
        "rollover": 245,
        "missing-begin": 245, "kwh-unit-mix": 245, "clock-1970": 245, "status-before-stop": 245,
        "stop-without-start": 245, "meter-after-stop": 245, "zero-energy": 0, "reconnect-storm": 20 * 49,
    ]
    private static let opening: Int64 = 10_000_00

    @Test("the simulation knows the peer's scenarios by the same names")
    func names() async throws {
        func names(_ list: String) -> [String] {
            list.split(separator: "\n").compactMap { $0.split(separator: " ").first.map(String.init) }
        }
        let python = try #require(ChargerProcess.python)
        let peer = try await ServerProcess.runTool(python, [Self.script, "--list"])
        let ours = try await ServerProcess.run(["simulate", "charger", "--list"])
        #expect(names(ours.output) == names(peer.output))
        #expect(Set(names(peer.output)) == Set(Self.cents.keys))
    }

    @Test(
        "each visit ends in one session with its energy and price, or with a person", .timeLimit(.minutes(4)),
        arguments: Play.all)
    func play(_ play: Play) async throws {
        let database = try await play.engine.freshDatabase()
        let first = try await ServerProcess(database: database.address)
        let site = try await Network.build(at: first.url).site
        await first.stop()
        // The five quiet seconds after which a session is final are two and a half here: longer than a station takes from
        // one message to the next, also on a busy machine.
        var server = try await ServerProcess(
            database: database.address,
            options: ["--unknown-stations", "admit:\(site)", "--clock-rate", "2"])
        let driver = Network(
            server: server.url, operatorClient: Client(server: server.url, key: ServerProcess.operatorKey),
            site: site, tariff: "")
        let account = try await driver.addDriver(card: "TAG1", wallet: Int(Self.opening)).account
        let verdicts = try await Self.verdicts(of: play, at: server.url)
        await server.stop()
        // A day, for which the end of a station that went away is waited for, passes in 24 seconds.
        server = try await ServerProcess(database: database.address, options: ["--clock-rate", "3600"])
        let client = Client(server: server.url, key: ServerProcess.operatorKey)
        let network = Network(server: server.url, operatorClient: client, site: site, tariff: "")

        #expect(verdicts.count == 16)
        let stations = try await Self.stations(client)
        for verdict in verdicts { try await Self.judge(verdict, stations, client) }
        let settled = verdicts.filter { $0["truth"]?["review"]?.bool != true }
        try await Self.expectTaken(Self.sum(settled), from: account, client)
        try await Self.decide(account: account, client)
        try await Self.expectTaken(Self.sum(verdicts), from: account, client)
        for verdict in verdicts { try await Self.expectPrice(of: verdict, stations, client) }
        try await Accounts.check(network, database: database)
        await server.stop()
    }

    private static let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("Peers/charger/misbehaving.py").path

    /// Plays all scenarios and gives what each is to be compared with.
    private static func verdicts(of play: Play, at server: URL) async throws -> [JSON] {
        let socket = server.absoluteString.replacingOccurrences(of: "http://", with: "ws://") + "/ocpp"
        let run =
            switch play.player {
            case .peer:
                try await ServerProcess.runTool(
                    try #require(ChargerProcess.python),
                    [script, "--url", socket, "--version", play.version, "all"])
            case .simulation:
                try await ServerProcess.run([
                    "simulate", "charger", "--url", socket, "--version", play.version, "--misbehave", "all",
                ])
            }
        let events = run.output.split(separator: "\n").compactMap { try? JSON.parse(Array($0.utf8)) }
        for broken in events where broken["event"]?.string == "broken" {
            Issue.record("\(play.version): \(broken["complaint"]?.string ?? "")")
        }
        #expect(run.status == 0, "\(run.errors) \(events.filter { $0["broken"]?.array?.isEmpty == false })")
        if play.version != "1.6", play.player == .peer { try expectCostAtTheEnd(of: events) }
        return events.filter { $0["event"]?.string == "verdict" }
    }

    /// A session of which nothing but start and end was told: the answer to the end has the price of all of it, 5 kWh at
    /// 0.49 (I23).
    private static func expectCostAtTheEnd(of events: [JSON]) throws {
        let index = try #require(events.firstIndex { $0["scenario"]?.string == "duplicate-stop" })
        let start = events[..<index].lastIndex { $0["event"]?.string == "verdict" } ?? 0
        let ended = events[start..<index].first { event in
            event["sent"]?["eventType"]?.string == "Ended" && event["sent"]?["seqNo"]?.int64 == 1
        }
        #expect(try #require(ended)["reply"]?["totalCost"]?.text() == "2.45")
    }

    /// The ids of the stations by identity.
    private static func stations(_ client: Client) async throws -> [String: String] {
        let all = try await client.get("/v1/stations?limit=200").json["data"]?.array ?? []
        return Dictionary(
            uniqueKeysWithValues: all.map {
                ($0["ocpp_identity"]?.string ?? "", $0["id"]?.string ?? "")
            })
    }

    /// The stations of a scenario: one, or those of the storm.
    private static func ids(of verdict: JSON, _ stations: [String: String]) -> [String] {
        let identity = verdict["station"]?.string ?? ""
        return stations.filter { $0.key == identity || $0.key.hasPrefix(identity + "-") }.map(\.value)
    }

    private static func scenario(_ verdict: JSON) -> Comment {
        Comment(rawValue: "\(verdict["scenario"]?.string ?? "") \(verdict["version"]?.string ?? "")")
    }

    private static func sum(_ verdicts: [JSON]) -> Int64 {
        verdicts.reduce(0) { $0 + (cents[$1["scenario"]?.string ?? ""] ?? 0) }
    }

    /// Compares what a station really did with what is billed, or asked of a person.
    private static func judge(_ verdict: JSON, _ stations: [String: String], _ client: Client) async throws {
        let scenario = scenario(verdict)
        let ids = ids(of: verdict, stations)
        let isOver = ["final", "in_review", "start_failed"]
        let all = try await client.poll("/v1/sessions?limit=200", within: .seconds(60)) {
            visits(in: $0, of: ids).allSatisfy { isOver.contains($0["status"]?.string ?? "") }
        }
        let sessions = visits(in: all, of: ids)
        let energy = sessions.compactMap { $0["energy_wh"]?.int64 }.reduce(0, +)
        let isReviewed = sessions.contains { $0["status"]?.string == "in_review" }
        if verdict["truth"]?["review"]?.bool == true {
            let items = try await client.get("/v1/work_items?status=open&limit=200").json["data"]?.array ?? []
            let mine = items.filter { ids.contains($0["station"]?.string ?? "") }
            #expect(!mine.isEmpty, scenario)
            #expect(
                mine.allSatisfy { $0["decisions"]?.array?.isEmpty == false && $0["detail"] != nil }, scenario)
            #expect(sessions.isEmpty || isReviewed, scenario)
            #expect(sessions.allSatisfy { $0["bill"]?["total"]?["amount"] == nil }, scenario)
        } else {
            #expect(!isReviewed, scenario)
            #expect(energy == verdict["truth"]?["provable_wh"]?.int64, scenario)
            #expect(sessions.count == verdict["truth"]?["sessions"]?.int64.map(Int.init), scenario)
        }
    }

    /// The bills of a scenario come to what was computed by hand.
    private static func expectPrice(
        of verdict: JSON, _ stations: [String: String], _ client: Client
    ) async throws {
        let all = try await client.get("/v1/sessions?limit=200").json
        let bills = visits(in: all, of: ids(of: verdict, stations)).compactMap { $0["bill"] }
        let total = bills.compactMap { $0["total"]?["amount"]?.int64 }.reduce(0, +)
        #expect(total == cents[verdict["scenario"]?.string ?? ""], scenario(verdict))
    }

    /// What was taken from the driver's wallet in all: nothing twice, nothing in silence.
    private static func expectTaken(_ cents: Int64, from account: String, _ client: Client) async throws {
        let wallets = try await client.poll("/v1/accounts/\(account)/wallets", within: .seconds(20)) {
            $0["data"]?[0]?["posted"]?["amount"]?.int64 == opening - cents
        }
        #expect(wallets["data"]?[0]?["posted"]?["amount"]?.int64 == opening - cents)
    }

    /// A person goes through the list, most money first, and decides everything with one click each.
    private static func decide(account: String, _ client: Client) async throws {
        let usual = [
            "stop_conflict": "first_stop", "register_reset": "bill_as_measured",
            "two_scales": "bill_as_measured",
            "unpaid_energy": "bill_to_account", "no_clock": "bill_energy_only",
        ]
        let items = try await client.get("/v1/work_items?order=amount&limit=200").json["data"]?.array ?? []
        let amounts = items.map { $0["amount"]?["amount"]?.int64 ?? 0 }
        #expect(amounts == amounts.sorted(by: >))
        for item in items {
            let reason = item["reason"]?.string ?? ""
            let isUnknown = item["detail"]?.string?.contains("unknown-transaction-stop") == true
            var decision: JSON = [
                "decision": .string(usual[reason] ?? "waive"), "reason": "seen on the meter",
            ]
            switch reason {
            case "unpaid_energy":
                decision = [
                    "decision": "bill_to_account", "reason": "his card", "account": .string(account),
                ]
            case "orphan_end" where !isUnknown:
                decision = ["decision": "bill_as_measured", "reason": "both registers are there"]
            case "orphan_stop" where !isUnknown:
                decision = [
                    "decision": "bill_from_register", "reason": "photo of the meter",
                    "register_wh": 4_812_345,
                ]
            default: break
            }
            // One session may be in doubt for two reasons; the first answer closes both.
            let answer = try await client.post("/v1/work_items/\(item["id"]?.string ?? "")/decide", decision)
            #expect([200, 409].contains(answer.status), "\(reason): \(answer.text)")
        }
        let left = try await client.get("/v1/work_items?status=open").json["data"]?.array ?? []
        #expect(left.isEmpty, "\(left.map { $0.text() })")
    }

    private static func visits(in list: JSON, of stations: [String]) -> [JSON] {
        (list["data"]?.array ?? []).filter { stations.contains($0["station"]?.string ?? "") }
    }
}
