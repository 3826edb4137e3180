// SPDX-License-Identifier: Apache-2.0
import Billing
import Foundation
import JSONText
import Quantities
import Storage
import Synchronization
import Testing
import Web

#if canImport(FoundationNetworking)
import FoundationNetworking
#endif

@Suite("API: streams", .timeLimit(.minutes(2)))
struct APIStreamTests {
    @Test("a stream tells the present state, every change of it, and its end")
    func checkout() async throws {
        let server = try await APIServer()
        let network = try await APINetwork(server.tenant().client, identity: "STREAM-1")
        let opened = try await server.anonymous.post(
            "/v1/checkouts", ["evse": .string(network.code)], key: "k")
        let guest = APIClient(url: server.url, key: opened["guest_token"]?.string)
        let id = opened["id"]?.string ?? ""

        let stream = EventReader(server.url.absoluteString + "/v1/checkouts/\(id)/stream", key: guest.key)
        let first = try await stream.next("checkout")
        _ = try await guest.post("/v1/checkouts/\(id)/cancel")
        let second = try await stream.next("checkout")
        let end = try await stream.next("end")

        #expect(stream.contentType == "text/event-stream; charset=utf-8")
        #expect(first.json["status"] == "quoted")
        #expect(first.id == first.json["version"]?.int64.map { String($0) })
        #expect(second.json["status"] == "cancelled")
        #expect(end.data == "{}")
        try await stream.end()
    }

    @Test("a quiet stream beats, and a browser that closes is no watcher any more")
    func heartbeat() async throws {
        let server = try await APIServer()
        let (client, organisation) = try await server.tenant()
        let network = try await APINetwork(client, identity: "STREAM-2")
        try await APICheckoutTests.runSession(at: network, of: organisation, on: server.desk)
        let id = try #require(try await client.get("/v1/sessions")["data"]?[0]?["id"]?.string)

        let stream = EventReader(server.url.absoluteString + "/v1/sessions/\(id)/stream", key: client.key)
        let first = try await stream.next("session")
        try await stream.beat()
        #expect(first.json["status"] == "running")
        #expect(server.door.hub.watcherCount == 1)
        stream.close()

        while server.door.hub.watcherCount > 0 { await Task.yield() }
    }

    @Test("a changed session is told at most once a second, and then as it is")
    func pace() async throws {
        let server = try await APIServer()
        let (client, organisation) = try await server.tenant()
        let network = try await APINetwork(client, identity: "STREAM-3")
        try await APICheckoutTests.runSession(at: network, of: organisation, on: server.desk)
        let id = try #require(try await client.get("/v1/sessions")["data"]?[0]?["id"]?.string)
        let started = ContinuousClock.now
        let stream = EventReader(server.url.absoluteString + "/v1/sessions/\(id)/stream", key: client.key)
        _ = try await stream.next("session")

        for step in 1...20 {
            try await server.desk.store.transaction { tx in
                guard var row = try tx.lock(SessionRecord.self, id: id) else { return }
                row.energy = Energy(wattHours: Int64(step) * 100)
                try tx.update(&row)
                tx.note(.session, id)
            }
        }
        var energies: [Int64] = []
        while energies.last != 2000 {
            energies.append(try await stream.next("session").json["energy_wh"]?.int64 ?? 0)
        }

        let elapsed = ContinuousClock.now - started
        #expect(energies.count <= 2 + elapsed.components.seconds, "\(energies) in \(elapsed)")
        #expect(elapsed >= .milliseconds(900))
        stream.close()
    }

    @Test("the stream of a guest's page speaks the words of the page")
    func page() async throws {
        let server = try await APIServer()
        let network = try await APINetwork(server.tenant().client, identity: "STREAM-4")
        let opened = try await server.anonymous.post(
            "/v1/checkouts", ["evse": .string(network.code)], key: "k")

        let stream = EventReader((opened["track_url"]?.string ?? "") + "/events", key: nil)
        let first = try await stream.next("session")

        let page = try await server.anonymous.get(opened["track_url"]?.string ?? "")
        #expect(first.json["state"] == "quoted")
        #expect(page.text.contains(#"data-state="quoted""#))
        #expect(page.text.contains(#"data-stream="/s/"#))
        stream.close()
        #expect(try await server.anonymous.get(server.url.absoluteString + "/s/nobody/events").status == 404)
    }

