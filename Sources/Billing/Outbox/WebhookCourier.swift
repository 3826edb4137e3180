// SPDX-License-Identifier: Apache-2.0

import Digests
import Logging
package import Quantities
package import Storage

/// Tells subscribers what happened: at least once, and per object in the order of `sequence` (api.md §3.11).
///
/// The parcel of an event is first parted into one delivery for each endpoint that wants it. The deliveries of one
/// object to one endpoint are a stream of the outbox, so the next one waits until the one before was taken or given up.
/// An endpoint that takes one event after an outage gets all others at once: a pause of half a day is for those who are away.
/// What was on its way when it came back fails for a reason that is over, and is tried again after the shortest pause.
package struct WebhookCourier: Courier {
    let desk: Desk
    let sender: any WebhookSender

    /// The destination of its parcels.
    package static let destination = "webhook"

    package init(desk: Desk, sender: any WebhookSender) {
        self.desk = desk
        self.sender = sender
    }

    package var destination: String { Self.destination }
    package var isPatient: Bool { true }

    package func deliver(_ parcel: ParcelRecord) async throws -> Delivered {
        if parcel.kind == "event" { return try await part(parcel.body) }
        guard let id = WebhookDeliveryID(parcel.body), let letter = try await prepare(id) else {
            return .done
        }
        let answer = await sender.post(letter.request)
        return try await record(answer, of: id, in: parcel)
    }

    // MARK: one delivery for each endpoint

    private func part(_ event: String) async throws -> Delivered {
        try await desk.store.transaction { tx in
            guard let event = try tx.find(EventRecord.self, event) else { return .withdrawn }
            for endpoint in try tx.webhookEndpoints(of: event.organisation) {
                guard endpoint.status == .active, endpoint.wants(event) else { continue }
                try DeliverEvent(desk: desk)(event, to: endpoint, replay: 0, in: tx)
            }
            return .done
        }
    }

    // MARK: one request

    private struct Letter: Sendable {
        let request: WebhookRequest
    }

    /// Writes down that an attempt is made, and what is sent; nil if nothing is to be sent.
    private func prepare(_ id: WebhookDeliveryID) async throws -> Letter? {
        let now = desk.clock.now
        return try await desk.store.transaction { tx in
            guard var delivery = try tx.lock(WebhookDeliveryRecord.self, id: id),
                delivery.status == .waiting
            else { return nil }
            guard let endpoint = try tx.find(WebhookEndpointRecord.self, delivery.endpoint),
                let event = try tx.find(EventRecord.self, delivery.event), endpoint.status == .active
            else {
                delivery.status = .failed
                delivery.error = "the endpoint is not active"
                delivery.nextAt = nil
                try tx.update(&delivery)
                return nil
            }
            delivery.attempts += 1
            delivery.firstSentAt = delivery.firstSentAt ?? now
            delivery.lastSentAt = now
            try tx.update(&delivery)
            return Letter(request: WebhookRequest(event, to: endpoint, as: delivery, at: now))
        }
    }

    /// Writes down what came of an attempt and ends the lease of its parcel in one transaction: whoever makes waiting
    /// deliveries due again sees either a parcel on its way or one that waits, and misses none.
    private func record(
        _ answer: WebhookAnswer, of id: WebhookDeliveryID, in parcel: ParcelRecord
    ) async throws -> Delivered {
        let now = desk.clock.now
        return try await desk.store.transaction { tx in
            guard var delivery = try tx.lock(WebhookDeliveryRecord.self, id: id),
                delivery.status == .waiting
            else { return .done }
            (delivery.answer, delivery.error) = (answer.status, answer.error)
            tx.note(.delivery, id.text)
            let next = try answer.isTaken ? nil : self.next(for: delivery, in: tx, at: now)
            if let next {
                delivery.nextAt = next
            } else {
                (delivery.status, delivery.nextAt) = (answer.isTaken ? .delivered : .failed, nil)
            }
            try tx.update(&delivery)
            _ = try tx.finish(parcel, as: next == nil ? "done" : "queued", dueAt: next)
            if answer.isTaken {
                if try tx.noteReturn(of: delivery.endpoint, at: now) {
                    try tx.hastenDeliveries(to: delivery.endpoint, at: now)
                }
            } else if next == nil {
                try giveUp(on: delivery, in: tx, at: now)
            }
            return .recorded
        }
    }

    /// When a delivery that was not taken is tried again; nil when it is given up.
    private func next(
        for delivery: WebhookDeliveryRecord, in tx: Tx, at now: Instant
    ) throws -> Instant? {
        let wasOnItsWay = try tx.noteAbsence(
            of: delivery.endpoint, sentAt: delivery.lastSentAt ?? now, at: now)
        let pause = WebhookPace.pause(after: wasOnItsWay ? 1 : delivery.attempts)
        return pause.map { now + $0 }
    }

    /// Nothing is sent there any more until a person says so; the events stay readable and can be replayed.
    private func giveUp(on delivery: WebhookDeliveryRecord, in tx: Tx, at now: Instant) throws {
        guard var endpoint = try tx.lock(WebhookEndpointRecord.self, id: delivery.endpoint),
            endpoint.status == .active
        else { return }
        (endpoint.status, endpoint.failingSince) = (.failing, now)
        try tx.update(&endpoint)
        try SendMail(desk: desk).webhookFailing(endpoint, in: tx, at: now)
        try tx.open(
            WorkItemRecord(
                id: desk.ids.new(at: now), organisation: endpoint.organisation, reason: "webhook_failing",
                object: endpoint.id.text,
                detail: "\(endpoint.url) took no event for three days; the last answer: \(delivery.outcome)",
                state: "open", openedAt: now))
    }
}

