// SPDX-License-Identifier: Apache-2.0

import Foundation
import JSONText
import Testing

/// The stations of `Tests/Peers/charger/misbehaving.py`, each wrong in one way that real stations are: every visit ends in
/// exactly one session with the energy that the registers prove, or on a person's list, never in silence.
@Suite("Stations that misbehave", .serialized)
struct MisbehavingStationTests {
    @Test(
        "each visit ends in one session with the proven energy, or with a person", .timeLimit(.minutes(4)),
        arguments: Engine.available, ["1.6", "2.0.1"])
    func play(engine: Engine, version: String) async throws {
        let database = try await engine.freshDatabase()
        let first = try await ServerProcess(database: database.address)
        let site = try await Network.build(at: first.url).site
        await first.stop()
        // A quarter of an hour, after which an incomplete session of a connected station is final, passes in 15 seconds.
        var server = try await ServerProcess(
            database: database.address,
            options: ["--unknown-stations", "admit:\(site)", "--clock-rate", "60"])
        let driver = Network(
            server: server.url, operatorClient: Client(server: server.url, key: ServerProcess.operatorKey),
            site: site, tariff: "")
        _ = try await driver.addDriver(card: "TAG1", wallet: 10_000_00)
        let verdicts = try await Self.verdicts(of: version, at: server.url)
        await server.stop()
        // A day, for which the end of a station that went away is waited for, passes in 24 seconds.
        server = try await ServerProcess(database: database.address, options: ["--clock-rate", "3600"])
        let client = Client(server: server.url, key: ServerProcess.operatorKey)
        let network = Network(server: server.url, operatorClient: client, site: site, tariff: "")

        #expect(verdicts.count == 16)
        let stations = try await Self.stations(client)
        for verdict in verdicts {
            try await Self.judge(verdict, stations, client)
        }
        try await Accounts.check(network, database: database)
        await server.stop()
    }

    /// Plays all scenarios and gives what each is to be compared with.
    private static func verdicts(of version: String, at server: URL) async throws -> [JSON] {
        let python = try #require(ChargerProcess.python)
        let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("Peers/charger/misbehaving.py")
        let socket = server.absoluteString.replacingOccurrences(of: "http://", with: "ws://") + "/ocpp"
        let run = try await ServerProcess.runTool(
            python, [script.path, "--url", socket, "--version", version, "all"])
        let events = run.output.split(separator: "\n").compactMap { try? JSON.parse(Array($0.utf8)) }
        for broken in events where broken["event"]?.string == "broken" {
            Issue.record("\(version): \(broken["complaint"]?.string ?? "")")
        }
        #expect(run.status == 0, "\(run.errors)")
        if version != "1.6" { try expectCostAtTheEnd(of: events) }
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

    /// Compares what a station really did with what is billed, or asked of a person.
    private static func judge(_ verdict: JSON, _ stations: [String: String], _ client: Client) async throws {
        let identity = verdict["station"]?.string ?? ""
        let scenario = Comment(
            rawValue: "\(verdict["scenario"]?.string ?? "") \(verdict["version"]?.string ?? "")")
        let ids = stations.filter { $0.key == identity || $0.key.hasPrefix(identity + "-") }.map(\.value)
        let isOver = ["final", "in_review", "start_failed"]
        let all = try await client.poll("/v1/sessions?limit=200", within: .seconds(60)) {
            visits(in: $0, of: ids).allSatisfy { isOver.contains($0["status"]?.string ?? "") }
        }
        let sessions = visits(in: all, of: ids)
        let energy = sessions.compactMap { $0["energy_wh"]?.int64 }.reduce(0, +)
        let isReviewed = sessions.contains { $0["status"]?.string == "in_review" }
        if verdict["truth"]?["review"]?.bool == true {
            let items = try await client.get("/v1/work_items?limit=200").json.text()
            let objects = sessions.compactMap { $0["id"]?.string } + ids
            #expect((objects + [identity]).contains { items.contains($0) }, scenario)
            #expect(sessions.isEmpty || isReviewed, scenario)
        } else {
            #expect(!isReviewed, scenario)
            #expect(energy == verdict["truth"]?["provable_wh"]?.int64, scenario)
            #expect(sessions.count == verdict["truth"]?["sessions"]?.int64.map(Int.init), scenario)
        }
    }

    private static func visits(in list: JSON, of stations: [String]) -> [JSON] {
        (list["data"]?.array ?? []).filter { stations.contains($0["station"]?.string ?? "") }
    }
}
