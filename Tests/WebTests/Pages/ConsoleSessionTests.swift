// SPDX-License-Identifier: Apache-2.0
import Billing
import Foundation
import Quantities
import Storage
import Testing
import Web

@Suite("A session in the console", .timeLimit(.minutes(1)))
struct ConsoleSessionTests {
    @Test(
        "its page says in words why the station was asked to stop, in each language",
        arguments: StopCause.allCases)
    func stopCause(cause: StopCause) async throws {
        let (english, german): (String, String) =
            switch cause {
            case .requested: ("somebody wanted it", "jemand wollte es so")
            case .costLimit: ("came close to what is reserved", "kamen nahe an den reservierten Betrag")
            case .energyLimit: ("limit of energy was reached", "Energielimit")
            case .durationLimit: ("limit of time was reached", "Zeitlimit")
            case .unfunded: ("no money stands behind", "steht kein Geld mehr")
            case .holdExpires: ("reservation runs out soon", "Reservierung läuft bald ab")
            case .startedTooLate: ("after its start had been given up", "nachdem der Start aufgegeben war")
            case .notAllowed: ("may not charge", "darf nicht geladen werden")
            case .withoutEnergy: ("no energy was delivered for too long", "zu lange keine Energie")
            case .reset: ("to be restarted", "neu gestartet")
            }

        let pages = try await pages(of: cause)

        #expect(pages.english.contains("We asked the station to stop: "))
        #expect(pages.english.contains(english))
        #expect(pages.german.contains("Wir haben die Station gebeten, zu beenden: "))
        #expect(pages.german.contains(german))
    }

    @Test("of a session that nobody asked to stop it says nothing of the kind")
    func notAsked() async throws {
        #expect(try await !pages(of: nil).english.contains("We asked the station to stop"))
    }

    /// The page of a running session that was asked to stop because of this.
    private func pages(of cause: StopCause?) async throws -> (english: String, german: String) {
        let server = try await APIServer.shared()
        let (client, organisation) = try await server.tenant()
        let network = try await APINetwork(client, identity: "C-\(UUID().uuidString)")
        let (desk, now) = (server.desk, server.desk.clock.now)
        let session = try await desk.store.transaction { tx -> SessionID in
            guard let evse = try tx.find(EVSERecord.self, network.evse) else { throw Trouble("no EVSE") }
            let place = try Place(of: evse, in: tx)
            var session = SessionRecord(
                id: desk.ids.new(at: now), organisation: organisation, site: place.site.id,
                station: place.station.id, evse: evse.id, number: 1, status: .running,
                folded: SessionFixture.empty, energy: .zero, startedAt: now, lastFactAt: now, createdAt: now)
            session.stopAskedAt = cause == nil ? nil : now
            session.stopCause = cause
            try tx.insert(session)
            return session.id
        }
        let browser = try await Browser(server, key: try #require(client.key))
        let path = "/operator/sessions/\(session)"
        return (try await browser.get(path, language: "en"), try await browser.get(path, language: "de"))
    }
}

#if canImport(FoundationNetworking)
import FoundationNetworking
#endif

/// An operator's browser, signed in with a key; its cookies are its own.
private struct Browser {
    private let session = URLSession(configuration: .ephemeral)
    private let url: URL

    init(_ server: APIServer, key: String) async throws {
        url = server.url
        _ = try await send("POST", "/operator/login", language: "en", body: "key=\(key)")
    }

    func get(_ path: String, language: String) async throws -> String {
        try await send("GET", path, language: language, body: nil)
    }

    private func send(
        _ method: String, _ path: String, language: String, body: String?
    ) async throws -> String {
        var request = URLRequest(url: url.appending(path: path), timeoutInterval: 60)
        request.httpMethod = method
        request.httpBody = body.map { Data($0.utf8) }
        request.setValue(language, forHTTPHeaderField: "Accept-Language")
        if body != nil {
            request.setValue("application/x-www-form-urlencoded", forHTTPHeaderField: "Content-Type")
        }
        let (data, response) = try await session.data(for: request)
        #expect((response as? HTTPURLResponse)?.statusCode == 200, "\(path)")
        return String(decoding: data, as: UTF8.self)
    }
}
