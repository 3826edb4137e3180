// SPDX-License-Identifier: Apache-2.0
import Billing
import Foundation
import JSONText
import Quantities
import Storage
import Testing
import Web

@Suite("API: checkout", .timeLimit(.minutes(2)))
struct APICheckoutTests {
    /// A server whose background work runs, with a demonstration network on the Sandbox.
    private static let working = Task { () -> (server: APIServer, code: @Sendable (Int) -> String) in
        let server = try await APIServer(works: true)
        let organisation = try await server.desk.store.read { tx in try tx.organisations().first }
        let seeded = try await SeedDemonstration(desk: server.desk)(in: try #require(organisation?.id))
        let codes = seeded.stations.map(\.code)
        return (server, { codes[$0] })
    }

    private func open(_ server: APIServer, _ code: String) async throws -> (client: APIClient, json: JSON) {
        let opened = try await server.anonymous.post(
            "/v1/checkouts", ["evse": .string(code), "language": "de"], key: UUID().uuidString)
        try #require(opened.status == 201, "\(opened.text)")
        return (APIClient(url: server.url, key: opened["guest_token"]?.string), opened.json)
    }

    @Test("a guest opens, pays and gives up; the hold is placed and released")
    func payAndCancel() async throws {
        let (server, code) = try await Self.working.value
        let (guest, opened) = try await open(server, code(0))
        let path = "/v1/checkouts/\(opened["id"]?.string ?? "")"
        #expect(opened["status"] == "quoted")
        #expect(opened["track_url"]?.string?.hasPrefix(server.url.absoluteString + "/s/") == true)
        #expect(opened["quote"]?["prices"]?[0]?["price"] == "0.49")

        let accept: JSON = [
            "accept_quote": opened["quote"]?["hash"] ?? .null, "method": "card", "auto_start": false,
            "consent_off_session": true,
        ]
        let paid = try await guest.post(path + "/pay", accept, key: "pay-1")
        let page = try #require(paid["next_action"]?["url"]?.string, "\(paid.text)")
        #expect(paid.status == 200)
        #expect(paid["status"] == "funding")
        let again = try await guest.post(path + "/pay", accept, key: "pay-1")
        #expect(again["payment"] == paid["payment"], "the same key is the same payment")

        try await TestGateway(desk: server.desk).choose("ok", on: page)
        let funded = try await until("funded", path, guest)
        #expect(funded["held"]?["amount"] == 4000)
        #expect(funded["next_action"] == .null)
        #expect(funded["release"] == .null)
        let id = try #require(opened["id"]?.string.flatMap { CheckoutID($0) })
        let consent = try await server.desk.store.read { tx in try tx.method(of: id)?.consent }
        #expect(consent?.textVersion == "api-2026-12" && consent?.maximumMinor == 120_00)
        let late = try await guest.post(path + "/pay", accept, key: "pay-2")
        #expect(late.code == "invalid_state")
        #expect(late["state"] == "funded")

        // The charger did not start: the hold stands for another try, and goes back by itself afterwards.
        try await server.desk.store.transaction { tx in
            guard var row = try tx.lock(CheckoutRecord.self, id: id) else { return }
            row.startFailedAt = server.desk.clock.now
            try tx.update(&row)
        }
        let failed = try await guest.get(path)
        #expect(failed["status"] == "start_failed")
        #expect(failed["release"] == ["status": "scheduled", "at": failed["retry_until"] ?? .null])
        _ = try await guest.post(path + "/cancel")
        var last = try await guest.get(path)
        while last["released_at"]?.string == nil { last = try await guest.get(path + "?wait=1") }
        #expect(last["status"] == "cancelled")
        #expect(last["held"] == .null)
        #expect(last["release"] == ["status": "done", "at": last["released_at"] ?? .null])
    }

    @Test("a live organisation that has the Sandbox by mistake sends nothing to it")
    func liveNeverReachesTheSandbox() async throws {
        let (server, _) = try await Self.working.value
        let (client, organisation) = try await server.tenant(.live)
        let (desk, now) = (server.desk, server.desk.clock.now)
        try await desk.store.transaction { tx in
            try tx.insert(
                GatewayAccountRecord(
                    id: desk.ids.new(at: now), organisation: organisation, kind: "sandbox", name: "Mistake",
                    secret: "s", webhookSecret: "w", baseUrl: "", createdAt: now))
        }
        let network = try await APINetwork(client, identity: "LIVE-1")
        let (guest, opened) = try await open(server, network.code)

        let paid = try await guest.post(
            "/v1/checkouts/\(opened["id"]?.string ?? "")/pay",
            ["accept_quote": opened["quote"]?["hash"] ?? .null], key: "live-1")
        let payment = try #require(paid["payment"]?.string)
        try await Task.sleep(for: .milliseconds(300))  // the courier would have sent it by then

        let known = try await desk.store.read { tx in try tx.sandboxObjects("payment").map(\.name) }
        #expect(!known.contains(payment))
    }

    @Test("a declined card is told in a sentence, and another payment is possible")
    func declined() async throws {
        let (server, code) = try await Self.working.value
        let (guest, opened) = try await open(server, code(1))
        let path = "/v1/checkouts/\(opened["id"]?.string ?? "")"
        let accept: JSON = ["accept_quote": opened["quote"]?["hash"] ?? .null, "auto_start": false]

        let paid = try await guest.post(path + "/pay", accept, key: "1")
        try await TestGateway(desk: server.desk).choose(
            "declined", on: try #require(paid["next_action"]?["url"]?.string))
        let back = try await until("quoted", path, guest)
        #expect(
            back["decline"]?["message"]
                == "Ihre Bank hat vorerst abgelehnt. Bitte versuchen Sie es später oder mit einer anderen Karte."
        )
        let second = try await guest.post(path + "/pay", accept, key: "2")

        #expect(second["status"] == "funding")
        #expect(second["payment"] != paid["payment"])
        _ = try await guest.post(path + "/cancel")
    }

    @Test("a long poll returns when the status changes, and not before")
    func longPoll() async throws {
        let server = try await APIServer()
        let network = try await APINetwork(server.tenant().client, identity: "POLL-1")
        let (guest, opened) = try await open(server, network.code)
        let path = "/v1/checkouts/\(opened["id"]?.string ?? "")"

        let started = ContinuousClock.now
        async let waiting = guest.get(path + "?wait=20")
        while server.door.hub.watcherCount == 0 { await Task.yield() }
        _ = try await guest.post(path + "/cancel")
        let answer = try await waiting

        #expect(answer["status"] == "cancelled")
        #expect(ContinuousClock.now - started < .seconds(15))
    }

    @Test("the one who charges there is told to whoever comes second")
    func occupied() async throws {
        let server = try await APIServer.shared()
        let (client, organisation) = try await server.tenant()
        let network = try await APINetwork(client, identity: "OCC-\(UUID().uuidString)")
        try await Self.runSession(at: network, of: organisation, on: server.desk)

        let refused = try await server.anonymous.post(
            "/v1/checkouts", ["evse": .string(network.code)], key: UUID().uuidString)
        let shown = try await server.anonymous.get("/v1/public/evses/\(network.code)")

        #expect(refused.code == "evse_occupied")
        #expect(refused["since"]?.string != nil)
        #expect(shown["in_use_since"] == refused["since"])
    }

    /// A session that runs at the network's EVSE.
    static func runSession(at network: APINetwork, of organisation: OrganisationID, on desk: Desk)
        async throws
    {
        let now = desk.clock.now
        let evse = network.evse
        try await desk.store.transaction { tx in
            guard let evse = try tx.find(EVSERecord.self, evse) else { return }
            let place = try Place(of: evse, in: tx)
            try tx.insert(
                SessionRecord(
                    id: desk.ids.new(at: now), organisation: organisation, site: place.site.id,
                    station: place.station.id, evse: evse.id, number: 1, status: .running,
                    folded: SessionFixture.empty, energy: .zero, startedAt: now, lastFactAt: now,
                    createdAt: now))
        }
    }

    private func until(_ status: String, _ path: String, _ client: APIClient) async throws -> APIClient.Answer
    {
        for _ in 0..<30 {
            let answer = try await client.get(path + "?wait=1")
            if answer["status"]?.string == status { return answer }
        }
        throw Trouble("\(path) never was \(status)")
    }
}