/// When a delivery is tried again: after 5 s, 30 s, 2 min, 10 min, 1 h, 4 h, then every 12 h for 3 days (api.md §3.11).
package enum WebhookPace {
    private static let pauses: [Elapsed] =
        [.seconds(5), .seconds(30), .minutes(2), .minutes(10), .hours(1), .hours(4)]
        + Array(repeating: .hours(12), count: 6)

    /// The pause after so many attempts; nil when there is no other.
    package static func pause(after attempts: Int64) -> Elapsed? {
        let index = Int(max(attempts, 1)) - 1
        return index < pauses.count ? pauses[index] : nil
    }
}

/// Puts an event on its way to one endpoint, in the caller's transaction.
struct DeliverEvent {
    let desk: Desk

    /// The delivery; nil if it was made before.
    @discardableResult
    func callAsFunction(
        _ event: EventRecord, to endpoint: WebhookEndpointRecord, replay: Int64, in tx: Tx
    ) throws -> WebhookDeliveryRecord? {
        let now = desk.clock.now
        let delivery = WebhookDeliveryRecord(
            id: desk.ids.new(at: now), of: event, to: endpoint.id, replay: replay, createdAt: now)
        guard try tx.insertIfAbsent(delivery) else { return nil }
        // The time and the name of the parcel are the event's: the stream keeps the order of the events.
        let name = "par_\(event.id.text.dropFirst(4))\(endpoint.id.text.dropFirst(4))\(replay)"
        guard let id = ParcelID(name) else { return nil }
        try tx.insert(
            ParcelRecord(
                id: id, stream: "webhook:\(endpoint.id):\(event.object)",
                destination: WebhookCourier.destination, kind: "delivery", body: delivery.id.text, dueAt: now,
                createdAt: event.createdAt))
        return delivery
    }
}

extension WebhookEndpointRecord {
    /// Whether the subscriber asked for such events. A test goes to the endpoint that it tests, and to no other.
    package func wants(_ event: EventRecord) -> Bool {
        guard event.type != EventType.webhookTest.rawValue else { return event.object == id.text }
        return types.contains { Self.fits($0, event.type) }
    }

    private static func fits(_ pattern: String, _ type: String) -> Bool {
        if pattern == "*" || pattern == type { return true }
        return pattern.hasSuffix(".*") && type.hasPrefix(pattern.dropLast(1))
    }

    /// The secrets that sign at an instant, the new one first.
    func secrets(at now: Instant) -> [String] {
        guard let oldSecret, let oldSecretUntil, now < oldSecretUntil else { return [secret] }
        return [secret, oldSecret]
    }
}

extension WebhookDeliveryRecord {
    /// How the last attempt ended, in a few words.
    var outcome: String { answer.map { "status \($0)" } ?? error ?? "none" }
}

/// What is sent to a subscriber.
package struct WebhookRequest: Sendable, Hashable {
    package let url: String
    package let headers: [String: String]
    package let body: [UInt8]

    init(
        _ event: EventRecord, to endpoint: WebhookEndpointRecord, as delivery: WebhookDeliveryRecord,
        at now: Instant
    ) {
        url = endpoint.url
        body = Array(event.body(endpoint.payload).utf8)
        headers = [
            "Content-Type": "application/json", "User-Agent": "Amptill",
            "Amptill-Event": event.id.text, "Amptill-Delivery": delivery.id.text,
            "Amptill-Signature": Self.signature(of: body, by: endpoint.secrets(at: now), at: now),
        ]
    }

    /// `t=<seconds>,v1=<hex>`, one `v1` for each secret: HMAC-SHA256 over `<t>.<body>`.
    package static func signature(of body: [UInt8], by secrets: [String], at now: Instant) -> String {
        let signed = Array("\(now.seconds).".utf8) + body
        let parts = secrets.map { "v1=" + HMACDigest.hex(of: signed, key: Array($0.utf8)) }
        return (["t=\(now.seconds)"] + parts).joined(separator: ",")
    }
}

/// What came back.
package struct WebhookAnswer: Sendable, Hashable {
    /// The HTTP status, if there was an answer within 10 seconds.
    package var status: Int64?
    /// Why there was none.
    package var error: String?

    package init(status: Int64) { self.status = status }
    package init(error: String) { self.error = error }

    /// Any 2xx counts.
    package var isTaken: Bool { status.map { (200...299).contains($0) } ?? false }
}

/// Carries a request to a subscriber; `App` gives one. It refuses private addresses unless they are allowed, follows no
/// redirect and waits 10 seconds.
package protocol WebhookSender: Sendable {
    func post(_ request: WebhookRequest) async -> WebhookAnswer
}