    @Test("when the server ends, its streams end")
    func shutdown() async throws {
        let server = try await APIServer()
        let (client, organisation) = try await server.tenant()
        let network = try await APINetwork(client, identity: "STREAM-5")
        try await APICheckoutTests.runSession(at: network, of: organisation, on: server.desk)
        let id = try #require(try await client.get("/v1/sessions")["data"]?[0]?["id"]?.string)
        let stream = EventReader(server.url.absoluteString + "/v1/sessions/\(id)/stream", key: client.key)
        _ = try await stream.next("session")

        server.door.hub.close()

        try await stream.end()
    }
}

/// Reads Server-Sent Events as a browser does.
final class EventReader: NSObject, URLSessionDataDelegate, Sendable {
    struct Event: Sendable {
        var name = ""
        var id: String?
        var data = ""
        /// The data; null if it is none.
        var json: JSON { (try? JSON.parse(data)) ?? .null }  // `end` carries nothing worth reading
    }

    private struct State {
        var text = ""
        var contentType: String?
        var isOver = false
    }

    private let state = Mutex(State())
    private let lines: AsyncStream<String>
    private let continuation: AsyncStream<String>.Continuation
    private let session = Mutex<URLSession?>(nil)

    init(_ address: String, key: String?) {
        (lines, continuation) = AsyncStream.makeStream(of: String.self)
        super.init()
        let session = URLSession(configuration: .ephemeral, delegate: self, delegateQueue: nil)
        self.session.withLock { $0 = session }
        guard let url = URL(string: address) else { return }
        var request = URLRequest(url: url, timeoutInterval: 60)
        if let key { request.setValue("Bearer \(key)", forHTTPHeaderField: "Authorization") }
        session.dataTask(with: request).resume()
    }

    var contentType: String? { state.withLock { $0.contentType } }

    /// The next event of that name; others are passed over.
    func next(_ name: String) async throws -> Event {
        var event = Event()
        for await line in lines {
            if line.isEmpty {
                if event.name == name { return event }
                event = Event()
            }
            let parts = line.split(separator: ":", maxSplits: 1).map(String.init)
            guard parts.count == 2 else { continue }
            let value = parts[1].trimmingCharacters(in: .whitespaces)
            switch parts[0] {
            case "event": event.name = value
            case "id": event.id = value
            case "data": event.data = value
            default: continue
            }
        }
        throw Trouble("the stream ended before \(name)")
    }

    /// Waits for a comment.
    func beat() async throws {
        for await line in lines where line.hasPrefix(":") { return }
        throw Trouble("the stream ended without a beat")
    }

    /// Waits for the end of the stream.
    func end() async throws {
        for await line in lines where line.hasPrefix("event: session") {
            throw Trouble("another event came: \(line)")
        }
    }

    func close() {
        session.withLock { $0?.invalidateAndCancel() }
    }

    func urlSession(
        _ session: URLSession, dataTask: URLSessionDataTask, didReceive response: URLResponse,
        completionHandler: @escaping (URLSession.ResponseDisposition) -> Void
    ) {
        let type = (response as? HTTPURLResponse)?.value(forHTTPHeaderField: "Content-Type")
        state.withLock { $0.contentType = type }
        completionHandler(.allow)
    }

    func urlSession(_ session: URLSession, dataTask: URLSessionDataTask, didReceive data: Data) {
        let complete = state.withLock { state in
            state.text += String(decoding: data, as: UTF8.self)
            var lines = state.text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
            state.text = lines.removeLast()
            return lines
        }
        for line in complete { continuation.yield(line) }
    }

    func urlSession(_ session: URLSession, task: URLSessionTask, didCompleteWithError error: (any Error)?) {
        continuation.finish()
    }
}
